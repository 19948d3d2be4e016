"""Ends calls that take too long or are no longer wanted, from outside the thread that makes them."""

import ctypes
import threading
import time
from dataclasses import dataclass, field
from enum import Enum, auto

from wasmtime import Engine, Store

from engine.runtime.abi import NO_RECORD
from engine.runtime.limits import Limits

TICKS_PER_LIMIT = 8
SHORTEST_TICK = 0.001
LONGEST_TICK = 0.05


class End(Enum):
    """Why a call was ended from outside."""

    RECORD = auto()
    """One record took longer than it may."""
    START = auto()
    """The call took too long to come to its first record."""
    CALL = auto()
    """The call was merely long: its last record in hand is innocent."""
    BACKWARDS = auto()
    """The progress cell went back, so time limits cannot be kept."""
    INTERRUPTED = auto()
    """Somebody asked for it."""


@dataclass(slots=True)
class _Call:
    """A call that is running, as far as it has been watched."""

    first: int
    """The first record it evaluates."""
    cell: ctypes.c_uint32 | None
    """The progress cell; None where the call evaluates no records."""
    seen: int = NO_RECORD
    in_hand: float = 0.0
    """Seconds for which `seen` is known to have been in hand."""
    total: float = 0.0
    looked: float = field(default_factory=time.monotonic)
    end: End | None = None


class Watchdog:
    """Watches one SmartStream's calls, one at a time, and ends them by its engine's epoch.

    The time limit of a record starts when the progress cell is first seen to name it: a record that is
    merely behind slow ones in a long call is not blamed for them. Reading the cell from here is safe,
    since guest memory never moves (`memory_may_move`) and is let go of only when no call is watched.
    """

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits
        self._tick = min(max(limits.record_seconds / TICKS_PER_LIMIT, SHORTEST_TICK), LONGEST_TICK)
        self._changed = threading.Condition(threading.Lock())
        self._call: _Call | None = None
        self._calls = 0
        self._asleep = False
        self._interrupted = False
        self._closed = False
        self._thread: threading.Thread | None = None

    @property
    def interrupted(self) -> bool:
        """Whether an interruption has come in and has not been taken yet."""
        return self._interrupted

    def begin(self, store: Store, cell: ctypes.c_uint32 | None = None, first: int = 0) -> bool:
        """Watch a call that the caller makes next; False where it was interrupted before it began."""
        with self._changed:
            if self._interrupted:
                return False
            if not self._limits.timed:
                return True
            self._call = _Call(first, cell)
            self._calls += 1
            store.set_epoch_deadline(1)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="smartstream watchdog", daemon=True)
                self._thread.start()
            elif self._asleep:
                self._changed.notify()
        return True

    def end(self) -> End | None:
        """The call has returned or trapped; why it was ended, if it was."""
        with self._changed:
            call, self._call = self._call, None
        return call.end if call else None

    def interrupt(self) -> None:
        """End the running call, and let none begin until `take_interruption`."""
        with self._changed:
            self._interrupted = True
            self._stop(End.INTERRUPTED)

    def take_interruption(self) -> None:
        """Let calls begin again."""
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
                before = self._calls
                if self._call is not None:
                    self._look(self._call)
                self._changed.wait(self._tick)
                if self._call is None and self._calls == before:
                    self._asleep = True
                    while self._call is None and not self._closed:
                        self._changed.wait()
                    self._asleep = False

    def _look(self, call: _Call) -> None:
        now = time.monotonic()
        # A process that was stopped for a while must not blame the record it stopped at.
        step = min(now - call.looked, 2 * self._tick)
        call.looked = now
        call.total += step
        seen = NO_RECORD if call.cell is None else call.cell.value
        if seen == call.seen:
            call.in_hand += step
        elif call.seen != NO_RECORD and (seen < call.seen or seen == NO_RECORD):
            self._stop(End.BACKWARDS)
        else:
            call.seen, call.in_hand = seen, 0.0
        if seen == NO_RECORD:
            if call.in_hand >= self._limits.start_seconds:
                self._stop(End.START)
        elif call.in_hand >= self._limits.record_seconds:
            self._stop(End.RECORD)
        elif call.total >= self._limits.call_seconds and seen > call.first:
            self._stop(End.CALL)

    def _stop(self, end: End) -> None:
        if self._call is not None and self._call.end is None:
            self._call.end = end
            self._engine.increment_epoch()
