"""The log of a broker: records are appended to the partitions of topics, and read from any offset."""

import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.broker.topics import OffsetRange, Topic
from engine.errors import DamagedBatchError
from engine.records.batch import SCHEMA, Batch

READ_RECORDS = 16_384
"""Records that a read returns at most: batches of 4,000 to 16,000 records evaluate fastest."""
READ_BYTES = 2 << 20
"""Bytes of keys, values and headers after which a read stops: larger batches evaluate more slowly."""

Positions = Mapping[int, int]
"""An offset per partition."""
KeyHashArray = npt.NDArray[np.int64] | npt.NDArray[np.uint64]
NO_ENDS: Positions = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """Where appended records are: offsets `first` to `last`. Without records `last` is before `first`."""

    partition: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecords:
    """Records to append to one partition."""

    topic: str
    partition: int
    records: pa.RecordBatch = field(repr=False)
    """Columns as in `SCHEMA`."""


class Reader(ABC):
    """Reads partitions of one topic in turn: a context manager.

    One thread reads; any thread may interrupt.
    """

    @abstractmethod
    def read(self, timeout: float) -> Batch | None:
        """The next records of a partition, waiting up to `timeout` seconds for some; None if none came.

        A batch begins at the partition's position, and its `next_offset` is the next position. It may be
        empty and still move on: past offsets that have no record, or that retention has removed, which
        `lost` counts.

        `DeletedTopicError` once the topic is deleted, even if another one has its name. `DamagedBatchError`
        if stored records are not those that were written; the next read continues after them.
        `BrokerClosedError` once the broker is closed.
        """

    @abstractmethod
    def interrupt(self) -> None:
        """Make the read that is under way return None soon, or else the next one."""

    @abstractmethod
    def close(self) -> None:
        """Free what the reader holds; no read may be under way. May be called again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Log(ABC):
    """The records of all topics. Every method may be called from any thread.

    Offsets rise and are never used again. They may have gaps, since a broker may remove single records.
    `UnknownTopicError` for a topic that does not exist, `BrokerError` for a partition that does not.
    """

    @abstractmethod
    def append(self, topic: str, records: pa.RecordBatch, partition: int = 0) -> Appended:
        """Append records (`SCHEMA`), and return once the broker has acknowledged all of them.

        `RecordTooLargeError` if one is larger than the broker takes; `NoRoomError` if the disk is full.
        `ValueError` if the columns are others, or a record has no timestamp.
        """

    def append_all(self, appends: Sequence[NewRecords]) -> Iterator[Appended]:
        """Append records to several partitions; where each is, once the broker has acknowledged it."""
        for new in appends:
            yield self.append(new.topic, new.records, new.partition)

    def key_hashes(self, keys: Sequence[bytes]) -> KeyHashArray:
        """A number of each key, not negative: its records go to the partition that is the remainder.

        Every producer of a broker has to choose the same, from every process and at all times.
        """
        return np.array([zlib.crc32(key) for key in keys], np.int64)

    @abstractmethod
    def offsets(self, topic: str) -> dict[int, OffsetRange]:
        """What each partition holds now."""

    @abstractmethod
    def offset_at(self, topic: str, timestamp: int, starts: Positions) -> dict[int, int]:
        """Per partition in `starts`, the first offset from there on of a record at or after a time.

        The end of the partition if there is none. `timestamp` is in milliseconds since the epoch, UTC. It is
        the producer's, so timestamps need not rise with offsets. Where records are damaged, their first
        offset counts as found.
        """

    @abstractmethod
    def open(
        self,
        topic: Topic,
        positions: Positions,
        *,
        ends: Positions = NO_ENDS,
        max_records: int = READ_RECORDS,
        max_bytes: int = READ_BYTES,
    ) -> Reader:
        """Read partitions from `positions` on, each to before its end in `ends`, if it has one.

        A position before what the partition holds begins at its start, and counts as lost; one after it
        waits for that offset. A batch has at most `max_records` records and about `max_bytes` bytes, but at
        least one record.
        """

    @abstractmethod
    def page(self, topic: str, partition: int, before: int, count: int, max_bytes: int = READ_BYTES) -> Batch:
        """The last `count` records before an offset; fewer if there are no more, or they are too large.

        With more than about `max_bytes` bytes it has the newest ones only, but at least one record. Damaged
        records are left out, so its offsets may have gaps. Its next offset is not after `before`.
        """

    @abstractmethod
    def check(self, topic: str) -> Iterator[DamagedBatchError]:
        """Read everything that a topic holds; what is missing or damaged, by partition and offset."""


def check_columns(records: pa.RecordBatch) -> None:
    """`ValueError` for other columns than those of `SCHEMA`, or a record without a timestamp."""
    if not records.schema.equals(SCHEMA):
        raise ValueError(f"records must have the columns of SCHEMA, not {records.schema}")
    if records.column("timestamp").null_count:
        raise ValueError("every record must have a timestamp")
