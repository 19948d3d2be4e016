"""A broker in memory, for tests: its logs may have gaps, and it is slow or forgetful on request."""

import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.broker.broker import Broker
from engine.broker.connection import CONNECTED, Connection
from engine.broker.features import Features
from engine.broker.log import NO_ENDS, READ_BYTES, READ_RECORDS, Appended, Log, NewRecords, Positions, Reader
from engine.broker.named_consumers import NO_STATES, Claim, NamedConsumers, SavedPosition, States
from engine.broker.topics import (
    OffsetRange,
    PartitionDescription,
    Topic,
    TopicDescription,
    TopicOptions,
    Topics,
)
from engine.errors import (
    BrokerClosedError,
    BrokerError,
    BrokerUnreachableError,
    ConsumerInUseError,
    DamagedBatchError,
    DeletedTopicError,
    UnknownConsumerError,
    UnknownTopicError,
)
from engine.records.batch import SCHEMA, Batch, joined, now_ms, record_batch
from tests.contract.memory_group import MemoryGroup, SharedMemoryClaim
from tests.contract.memory_modules import MemoryModules
from tests.waiting import PATIENCE


@dataclass
class Partition:
    """The records of one partition; offsets that are not among `offsets` are gaps."""

    records: pa.RecordBatch = field(default_factory=lambda: record_batch([]))
    offsets: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    start: int = 0
    end: int = 0
    damaged: list[range] = field(default_factory=list)

    @property
    def held(self) -> OffsetRange:
        return OffsetRange(self.start, self.end, exact=len(self.offsets) == self.end - self.start)

    def keep(self, chosen: npt.NDArray[np.bool_]) -> None:
        self.records = self.records.filter(pa.array(chosen))
        self.offsets = self.offsets[chosen]

    def between(self, partition: int, first: int, stop: int, next_offset: int, lost: int = 0) -> Batch:
        """The records from one index to before another."""
        return Batch(
            partition=partition,
            records=self.records.slice(first, stop - first),
            offsets=self.offsets[first:stop],
            next_offset=next_offset,
            lost=lost,
        )


@dataclass
class MemoryTopic:
    topic: Topic
    options: TopicOptions
    partitions: list[Partition]
    positions: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    """By consumer and partition: the offset, and when it was saved."""
    states: dict[tuple[str, int], bytes] = field(default_factory=dict)


class Store:
    """All topics, under one lock."""

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.topics: dict[str, MemoryTopic] = {}
        self.ids = count(1)
        self.closed = False
        self.held_back = False
        """Whether reads find nothing for now."""
        self.answers = threading.Event()
        self.answers.set()
        self.drawing: int | None = None
        self.drawing_calls: list[str] = []

    def ask(self) -> None:
        """What each call does first: as over a network, it may wait."""
        if threading.get_ident() == self.drawing:
            self.drawing_calls.append("".join(traceback.format_stack(limit=8)))
        if not self.answers.wait(PATIENCE):
            raise BrokerUnreachableError("the broker in memory does not answer")

    @contextmanager
    def open(self) -> Iterator[None]:
        self.ask()
        with self.changed:
            if self.closed:
                raise BrokerClosedError("the broker is closed")
            yield

    def find(self, name: str) -> MemoryTopic:
        found = self.topics.get(name)
        if found is None:
            raise UnknownTopicError(f"there is no topic '{name}'")
        return found

    def partition(self, topic: str, partition: int) -> Partition:
        found = self.find(topic)
        if not 0 <= partition < len(found.partitions):
            raise BrokerError(f"topic '{topic}' has no partition {partition}")
        return found.partitions[partition]


class MemoryTopics(Topics):
    def __init__(self, store: Store) -> None:
        self._store = store

    def list(self) -> Sequence[Topic]:
        with self._store.open():
            return [found.topic for _, found in sorted(self._store.topics.items())]

    def get(self, name: str) -> Topic:
        with self._store.open():
            return self._store.find(name).topic

    def create(self, name: str, partitions: int = 1, options: TopicOptions | None = None) -> Topic:
        with self._store.open():
            if name in self._store.topics:
                raise BrokerError(f"topic '{name}' already exists")
            if not name or partitions < 1:
                raise BrokerError(f"there can be no topic '{name}' with {partitions} partitions")
            if options is not None and (options.replicas or 1) != 1:
                raise BrokerError(f"topic '{name}' cannot have {options.replicas} replicas")
            topic = Topic(name=name, partitions=partitions, id=f"id-{next(self._store.ids)}", created=None)
            logs = [Partition() for _ in range(partitions)]
            self._store.topics[name] = MemoryTopic(topic, options or TopicOptions(), logs)
            return topic

    def delete(self, name: str) -> None:
        with self._store.open():
            self._store.find(name)
            del self._store.topics[name]
            self._store.changed.notify_all()

    def describe(self, name: str | None = None) -> Sequence[TopicDescription]:
        with self._store.open():
            names = sorted(self._store.topics) if name is None else [name]
            return [_description(self._store.find(each)) for each in names]


