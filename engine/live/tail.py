"""Reads a topic into a window: its last records, then what is appended, or again from any place."""

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping

from engine.broker.broker import Broker
from engine.broker.log import READ_RECORDS
from engine.broker.read_range import Origin, Start, about_last, earliest_first
from engine.broker.topics import OffsetRange, Topic
from engine.errors import (
    BrokerUnreachableError,
    DamagedBatchError,
    DeletedTopicError,
    EngineError,
    InternalError,
    OutOfReachError,
    UnknownTopicError,
)
from engine.live.known_records import KnownRecords, RecordCount
from engine.live.snapshots import Replay
from engine.live.stats.rates import RateMeter, Throughput
from engine.live.window.limits import SCROLLBACK_ROWS
from engine.live.window.window import Window
from engine.records.batch import Batch

WAIT_SECONDS = 1.0
"""How long a wait for records lasts, and how often the start of the log is looked up."""
ROOM_SECONDS = 1.0
"""How long a replay waits for consumers before each read: one may be very slow."""
GATHER_SECONDS = 0.25
"""Between reads of a few records: what evaluates and draws them does so once for all that came.

As long as a dashboard waits between frames of a few records; with 0.1 they cost a third more of a core.
"""
FEW = 100
"""Records. More than these are read as fast as they come."""
DAMAGE_KEPT = 20
"""Damaged batches that are named."""

_LOG = logging.getLogger(__name__)


