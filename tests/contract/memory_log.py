"""The log of a broker in memory, and reading it."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa

from engine.broker.log import NO_ENDS, READ_BYTES, READ_RECORDS, Appended, Log, NewRecords, Positions, Reader
from engine.broker.topics import OffsetRange, Topic
from engine.errors import BrokerError, DamagedBatchError, DeletedTopicError
from engine.records.batch import SCHEMA, Batch, joined
from tests.contract.memory_store import Partition, Store, data_sizes


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
            sizes = np.cumsum(data_sizes(log.records)[chosen][::-1])
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
        sizes = np.cumsum(data_sizes(log.records.slice(first, most - first)))
        most = min(most, first + max(int(np.searchsorted(sizes, self._max_bytes, "right")), 1))
        next_offset = int(log.offsets[most]) if most < stop else limit
        return log.between(partition, first, most, next_offset, start - position)
