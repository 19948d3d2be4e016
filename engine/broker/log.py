"""The boundary between the engine and whatever keeps the records: embedded, or a real cluster one day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from engine.records.batch import Batch

READ_RECORDS = 16_384
"""Records a read returns at most: batches of 4,000 to 16,000 records evaluate fastest."""
READ_BYTES = 2 << 20
"""Bytes of values and keys after which a read stops: above this evaluating gets slower again."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it was created."""

    name: str
    partitions: int
    created: int
    """Milliseconds since the epoch, UTC."""


@dataclass(frozen=True, slots=True)
class OffsetRange:
    """What one partition holds: offsets from `start` to before `end`."""

    start: int
    end: int


class Broker(Protocol):
    """Keeps topics and hands out batches. Every method may be called from any thread."""

    def topics(self) -> list[Topic]:
        """All topics, by name."""

    def topic(self, name: str) -> Topic:
        """One topic; `UnknownTopicError` where there is none, naming the nearest names."""

    def create_topic(self, name: str, partitions: int = 1) -> Topic:
        """Create a topic; `BrokerError` where it exists or the name cannot be one."""

    def append(self, topic: str, records: pa.RecordBatch, partition: int = 0) -> int:
        """Append records (`SCHEMA`) and return the first one's offset once all are durable.

        `RecordTooLargeError` where a record is larger than the broker takes; then none is appended.
        """

    def read(
        self,
        topic: str,
        partition: int,
        offset: int,
        max_records: int = READ_RECORDS,
        max_bytes: int = READ_BYTES,
    ) -> Batch:
        """Records from `offset` on, small appends joined into one batch; an empty batch at the end.

        At least one record is returned where there is one, however large. Where `offset` is before
        the partition's start, the batch begins at the start.
        """

    def offsets(self, topic: str, partition: int) -> OffsetRange:
        """The offsets that a partition holds now."""

    def offset_at(self, topic: str, partition: int, timestamp: int, start: int = 0) -> int:
        """The first offset, `start` or a later one, whose record is stamped `timestamp` or later.

        The partition's end where there is none. `timestamp` is in milliseconds since the epoch, UTC. Records
        have their stamps from producers: the next one may be an earlier one. In a batch that is damaged, it
        is the batch's first offset.
        """

    def wait(self, topic: str, positions: Mapping[int, int], timeout: float) -> bool:
        """Wait until any partition holds records at or after its position; whether one does.

        `positions` maps partition to offset; `timeout` is in seconds. May return False early
        (see `interrupt`), so callers loop.
        """

    def interrupt(self) -> None:
        """Make every `wait` of this process return now, so that its thread can notice it should end."""

    def close(self) -> None:
        """Finish writing and let go of every resource; waiting calls return."""
