"""Ends calls that take too long or are no longer wanted, from outside the calling thread."""

import ctypes
import threading
from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple

from wasmtime import Engine, Store

from engine.runtime.abi import NO_RECORD
from engine.runtime.limits import GUEST_PATIENCE, Limits
from engine.runtime.thread_clock import Moment, ThreadClock

TICKS_PER_LIMIT = 8
SHORTEST_TICK = 0.001
LONGEST_TICK = 0.05


class EndReason(Enum):
    """Why the host ended a call."""

    RECORD_TIMEOUT = auto()
    START_TIMEOUT = auto()
    """The call took too long to reach its first record."""
    CALL_TIMEOUT = auto()
    """Only the call took long: the record that it had reached is innocent."""
    PROGRESS_WENT_BACK = auto()
    """The progress cell went back, so time limits cannot be kept."""
    INTERRUPTED = auto()


class _Spent(NamedTuple):
    """Time that was spent on something, in seconds, as far as it was observed."""

    cpu: float = 0.0
    wall: float = 0.0

    def more(self, cpu: float, wall: float) -> "_Spent":
        return _Spent(self.cpu + cpu, self.wall + wall)

    def reaches(self, limit: float) -> bool:
        return self.cpu >= limit or self.wall >= GUEST_PATIENCE * limit


_NOTHING = _Spent()


class WatchedCall:
    """The time that a running call and its current record have taken, as far as they were observed."""

    def __init__(
        self,
        limits: Limits,
        tick: float,
        cell: ctypes.c_uint32 | None,
        first: int,
        clock: Callable[[], Moment],
    ) -> None:
        """`cell` is the progress cell, None for a call without records; `first` is its first record.

        `clock` is that of the calling thread.
        """
        self.end: EndReason | None = None
        self._limits = limits
        self._tick = tick
        self._cell = cell
        self._first = first
        self._clock = clock
        self._record = NO_RECORD
        self._of_record = self._of_call = _NOTHING
        # Most calls end before they are observed: reading the clock here would cost them a tenth.
        self._observed: Moment | None = None

    def observe(self) -> EndReason | None:
        """Why the call must be ended, if it must."""
        now = self._clock()
        before = self._observed or now
        self._observed = now
        wall = now.wall - before.wall
        # Where the clock counts several threads, this one used no more than the time that passed. A process
        # that was suspended for a while must not blame the record that it was suspended at.
        step = min(now.cpu - before.cpu, wall), min(wall, 2 * self._tick)
        self._of_call = self._of_call.more(*step)
        record = NO_RECORD if self._cell is None else self._cell.value
        if record == self._record:
            self._of_record = self._of_record.more(*step)
        elif self._record != NO_RECORD and (record < self._record or record == NO_RECORD):
            return EndReason.PROGRESS_WENT_BACK
        else:
            self._record, self._of_record = record, _NOTHING
        if record == NO_RECORD:
            late = self._of_record.reaches(self._limits.start_seconds)
            return EndReason.START_TIMEOUT if late else None
        if self._of_record.reaches(self._limits.record_seconds):
            return EndReason.RECORD_TIMEOUT
        late = record > self._first and self._of_call.reaches(self._limits.call_seconds)
        return EndReason.CALL_TIMEOUT if late else None


class Watchdog:
    """Watches one SmartStream's calls, one at a time, and ends them by its engine's epoch.

    The time limit of a record starts when the progress cell is first seen to name it: a record that only
    follows slow ones in a long call is not blamed for them. Reading the cell from this thread is safe, since
    guest memory never moves (`memory_may_move`) and is released only while no call is watched.
    """

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self.calls = 0
        """Calls watched so far, the running one included."""
        self._engine = engine
        self._limits = limits
        self._tick = min(max(limits.record_seconds / TICKS_PER_LIMIT, SHORTEST_TICK), LONGEST_TICK)
        self._changed = threading.Condition(threading.Lock())
        self._call: WatchedCall | None = None
        self._asleep = False
        self._interrupted = False
        self._closed = False
        self._thread: threading.Thread | None = None

    def watch(self, engine: Engine) -> None:
        """Watch the calls into modules of another engine from now on; no call may be running."""
        with self._changed:
            self._engine = engine

    @property
    def interrupted(self) -> bool:
        return self._interrupted

    def begin(self, store: Store, cell: ctypes.c_uint32 | None = None, first: int = 0) -> bool:
        """Watch the call that the caller makes next; False if it was interrupted before it began."""
        with self._changed:
            if self._interrupted:
                return False
            if not self._limits.timed:
                return True
            self._call = WatchedCall(self._limits, self._tick, cell, first, ThreadClock())
            self.calls += 1
            store.set_epoch_deadline(1)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="smartstream watchdog", daemon=True)
                self._thread.start()
            elif self._asleep:
                self._changed.notify()
        return True

    def end(self) -> EndReason | None:
        """The call has returned or trapped; why it was ended, if it was."""
        with self._changed:
            call, self._call = self._call, None
        return call.end if call else None

    def interrupt(self) -> None:
        """End the running call, and let none begin until `take_interruption`."""
        with self._changed:
            self._interrupted = True
            self._stop(EndReason.INTERRUPTED)

    def take_interruption(self) -> None:
        with self._changed:
            self._interrupted = False

    def close(self) -> None:
        """End the thread; no call may be running."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        with self._changed:
            while not self._closed:
                before = self.calls
                if self._call is not None:
                    self._stop(self._call.observe())
                self._changed.wait(self._tick)
                if self._call is None and self.calls == before:
                    self._asleep = True
                    while self._call is None and not self._closed:
                        self._changed.wait()
                    self._asleep = False

    def _stop(self, reason: EndReason | None) -> None:
        if reason is not None and self._call is not None and self._call.end is None:
            self._call.end = reason
            self._engine.increment_epoch()
