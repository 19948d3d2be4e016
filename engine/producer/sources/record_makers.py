"""Ways to make records of lines."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.producer.partitioner import Partitions
from engine.records.batch import SCHEMA, now_ms


@dataclass(frozen=True, slots=True)
class Made:
    """Records made of lines, up to the first line that is not a record."""

    records: pa.RecordBatch
    partitions: Partitions | None = None
    """Where they have to go; None for any."""
    fault: str = ""
    """What is wrong with the line after them: continues a sentence that begins with the line."""
    remedy: str = ""
    offsets: npt.NDArray[np.int64] | None = None
    """Those that the input names, where they matter."""
    next_line: int = 0
    """The number of the first line of the input that is not among them."""


Maker = Callable[[pa.BinaryArray], Made]
"""Makes a record of each line."""


def value_records(lines: pa.BinaryArray) -> Made:
    """A line is a value."""
    return Made(records_of(pa.nulls(len(lines), pa.binary()), lines))


def with_key(key: bytes) -> Maker:
    """A line is a value, and all have the same key."""

    def make(lines: pa.BinaryArray) -> Made:
        return Made(records_of(pa.repeat(pa.scalar(key, pa.binary()), len(lines)), lines))

    return make


def key_and_value(separator: str) -> Maker:
    """A line is a key, the separator and a value, which may contain the separator."""

    def make(lines: pa.BinaryArray) -> Made:
        found = pc.split_pattern(lines, pattern=separator, max_splits=1)
        whole = np.flatnonzero(pc.list_value_length(found).to_numpy() != 2)
        count = int(whole[0]) if len(whole) else len(lines)
        parts = cast("pa.BinaryArray", found.slice(0, count).flatten())
        records = records_of(parts.take(np.arange(0, 2 * count, 2)), parts.take(np.arange(1, 2 * count, 2)))
        if count == len(lines):
            return Made(records)
        return Made(
            records, fault=f"has no '{separator}' between key and value", remedy="use another separator"
        )

    return make


def records_of(keys: pa.BinaryArray, values: pa.BinaryArray) -> pa.RecordBatch:
    """Records with the current time and no headers."""
    count = len(values)
    return pa.RecordBatch.from_arrays(
        [
            keys,
            values,
            pa.array(np.full(count, now_ms(), np.int64)),
            pa.nulls(count, SCHEMA.field("headers").type),
        ],
        schema=SCHEMA,
    )
