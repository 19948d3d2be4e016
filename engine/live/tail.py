"""Reads a topic into a window, from its last records on, or again from where it is told to."""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from engine.broker.log import Broker
from engine.broker.read_range import Origin, Span, Start
from engine.errors import (
    DamagedBatchError,
    DeletedTopicError,
    EngineError,
    InternalError,
    OutOfReachError,
    UnknownTopicError,
)
from engine.live.scrollback.reader import MOST_ROWS
from engine.live.snapshots import Replay, Throughput
from engine.live.stats.rates import RateMeter
from engine.live.window.window import Window

WAIT_SECONDS = 1.0
"""How long a wait for records lasts; where the log starts now is looked up as often."""
ROOM_SECONDS = 1.0
"""How long a replay waits for filters before each read."""

_LOG = logging.getLogger(__name__)
_INTERRUPT_SECONDS = 0.02
_LOOK_SECONDS = 0.001


class Feed:
    """A thread that reads every partition of a topic into a window as records arrive."""

    def __init__(
        self,
        broker: Broker,
        topic: str,
        window: Window,
        wake: Callable[[], None],
        room: Callable[[], bool] = lambda: True,
    ) -> None:
        """`room` says whether more records may come into the window before they have been evaluated."""
        self._broker = broker
        self._topic = topic
        self._window = window
        self._wake = wake
        self._room = room
        self._stopping = False
        self._rate = RateMeter()
        self._lock = threading.Lock()
        self._positions = self._last_records()
        window.clear(self._positions)
        self._live_from = {p: broker.offsets(topic, p).end for p in self._positions}
        self._wanted: Start | None = None
        """From where to begin again."""
        self._replayed_from: dict[int, int] | None = None
        """The offsets that the last replay began at."""
        self._starts = 0
        self._starts_looked_up = 0.0
        self.lost = 0
        """Records that were removed from the log before they were read, or that are damaged."""
        self.problem = ""
        """Why the feed ended, or empty."""
        self._thread = threading.Thread(target=self._run, name=f"feed {topic}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def close(self) -> None:
        """Stop reading."""
        self._stopping = True
        while self._thread.is_alive():
            # An interrupt just before the thread waits is lost on it.
            self._broker.interrupt()
            self._thread.join(_INTERRUPT_SECONDS)

    def replay(self, start: Start) -> None:
        """Let go of the window's records and begin again at `start`, soon."""
        with self._lock:
            self._wanted = start
        self._broker.interrupt()

    @property
    def replaying(self) -> Replay | None:
        """How far a replay has come; None where none is under way."""
        with self._lock:
            began, ends, positions = self._replayed_from, self._live_from, self._positions
        if began is None:
            return None
        total = sum(ends.values()) - sum(began.values())
        read = sum(min(position, ends[p]) - began[p] for p, position in positions.items())
        # Before the first records are read, positions are in front of where a replay would have begun.
        return Replay(read, total) if 0 <= read < total else None

    @property
    def records(self) -> int:
        """Records in the topic, up to the last one read."""
        ends = self._live_from
        return sum(max(position, ends[p]) for p, position in self._positions.items()) - self._starts

    def offsets_from(self, start: Start, partition: int | None = None) -> dict[int, int]:
        """The offsets of a place in one partition or all of them, by partition, where it holds records.

        `OutOfReachError` where none does, or they are more than `MOST_ROWS` before what is in the window.
        """
        held = {p: self._broker.offsets(self._topic, p) for p in self._positions if partition in (None, p)}
        if not held:
            raise OutOfReachError(f"topic '{self._topic}' has no partition {partition}")
        if start.origin is Origin.ZERO and all(start.count < offsets.start for offsets in held.values()):
            first = min(offsets.start for offsets in held.values())
            raise OutOfReachError(f"topic '{self._topic}' begins at offset {first:,} by now")
        wanted, _ = Span(start).resolve(held, partial(self._broker.offset_at, self._topic))
        positions = {p: offset for p, offset in wanted.items() if offset < held[p].end}
        if not positions:
            ends = max(offsets.end for offsets in held.values())
            raise OutOfReachError(f"topic '{self._topic}' ends before offset {ends:,}")
        back = sum(max(self._positions[p] - offset, 0) for p, offset in positions.items())
        if back - (self._window.end_row - self._window.first_row) > MOST_ROWS:
            raise OutOfReachError(
                f"that is {back:,} records back, and the last {MOST_ROWS:,} can be gone to",
                "read the topic again from there instead",
            )
        return positions

    def throughput(self) -> Throughput:
        """How fast records arrive; those that were there at the start do not count."""
        with self._lock:
            return self._rate.throughput()

    def _last_records(self) -> dict[int, int]:
        partitions = self._broker.topic(self._topic).partitions
        share = self._window.limits.rows // partitions
        ranges = {p: self._broker.offsets(self._topic, p) for p in range(partitions)}
        return {p: max(r.start, r.end - share) for p, r in ranges.items()}

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._look_up_starts()
                self._begin_again()
                self._wait_for_room()
                if not self._read_all():
                    self._broker.wait(self._topic, self._positions, WAIT_SECONDS)
        except UnknownTopicError:
            self._give_up(DeletedTopicError(self._topic).message)
        except EngineError as error:
            self._give_up(error.message)
        except Exception as error:  # noqa: BLE001 - a pane that stands still would not say why
            self._give_up(InternalError(error).message)

    def _give_up(self, why: str) -> None:
        if not self._stopping:
            _LOG.info("the feed of topic %s ends: %s", self._topic, why)
            self.problem = why
            self._wake()

    def _read_all(self) -> bool:
        """Read once from each partition; whether there was anything."""
        found = False
        for partition, position in self._positions.items():
            try:
                batch = self._broker.read(self._topic, partition, position)
            except DamagedBatchError as damage:
                _LOG.info("passed over: %s", damage)
                self._positions[partition] = damage.stop
                self.lost += damage.stop - position
                self._wake()
                found = True
                continue
            if batch.next_offset <= position:
                continue
            found = True
            self._positions[partition] = batch.next_offset
            self.lost += batch.lost
            with self._lock:
                self._rate.add(len(batch) - batch.index_of(self._live_from[partition]))
            self._window.append(batch)
            self._wake()
        return found

    def _begin_again(self) -> None:
        """Go to where a replay is to begin, if one is wanted."""
        with self._lock:
            start, self._wanted = self._wanted, None
        if start is None:
            return
        held = {p: self._broker.offsets(self._topic, p) for p in self._positions}
        positions, _ = Span(start).resolve(held, partial(self._broker.offset_at, self._topic))
        # An offset that is yet to come is no place to wait for.
        positions = {p: min(offset, held[p].end) for p, offset in positions.items()}
        _LOG.info("topic %s is read again from %s", self._topic, positions)
        self._window.clear(positions)
        with self._lock:
            self._live_from = {p: offsets.end for p, offsets in held.items()}
            self._replayed_from, self._positions = dict(positions), positions
        self._wake()

    def _wait_for_room(self) -> None:
        """Let filters keep up with a replay, but not for ever: one may be very slow."""
        deadline = time.monotonic() + ROOM_SECONDS
        while self.replaying is not None and not self._room():
            if self._stopping or self._wanted is not None or time.monotonic() > deadline:
                return
            time.sleep(_LOOK_SECONDS)

    def _look_up_starts(self) -> None:
        if time.monotonic() - self._starts_looked_up >= WAIT_SECONDS:
            self._starts_looked_up = time.monotonic()
            before = self._starts
            self._starts = sum(self._broker.offsets(self._topic, p).start for p in self._positions)
            if self._starts != before:
                self._wake()