def _description(found: MemoryTopic) -> TopicDescription:
    partitions = tuple(
        PartitionDescription(partition=number, offsets=log.held, bytes=None)
        for number, log in enumerate(found.partitions)
    )
    return TopicDescription(topic=found.topic, options=found.options, partitions=partitions)


class MemoryLog(Log):
    def __init__(self, store: Store) -> None:
        self._store = store

    def append(self, topic: str, records: pa.RecordBatch, partition: int = 0) -> Appended:
        new = NewRecords(topic=topic, partition=partition, records=records)
        return self.append_with([new], lambda: None)[0]

    def append_with(self, appends: Sequence[NewRecords], work: Callable[[], None]) -> list[Appended]:
        """Append records and then do `work`, or nothing."""
        for new in appends:
            self._check(new.records)
        with self._store.open():
            for new in appends:
                self._store.partition(new.topic, new.partition)
            work()
            return [self._append(self._store.partition(new.topic, new.partition), new) for new in appends]

    def _check(self, records: pa.RecordBatch) -> None:
        if not records.schema.equals(SCHEMA):
            raise ValueError(f"records must have the columns of SCHEMA, not {records.schema}")
        if records.column("timestamp").null_count:
            raise ValueError("every record must have a timestamp")

    def _append(self, log: Partition, new: NewRecords) -> Appended:
        first, log.end = log.end, log.end + new.records.num_rows
        log.records = joined([log.records, new.records])
        log.offsets = np.concatenate([log.offsets, np.arange(first, log.end)])
        self._store.changed.notify_all()
        return Appended(partition=new.partition, first=first, last=log.end - 1)

    def offsets(self, topic: str) -> dict[int, OffsetRange]:
        with self._store.open():
            return {p: log.held for p, log in enumerate(self._store.find(topic).partitions)}

    def offset_at(self, topic: str, timestamp: int, starts: Positions) -> dict[int, int]:
        with self._store.open():
            return {p: self._offset_at(topic, p, timestamp, start) for p, start in starts.items()}

    def _offset_at(self, topic: str, partition: int, timestamp: int, start: int) -> int:
        log = self._store.partition(topic, partition)
        stamps = log.records.column("timestamp").to_numpy()
        found = np.flatnonzero((log.offsets >= start) & (stamps >= timestamp))
        return int(log.offsets[found[0]]) if len(found) else log.end

    def open(
        self,
        topic: Topic,
        positions: Positions,
        *,
        ends: Positions = NO_ENDS,
        max_records: int = READ_RECORDS,
        max_bytes: int = READ_BYTES,
    ) -> "MemoryReader":
        with self._store.open():
            for partition in positions:
                if not 0 <= partition < topic.partitions:
                    raise BrokerError(f"topic '{topic.name}' has no partition {partition}")
        return MemoryReader(self._store, topic, positions, ends, max_records, max_bytes)

    def page(self, topic: str, partition: int, before: int, count: int, max_bytes: int = READ_BYTES) -> Batch:
        with self._store.open():
            log = self._store.partition(topic, partition)
            stop = int(np.searchsorted(log.offsets, before))
            damaged = {offset for each in log.damaged for offset in each}
            chosen = [index for index in range(stop) if int(log.offsets[index]) not in damaged][-count:]
            sizes = np.cumsum(_sizes(log.records)[chosen][::-1])
            chosen = chosen[-max(int(np.searchsorted(sizes, max_bytes, "right")), 1) :]
            return Batch(
                partition=partition,
                records=log.records.take(pa.array(chosen, pa.int64())),
                offsets=log.offsets[chosen],
                next_offset=min(before, log.end),
            )

    def check(self, topic: str) -> Iterator[DamagedBatchError]:
        with self._store.open():
            partitions = [*enumerate(self._store.find(topic).partitions)]
        for partition, log in partitions:
            for damage in sorted(log.damaged, key=lambda one: one.start):
                yield DamagedBatchError(topic, partition, damage.start, damage.stop)


def _sizes(records: pa.RecordBatch) -> npt.NDArray[np.int64]:
    """Bytes of key and value of each record."""
    rows = zip(records.column("key").to_pylist(), records.column("value").to_pylist(), strict=True)
    return np.array([len(key or b"") + len(value or b"") for key, value in rows], np.int64)