class Tail:
    """A thread that reads every partition of a topic into a window as records arrive."""

    def __init__(
        self,
        broker: Broker,
        topic: str,
        window: Window,
        wake: Callable[[], None],
        on_replaced: Callable[[Topic], None] = lambda _: None,
    ) -> None:
        """`on_replaced` is called before records of another topic of the same name are read."""
        self._broker = broker
        self._topic = topic
        self._window = window
        self._wake = wake
        self._on_replaced = on_replaced
        self._stopping = threading.Event()
        self._rate = RateMeter()
        self._lock = threading.Lock()
        self._found = broker.topics.get(topic)
        log = broker.log.offsets(topic)
        share = window.limits.rows // self._found.partitions
        self._positions = about_last(broker.log, self._found, log, share)
        self._known = KnownRecords(self._positions, log)
        self._reader = broker.log.open(self._found, self._positions)
        window.clear(self._positions)
        self._live_from = {p: held.end for p, held in broker.log.offsets(topic).items()}
        self._wanted: Start | None = None
        """Where to begin again."""
        self._replayed_from: dict[int, int] | None = None
        self._log_checked = 0.0
        self._few_until = -math.inf
        """Until when to let records gather, since a few were read; as `time.monotonic`."""
        self.lost = 0
        self.damage: tuple[str, ...] = ()
        """The newest damage, each once."""
        self.problem = ""
        """Why no records come, or empty."""
        self.notice = ""
        """What happened to the topic, in one line; or empty."""
        self._thread = threading.Thread(target=self._run, name=f"tail {topic}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stopping.set()
        self._window.notify()
        with self._lock:
            self._reader.interrupt()
        if self._thread.is_alive():
            self._thread.join()
        self._reader.close()

    def replay(self, start: Start) -> None:
        """Drop the window's records and begin again at `start`, soon."""
        with self._lock:
            self._wanted = start
            self._reader.interrupt()
        self._window.notify()

    @property
    def replaying(self) -> Replay | None:
        with self._lock:
            began, ends, positions = self._replayed_from, self._live_from, self._positions
        if began is None:
            return None
        total = sum(ends.values()) - sum(began.values())
        read = sum(min(position, ends[p]) - began[p] for p, position in positions.items())
        # Until its first records are read, positions may be before the place where the replay began.
        return Replay(read=read, total=total) if 0 <= read < total else None

    def count(self) -> RecordCount:
        """How many records the topic has, up to the last one read."""
        with self._lock:
            return self._known.count(self._positions, self._live_from)

    def offsets_from(self, start: Start, partition: int | None = None) -> dict[int, int]:
        """As `Workbench.reach` returns; with gaps, more than `SCROLLBACK_ROWS` offsets may be few records."""
        every = self._broker.log.offsets(self._topic)
        log = {p: every[p] for p in self._positions if p in every and partition in (None, p)}
        if not log:
            raise OutOfReachError(f"topic '{self._topic}' has no partition {partition}")
        first = min(offsets.start for offsets in log.values())
        if start.origin is Origin.ZERO and start.count < first:
            raise OutOfReachError(f"topic '{self._topic}' begins at offset {first:,} now")
        wanted = start.resolve(self._broker.log, self._found, log)
        if start.origin is Origin.ZERO:
            # Where an offset was removed, what follows is another one.
            wanted = {p: offset for p, offset in wanted.items() if offset == start.count}
        positions = {p: offset for p, offset in wanted.items() if offset < log[p].end}
        if not positions:
            end = max(offsets.end for offsets in log.values())
            raise OutOfReachError(f"topic '{self._topic}' ends before offset {end:,}")
        back = sum(max(self._positions[p] - offset, 0) for p, offset in positions.items())
        exact = all(offsets.exact for offsets in log.values())
        if exact and back - (self._window.end_row - self._window.first_row) > SCROLLBACK_ROWS:
            raise OutOfReachError(
                f"that is {back:,} records back; the limit is {SCROLLBACK_ROWS:,}",
                "read the topic again from there instead",
            )
        return earliest_first(self._broker.log, self._found, positions, log)

    def throughput(self) -> Throughput:
        """How fast records arrive, without those that were there at the start."""
        with self._lock:
            return self._rate.throughput()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    self._step()
                except UnknownTopicError:
                    self._follow_name()
                except BrokerUnreachableError as error:
                    # What the window has stays, and the connection comes back by itself.
                    _LOG.info("the tail of topic %s waits: %s", self._topic, error.message)
                    self._stopping.wait(WAIT_SECONDS)
        except EngineError as error:
            self._end(error)
        except Exception as error:  # noqa: BLE001 - panes would stop without saying why
            self._end(InternalError(error))

    def _step(self) -> None:
        self._refresh_log()
        self._begin_again()
        if self.replaying is not None:
            self._window.wait_for_room(READ_RECORDS, ROOM_SECONDS, unless=self._interrupted)
        if not self._interrupted():
            self._read()

    def _interrupted(self) -> bool:
        return self._stopping.is_set() or self._wanted is not None

    def _end(self, error: EngineError) -> None:
        if not self._stopping.is_set():
            _LOG.info("the tail of topic %s ends: %s", self._topic, error.message)
            self._report(error.message)

    def _report(self, problem: str) -> None:
        if problem != self.problem:
            self.problem = problem
            self._wake()

    def _read(self) -> None:
        try:
            batch = self._next_batch()
        except DamagedBatchError as damage:
            _LOG.info("skipped: %s", damage)
            self.lost += damage.stop - self._positions[damage.partition]
            self._positions[damage.partition] = damage.stop
            if damage.message not in self.damage:
                self.damage = (*self.damage, damage.message)[-DAMAGE_KEPT:]
            self._wake()
            return
        if batch is None:
            return
        self.lost += batch.lost
        with self._lock:
            self._positions[batch.partition] = batch.next_offset
            self._known.add(batch.partition, len(batch))
            self._rate.add(len(batch) - batch.index_of(self._live_from[batch.partition]))
        self._window.append(batch)
        self._wake()
        self._few_until = time.monotonic() + GATHER_SECONDS if len(batch) < FEW else -math.inf

    def _next_batch(self) -> Batch | None:
        batch = self._reader.read(0)
        if batch is not None or self._interrupted():
            return batch
        self._stopping.wait(max(self._few_until - time.monotonic(), 0))
        return self._reader.read(WAIT_SECONDS)

    def _begin_again(self) -> None:
        with self._lock:
            start, self._wanted = self._wanted, None
        if start is None:
            return
        log = self._broker.log.offsets(self._topic)
        # Waiting for an offset in the future would show nothing.
        wanted = start.resolve(self._broker.log, self._found, log)
        positions = {p: min(offset, log[p].end) for p, offset in wanted.items()}
        _LOG.info("reading topic %s again from %s", self._topic, positions)
        self._restart(positions, log)

    def _restart(self, positions: dict[int, int], log: Mapping[int, OffsetRange]) -> None:
        # Not under the lock, which drawing takes: opening may wait for a network.
        opened = self._broker.log.open(self._found, positions)
        self._window.clear(positions)
        with self._lock:
            before, self._reader = self._reader, opened
            self._live_from = {p: offsets.end for p, offsets in log.items()}
            self._replayed_from, self._positions = dict(positions), positions
            self._known.begin(positions, log)
        before.close()
        self._wake()

    def _follow_name(self) -> None:
        """The topic was deleted: read the one that has its name now from its beginning, or wait for one."""
        try:
            found = self._broker.topics.get(self._topic)
            log = self._broker.log.offsets(self._topic)
        except UnknownTopicError:
            self._report(f"{DeletedTopicError(self._topic).message}: waiting for another one of that name")
            self._stopping.wait(WAIT_SECONDS)
            return
        _LOG.info("topic %s was deleted and created again", self._topic)
        self._on_replaced(found)
        starts = {p: held.start for p, held in log.items()}
        self._found = found
        self.problem = ""
        self.notice = f"topic {self._topic} was deleted and created again: this is the new one"
        self._restart(starts, log)

    def _refresh_log(self) -> None:
        """Look up, now and then, where the log begins and which partitions it has."""
        if time.monotonic() - self._log_checked < WAIT_SECONDS:
            return
        self._log_checked = time.monotonic()
        log = self._broker.log.offsets(self._topic)
        if log.keys() != self._positions.keys():
            self._add_partitions(log)
        before, self._known.log = self._known.log, log
        if any(p not in before or before[p].start != held.start for p, held in log.items()):
            self._wake()

    def _add_partitions(self, log: Mapping[int, OffsetRange]) -> None:
        found = self._broker.topics.get(self._topic)
        if found.id != self._found.id:
            raise DeletedTopicError(self._topic)
        starts = {p: held.start for p, held in log.items() if p not in self._positions}
        _LOG.info("topic %s has more partitions: %s", self._topic, sorted(starts))
        positions = {**self._positions, **starts}
        opened = self._broker.log.open(found, positions)
        self._window.add_partitions(starts)
        with self._lock:
            before, self._reader = self._reader, opened
            self._live_from = {**self._live_from, **starts}
            if self._replayed_from is not None:
                self._replayed_from = {**self._replayed_from, **starts}
            self._found, self._positions = found, positions
            self._known.add_partitions(starts)
        before.close()
