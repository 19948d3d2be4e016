"""The log of a Kafka cluster."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.broker.kafka.appends import Appender, check_records
from engine.broker.kafka.clients import Clients
from engine.broker.kafka.key_hash import murmur2
from engine.broker.kafka.offsets import clamped, offset_ranges, offsets_of_time
from engine.broker.kafka.pages import Pages
from engine.broker.kafka.reader import KafkaReader
from engine.broker.kafka.topics import KafkaTopics
from engine.broker.log import (
    NO_ENDS,
    READ_BYTES,
    READ_RECORDS,
    Appended,
    Log,
    NewRecords,
    Positions,
)
from engine.broker.topics import OffsetRange, Topic
from engine.errors import DamagedBatchError
from engine.records.batch import Batch


class KafkaLog(Log):
    """The `Log` of a cluster."""

    def __init__(self, clients: Clients, topics: KafkaTopics, max_record_bytes: int) -> None:
        self._clients = clients
        self._topics = topics
        self._max_record_bytes = max_record_bytes
        self._appender = Appender(clients, topics, max_record_bytes)
        self._pages = Pages(clients)

    def append(self, topic: str, records: pa.RecordBatch, partition: int = 0) -> Appended:
        # Not atomic: records of other producers may come between, and single records may be refused.
        if not records.num_rows:
            check_records(records, self._max_record_bytes)
            self._topics.get(topic).check_partition(partition)
            end = offset_ranges(self._clients, topic, [partition])[partition].end
            return Appended(partition=partition, first=end, last=end - 1)
        (appended,) = self._appender.append([NewRecords(topic=topic, partition=partition, records=records)])
        return appended

    def append_all(self, appends: Sequence[NewRecords]) -> Iterator[Appended]:
        # Of all partitions at once: each answer takes as long as the slowest replica.
        return iter(self._appender.append([new for new in appends if new.records.num_rows]))

    def key_hashes(self, keys: Sequence[bytes]) -> npt.NDArray[np.int64]:
        return murmur2(keys)

    def offsets(self, topic: str) -> dict[int, OffsetRange]:
        return offset_ranges(self._clients, topic, range(self._topics.get(topic).partitions))

    def offset_at(self, topic: str, timestamp: int, starts: Positions) -> dict[int, int]:
        known = self._topics.get(topic)
        for partition in starts:
            known.check_partition(partition)
        held = offset_ranges(self._clients, topic, starts)
        # Negative times have a meaning of their own there, as negative offsets do.
        found = offsets_of_time(self._clients, topic, clamped(timestamp), starts)
        answers = {}
        for partition, start in starts.items():
            end, first = held[partition].end, found[partition]
            start = max(start, held[partition].start)
            if first is None or start >= end:
                answers[partition] = end
            elif first >= start:
                answers[partition] = min(first, end)
            else:
                answers[partition] = self._pages.first(topic, partition, start, timestamp, end)
        return answers

    def open(
        self,
        topic: Topic,
        positions: Positions,
        *,
        ends: Positions = NO_ENDS,
        max_records: int = READ_RECORDS,
        max_bytes: int = READ_BYTES,
    ) -> KafkaReader:
        self._clients.check_open()
        for partition in positions:
            topic.check_partition(partition)
        return KafkaReader(self._clients, topic, positions, ends, max_records, max_bytes)

    def page(self, topic: str, partition: int, before: int, count: int, max_bytes: int = READ_BYTES) -> Batch:
        self._topics.get(topic).check_partition(partition)
        return self._pages.page(topic, partition, before, count, max_bytes)

    def check(self, topic: str) -> Iterator[DamagedBatchError]:
        known = self._topics.get(topic)
        held = self.offsets(topic)
        ends = {partition: offsets.end for partition, offsets in held.items()}
        positions = {partition: offsets.start for partition, offsets in held.items()}
        with self.open(known, positions, ends=ends) as reader:
            while any(position < ends[partition] for partition, position in positions.items()):
                try:
                    batch = reader.read(1)
                except DamagedBatchError as damage:
                    positions[damage.partition] = damage.stop
                    yield damage
                    continue
                if batch is not None:
                    positions[batch.partition] = batch.next_offset

    def close(self) -> None:
        """Finish appending and free the consumers of pages. May be called again."""
        self._appender.close()
        self._pages.close()
