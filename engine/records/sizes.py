"""The sizes of records, and batches within limits."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.records.batch import Batch


def within(batch: Batch, max_records: int, max_bytes: int, *, newest: bool = False) -> Batch:
    """The first or the newest records of a batch within what a read returns, but at least one record."""
    count = min(len(batch), max_records)
    start = len(batch) - count if newest else 0
    if count and batch.records.nbytes > max_bytes:
        sizes = record_sizes(batch.records.slice(start, count))
        summed = np.cumsum(sizes[::-1] if newest else sizes)
        count = max(int(np.searchsorted(summed, max_bytes, "right")), 1)
        start = len(batch) - count if newest else 0
    return batch.slice(start, start + count)


def record_sizes(records: pa.RecordBatch) -> npt.NDArray[np.int64]:
    """Bytes of each record: key, value and headers."""
    keys, values, _, headers = records.columns
    return _binary_sizes(keys) + _binary_sizes(values) + _header_sizes(headers)


def bytes_before(records: pa.RecordBatch) -> npt.NDArray[np.int64]:
    """Bytes before each record, and of all of them at the end: one more than records."""
    return np.concatenate(([0], np.cumsum(record_sizes(records))))


def _offsets(array: "pa.Array[Any]") -> npt.NDArray[np.int64]:
    buffer = array.buffers()[1]
    assert buffer is not None
    every = np.frombuffer(memoryview(buffer), np.int32, count=array.offset + len(array) + 1)
    offsets: npt.NDArray[np.int64] = every[array.offset :].astype(np.int64)
    return offsets


def _binary_sizes(array: "pa.Array[Any]") -> npt.NDArray[np.int64]:
    if array.null_count == len(array):
        return np.zeros(len(array), np.int64)
    return np.diff(_offsets(array))


def _header_sizes(array: "pa.Array[Any]") -> npt.NDArray[np.int64]:
    if array.null_count == len(array):
        return np.zeros(len(array), np.int64)
    assert isinstance(array, pa.MapArray)
    pairs = _binary_sizes(array.keys) + _binary_sizes(array.items)
    before = np.concatenate(([0], np.cumsum(pairs)))
    return np.diff(before[_offsets(array)])
