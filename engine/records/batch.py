"""Records, and the Arrow batches of them that move through the engine."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_HEADERS = pa.map_(pa.string(), pa.binary())
_FIELDS: "list[pa.Field[Any]]" = [
    pa.field("key", pa.binary()),
    pa.field("value", pa.binary()),
    pa.field("timestamp", pa.int64(), nullable=False),
    pa.field("headers", _HEADERS),
]
SCHEMA = pa.schema(_FIELDS)
"""The columns of a record batch. A null value is a tombstone; `timestamp` is in ms since the epoch, UTC."""

_RUN = 4_096
"""Offsets that are compared at once."""

ANY_PARTITION = -1
"""In place of a partition: the record may go to any."""

Headers = tuple[tuple[str, bytes | None], ...]
"""Names with values; some brokers keep names without one."""
Offsets: TypeAlias = range | npt.NDArray[np.int64]
"""Ascending offsets: a range where they are consecutive, otherwise an array.

Records that were made of one input have the same offset.
"""


@dataclass(frozen=True, slots=True)
class Record:
    """One record, decoded."""

    partition: int
    offset: int
    timestamp: int
    """Milliseconds since the epoch, UTC."""
    key: bytes | None
    value: bytes | None
    """None is a tombstone."""
    headers: Headers = ()

    @property
    def size(self) -> int:
        """Bytes of key, value and headers."""
        headers = sum(len(name.encode()) + len(content or b"") for name, content in self.headers)
        return len(self.key or b"") + len(self.value or b"") + headers


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """Times in milliseconds since the epoch, both included."""

    first: int = -(2**63)
    last: int = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Records of one partition: the only unit that moves through the engine.

    An empty batch may still advance `next_offset`: compaction and transaction markers leave offsets without
    a record. Such a gap is not a loss.
    """

    partition: int
    records: pa.RecordBatch = field(repr=False)
    """Columns as in `SCHEMA`."""
    offsets: Offsets
    next_offset: int
    """Where reading continues: greater than every offset in the batch."""
    lost: int = 0
    """Offsets that retention or a repair removed before the reader came, directly before this batch."""

    @classmethod
    def consecutive(
        cls, partition: int, base_offset: int, records: pa.RecordBatch, *, lost: int = 0
    ) -> "Batch":
        """Records whose offsets follow each other from `base_offset` on."""
        end = base_offset + records.num_rows
        return cls(
            partition=partition, records=records, offsets=range(base_offset, end), next_offset=end, lost=lost
        )

    def __len__(self) -> int:
        return self.records.num_rows

    @property
    def first_offset(self) -> int:
        """The offset of the first record; `next_offset` in an empty batch."""
        return self.offset(0) if len(self) else self.next_offset

    def offset(self, index: int) -> int:
        return int(self.offsets[index])

    def offset_array(self) -> npt.NDArray[np.int64]:
        if isinstance(self.offsets, range):
            return np.arange(self.offsets.start, self.offsets.stop, dtype=np.int64)
        return self.offsets

    def index_of(self, offset: int) -> int:
        """The index of the first record at `offset` or later; the number of records if there is none."""
        if isinstance(self.offsets, range):
            return min(max(offset - self.offsets.start, 0), len(self))
        return int(np.searchsorted(self.offsets, offset))

    def slice(self, start: int, stop: int) -> "Batch":
        """The records from index `start` to before `stop`, without copying."""
        if start == 0 and stop == len(self):
            return self
        return Batch(
            partition=self.partition,
            records=self.records.slice(start, stop - start),
            offsets=self.offsets[start:stop],
            next_offset=self.offset(stop) if stop < len(self) else self.next_offset,
            lost=0 if start else self.lost,
        )

    def within(self, times: "TimeRange") -> "Batch":
        """The records whose timestamps are within a range."""
        stamps = self.records.column("timestamp").to_numpy()
        chosen = np.flatnonzero((stamps >= times.first) & (stamps <= times.last))
        if len(chosen) == len(self):
            return self
        return replace(self, records=self.records.take(chosen), offsets=self.offset_array()[chosen])

    def first_run(self) -> int:
        """How many records from the first one on have consecutive offsets."""
        if isinstance(self.offsets, range):
            return len(self)
        for start in range(0, len(self), _RUN):
            breaks = np.flatnonzero(np.diff(self.offsets[start : start + _RUN + 1]) != 1)
            if len(breaks):
                return start + int(breaks[0]) + 1
        return len(self)

    def runs(self) -> Iterator[tuple[int, int]]:
        """The index ranges, from a start to before a stop, within which offsets are consecutive."""
        gaps: list[int] = []
        if not isinstance(self.offsets, range):
            gaps = (np.flatnonzero(np.diff(self.offsets) != 1) + 1).tolist()
        return pairwise([0, *gaps, len(self)] if len(self) else [])

    def value(self, index: int) -> bytes | None:
        value: bytes | None = self.records.column(1)[index].as_py()
        return value

    def timestamp(self, index: int) -> int:
        """In ms since the epoch."""
        stamp: int = self.records.column("timestamp")[index].as_py()
        return stamp

    def value_view(self, index: int) -> memoryview:
        """The value of the record at `index`, without copying it; empty for a tombstone."""
        buffer = self.records.column(1)[index].as_buffer()
        return memoryview(b"" if buffer is None else buffer)

    def record(self, index: int) -> Record:
        key, value, timestamp, headers = (column[index].as_py() for column in self.records.columns)
        return Record(self.partition, self.offset(index), timestamp, key, value, tuple(headers or ()))


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def record_batch(
    values: Sequence[bytes | None],
    *,
    keys: Sequence[bytes | None] | None = None,
    timestamps: int | Sequence[int] | None = None,
    headers: Sequence[Mapping[str, bytes] | Headers | None] | None = None,
) -> pa.RecordBatch:
    """Make a record batch of `values`, all stamped now unless `timestamps` (ms) says otherwise."""
    count = len(values)
    stamp = now_ms() if timestamps is None else timestamps
    pairs = [list(h.items()) if isinstance(h, Mapping) else h for h in headers] if headers else None
    return pa.record_batch(
        [
            pa.array(keys, pa.binary()) if keys is not None else pa.nulls(count, pa.binary()),
            pa.array(values, pa.binary()),
            pa.array([stamp] * count if isinstance(stamp, int) else stamp, pa.int64()),
            pa.array(pairs, _HEADERS) if pairs else pa.nulls(count, _HEADERS),
        ],
        schema=SCHEMA,
    )


def joined(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    """At least one record batch, as a single one."""
    if len(batches) == 1:
        return batches[0]
    return pa.Table.from_batches(batches).combine_chunks().to_batches()[0]


def concatenated(*batches: Batch) -> Batch:
    """At least one batch of one partition, each directly after the one before, as a single one."""
    ranges = [batch.offsets for batch in batches if isinstance(batch.offsets, range)]
    offsets: Offsets
    if len(ranges) == len(batches) and all(one.stop == other.start for one, other in pairwise(ranges)):
        offsets = range(ranges[0].start, ranges[-1].stop)
    else:
        offsets = np.concatenate([batch.offset_array() for batch in batches])
    records = joined([batch.records for batch in batches])
    return replace(batches[0], records=records, offsets=offsets, next_offset=batches[-1].next_offset)
