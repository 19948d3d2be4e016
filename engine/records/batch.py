"""Records, and the Arrow batches of them that move through the engine."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

_FIELDS: "list[pa.Field[Any]]" = [
    pa.field("key", pa.binary()),
    pa.field("value", pa.binary(), nullable=False),
    pa.field("timestamp", pa.int64(), nullable=False),
    pa.field("headers", pa.map_(pa.string(), pa.binary())),
]
SCHEMA = pa.schema(_FIELDS)
"""The columns of a record batch; `timestamp` is in milliseconds since the epoch, UTC."""

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One record, decoded for a person to read or for `-O json`."""

    partition: int
    offset: int
    timestamp: int
    """Milliseconds since the epoch, UTC."""
    key: bytes | None
    value: bytes
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one partition with consecutive offsets: the only unit that moves through the engine."""

    partition: int
    base_offset: int
    """The offset of the first record."""
    records: pa.RecordBatch = field(repr=False)
    """Columns as in `SCHEMA`."""

    def __len__(self) -> int:
        return self.records.num_rows

    @property
    def next_offset(self) -> int:
        """The offset after the last record's."""
        return self.base_offset + len(self)

    def slice(self, start: int, stop: int) -> "Batch":
        """The records from index `start` to before `stop`, without copying."""
        return Batch(self.partition, self.base_offset + start, self.records.slice(start, stop - start))

    def value(self, index: int) -> bytes:
        """The value of the record at `index`."""
        value: bytes = self.records.column(1)[index].as_py()
        return value

    def value_view(self, index: int) -> memoryview:
        """The value of the record at `index`, without copying it."""
        return memoryview(self.records.column(1)[index].as_buffer())

    def record(self, index: int) -> Record:
        """The record at `index`, decoded."""
        key, value, timestamp, headers = (column[index].as_py() for column in self.records.columns)
        return Record(
            self.partition, self.base_offset + index, timestamp, key, value, tuple(headers) if headers else ()
        )


def now_ms() -> int:
    """The time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def record_batch(
    values: Sequence[bytes],
    *,
    keys: Sequence[bytes | None] | None = None,
    timestamps: int | Sequence[int] | None = None,
    headers: Sequence[Mapping[str, bytes] | Headers | None] | None = None,
) -> pa.RecordBatch:
    """Make a record batch of `values`, all stamped now unless `timestamps` (ms) says otherwise."""
    count = len(values)
    stamp = now_ms() if timestamps is None else timestamps
    stamps = [stamp] * count if isinstance(stamp, int) else stamp
    pairs = [list(h.items()) if isinstance(h, Mapping) else h for h in headers] if headers else None
    return pa.record_batch(
        [
            pa.array(keys, pa.binary()) if keys is not None else pa.nulls(count, pa.binary()),
            pa.array(values, pa.binary()),
            pa.array(stamps, pa.int64()),
            pa.array(pairs, SCHEMA.field("headers").type)
            if pairs is not None
            else pa.nulls(count, SCHEMA.field("headers").type),
        ],
        schema=SCHEMA,
    )


def joined(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    """At least one record batch, as a single one."""
    if len(batches) == 1:
        return batches[0]
    return pa.Table.from_batches(batches).combine_chunks().to_batches()[0]