class MemoryReader(Reader):
    def __init__(
        self,
        store: Store,
        topic: Topic,
        positions: Positions,
        ends: Positions,
        max_records: int,
        max_bytes: int,
    ) -> None:
        self._store = store
        self._topic = topic
        self._positions = {p: max(offset, 0) for p, offset in positions.items()}
        self._ends = ends
        self._turns = deque(positions)
        self._max_records = max(max_records, 1)
        self._max_bytes = max_bytes
        self._interrupted = False

    def read(self, timeout: float) -> Batch | None:
        deadline = time.monotonic() + timeout
        with self._store.open():
            try:
                while not self._interrupted and not self._store.closed:
                    batch = None if self._store.held_back else self._next()
                    left = deadline - time.monotonic()
                    if batch is not None or left <= 0:
                        return batch
                    self._store.changed.wait(left)
                return None
            finally:
                self._interrupted = False

    def interrupt(self) -> None:
        with self._store.changed:
            self._interrupted = True
            self._store.changed.notify_all()

    def close(self) -> None:
        pass

    def _next(self) -> Batch | None:
        found = self._store.topics.get(self._topic.name)
        if found is None or found.topic.id != self._topic.id:
            raise DeletedTopicError(self._topic.name)
        for _ in range(len(self._turns)):
            partition = self._turns[0]
            self._turns.rotate(-1)
            batch = self._next_of(partition, found.partitions[partition])
            if batch is not None:
                self._positions[partition] = batch.next_offset
                return batch
        return None

    def _next_of(self, partition: int, log: Partition) -> Batch | None:
        position, limit = self._positions[partition], min(self._ends.get(partition, log.end), log.end)
        if position >= limit:
            return None
        start = min(max(position, log.start), limit)
        ahead = (one for one in log.damaged if start < one.stop and one.start < limit)
        damage = next(ahead, range(limit, limit))
        if start == position and damage.start <= start < limit:
            self._positions[partition] = damage.stop
            raise DamagedBatchError(self._topic.name, partition, damage.start, damage.stop)
        limit = max(min(limit, damage.start), start)
        first, stop = np.searchsorted(log.offsets, (start, limit)).tolist()
        most = min(stop, first + self._max_records)
        sizes = np.cumsum(_sizes(log.records.slice(first, most - first)))
        most = min(most, first + max(int(np.searchsorted(sizes, self._max_bytes, "right")), 1))
        next_offset = int(log.offsets[most]) if most < stop else limit
        return log.between(partition, first, most, next_offset, start - position)


class MemoryClaim(Claim):
    def __init__(
        self, consumers: "MemoryConsumers", store: Store, log: MemoryLog, consumer: str, topic: Topic
    ) -> None:
        self._log = log
        self._consumers = consumers
        self._store = store
        self._consumer = consumer
        self._topic = topic

    def positions(self) -> dict[int, int]:
        with self._store.open():
            saved = self._store.find(self._topic.name).positions
            return {p: offset for (name, p), (offset, _) in saved.items() if name == self._consumer}

    def states(self) -> dict[int, bytes]:
        with self._store.open():
            saved = self._store.find(self._topic.name).states
            return {p: state for (name, p), state in saved.items() if name == self._consumer}

    def append_and_commit(
        self, appends: Sequence[NewRecords], positions: Positions, states: States
    ) -> list[Appended]:
        return self._log.append_with(appends, lambda: self._save(positions, states))

    def commit(self, positions: Positions, states: States = NO_STATES) -> None:
        self._log.append_with([], lambda: self._save(positions, states))

    def _save(self, positions: Positions, states: States) -> None:
        with self._store.open():
            found = self._store.find(self._topic.name)
            if found.topic.id != self._topic.id:
                raise UnknownTopicError(f"there is no topic '{self._topic.name}'")
            found.positions.update(
                {(self._consumer, p): (offset, now_ms()) for p, offset in positions.items()}
            )
            for p in positions:
                found.states.pop((self._consumer, p), None)
            found.states.update({(self._consumer, p): state for p, state in states.items()})

    def close(self) -> None:
        self._consumers.claimed.discard((self._consumer, self._topic.id))


