"""How large records are."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Sizes = npt.NDArray[np.int64]


def bytes_before(records: pa.RecordBatch) -> Sizes:
    """Bytes of keys and values before each record, and of all of them at the end: one more than records."""
    return _ends(records.column(0)) + _ends(records.column(1))


def _ends(column: "pa.Array[Any]") -> Sizes:
    _, ends, _ = column.buffers()
    if ends is None or not len(column):
        return np.zeros(len(column) + 1, np.int64)
    found = np.frombuffer(memoryview(ends), np.int32, len(column) + 1, 4 * column.offset)
    return found.astype(np.int64) - int(found[0])
