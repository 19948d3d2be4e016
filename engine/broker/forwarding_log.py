"""A log that hands every call on to another one, for those that change some of them."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from engine.broker.log import (
    NO_ENDS,
    READ_BYTES,
    READ_RECORDS,
    Appended,
    KeyHashArray,
    Log,
    NewRecords,
    Positions,
    Reader,
)
from engine.broker.topics import OffsetRange, Topic
from engine.errors import DamagedBatchError
from engine.records.batch import Batch


class ForwardingLog(Log):
    """Another log."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def append(self, topic: str, records: pa.RecordBatch, partition: int = 0) -> Appended:
        return self._log.append(topic, records, partition)

    def append_all(self, appends: Sequence[NewRecords]) -> Iterator[Appended]:
        return self._log.append_all(appends)

    def key_hashes(self, keys: Sequence[bytes]) -> KeyHashArray:
        return self._log.key_hashes(keys)

    def offsets(self, topic: str) -> dict[int, OffsetRange]:
        return self._log.offsets(topic)

    def offset_at(self, topic: str, timestamp: int, starts: Positions) -> dict[int, int]:
        return self._log.offset_at(topic, timestamp, starts)

    def open(
        self,
        topic: Topic,
        positions: Positions,
        *,
        ends: Positions = NO_ENDS,
        max_records: int = READ_RECORDS,
        max_bytes: int = READ_BYTES,
    ) -> Reader:
        return self._log.open(topic, positions, ends=ends, max_records=max_records, max_bytes=max_bytes)

    def page(self, topic: str, partition: int, before: int, count: int, max_bytes: int = READ_BYTES) -> Batch:
        return self._log.page(topic, partition, before, count, max_bytes)

    def check(self, topic: str) -> Iterator[DamagedBatchError]:
        return self._log.check(topic)