class MemoryConsumers(NamedConsumers):
    def __init__(self, store: Store, log: MemoryLog) -> None:
        self._log = log
        self._store = store
        self.claimed: set[tuple[str, str]] = set()
        self._groups: dict[tuple[str, str], MemoryGroup] = {}

    def claim(self, consumer: str, topic: str) -> MemoryClaim:
        if not consumer or "/" in consumer:
            raise BrokerError(f"a consumer cannot be called '{consumer}'")
        with self._store.open():
            found = self._store.find(topic).topic
            if (consumer, found.id) in self.claimed:
                raise ConsumerInUseError(f"consumer '{consumer}' is already running")
            self.claimed.add((consumer, found.id))
            return MemoryClaim(self, self._store, self._log, consumer, found)

    def share(self, consumer: str, topic: str) -> SharedMemoryClaim:
        with self._store.open():
            found = self._store.find(topic).topic
            group = self._groups.setdefault((consumer, found.id), MemoryGroup(found.partitions))
            return SharedMemoryClaim(group, MemoryClaim(self, self._store, self._log, consumer, found))

    def saved_positions(self) -> Sequence[SavedPosition]:
        with self._store.open():
            found = [
                SavedPosition(
                    consumer=consumer,
                    topic=name,
                    partition=partition,
                    offset=offset,
                    end=topic.partitions[partition].end,
                    committed=committed,
                )
                for name, topic in self._store.topics.items()
                for (consumer, partition), (offset, committed) in topic.positions.items()
            ]
        return sorted(found, key=lambda one: (one.consumer, one.topic, one.partition))

    def delete_positions(self, consumer: str, topic: str | None = None) -> list[str]:
        saved = self.saved_positions()
        with self._store.open():
            if topic is not None:
                self._store.find(topic)
            topics = sorted({one.topic for one in saved if one.consumer == consumer})
            chosen = [name for name in topics if topic in (None, name)]
            if not chosen:
                raise UnknownConsumerError(f"no saved position for consumer '{consumer}'")
            for found in map(self._store.find, chosen):
                if (consumer, found.topic.id) in self.claimed:
                    raise ConsumerInUseError(f"consumer '{consumer}' is already running")
                found.positions = {key: at for key, at in found.positions.items() if key[0] != consumer}
                found.states = {key: state for key, state in found.states.items() if key[0] != consumer}
            return chosen


class MemoryBroker(Broker):
    """A broker in memory. Beside the contract, it does to its logs what a cluster may do at any time."""

    topics: MemoryTopics
    log: MemoryLog
    consumers: MemoryConsumers
    modules: MemoryModules
    features = Features(transactions=True, shared_consumers=True)

    def __init__(self, name: str = "memory") -> None:
        self.name = name
        self.state = CONNECTED
        """What `connection` returns; a test may set another one."""
        self._store = Store()
        self.modules = MemoryModules(self._store.ask)
        self.topics = MemoryTopics(self._store)
        self.log = MemoryLog(self._store)
        self.consumers = MemoryConsumers(self._store, self.log)

    def connection(self) -> Connection:
        return self.state

    def close(self) -> None:
        self._store.answers.set()
        with self._store.changed:
            self._store.closed = True
            self._store.changed.notify_all()

    def compact(self, topic: str, removed: Iterable[int], partition: int = 0) -> None:
        """Remove single records: their offsets become gaps, and nothing is lost."""
        with self._store.open():
            log = self._store.partition(topic, partition)
            log.keep(~np.isin(log.offsets, list(removed)))
            self._store.changed.notify_all()

    def skip(self, topic: str, offsets: int, partition: int = 0) -> None:
        """Use up offsets without a record, as transaction markers do."""
        with self._store.open():
            self._store.partition(topic, partition).end += offsets
            self._store.changed.notify_all()

    def retain(self, topic: str, start: int, partition: int = 0) -> None:
        """Remove all records before an offset, as retention does."""
        with self._store.open():
            log = self._store.partition(topic, partition)
            log.start = max(log.start, min(start, log.end))
            log.keep(log.offsets >= log.start)
            self._store.changed.notify_all()

    def add_partitions(self, topic: str, partitions: int) -> None:
        """Let a topic have so many partitions from now on."""
        with self._store.open():
            found = self._store.find(topic)
            found.partitions += [Partition() for _ in range(found.topic.partitions, partitions)]
            found.topic = replace(found.topic, partitions=partitions)

    def damage(self, topic: str, start: int, stop: int, partition: int = 0) -> None:
        """Make the records between two offsets unreadable."""
        with self._store.open():
            self._store.partition(topic, partition).damaged.append(range(start, stop))

    @contextmanager
    def slow(self) -> Iterator[None]:
        """Let every read find nothing until the end of the block."""
        with self._store.changed:
            self._store.held_back = True
        try:
            yield
        finally:
            with self._store.changed:
                self._store.held_back = False
                self._store.changed.notify_all()

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Let every call wait until the end of the block, as for a network."""
        self._store.answers.clear()
        try:
            yield
        finally:
            self._store.answers.set()

    def watch_drawing(self) -> list[str]:
        """Note from now on where the calling thread, which draws, calls the broker."""
        self._store.drawing = threading.get_ident()
        return self._store.drawing_calls
