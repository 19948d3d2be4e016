"""The headers of a batch as bytes, in the form that the guest contract asks for."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.runtime import abi

_Column: TypeAlias = "pa.Array[Any]"


def headers_of(column: _Column) -> dict[str, bytes]:
    """The field `headers` for a column of maps, possibly a slice; nothing if no record has any."""
    ends = _offsets(column)
    if column.null_count and np.diff(ends)[column.is_null().to_numpy(zero_copy_only=False)].any():
        # Arrow allows entries behind a null; the record has none.
        column = pa.array(column.to_pylist(), column.type)
        ends = _offsets(column)
    first, last = int(ends[0]), int(ends[-1])
    if first == last:
        return {}
    names = column.keys.slice(first, last - first)  # type: ignore[attr-defined]
    values = column.items.slice(first, last - first)  # type: ignore[attr-defined]
    return {
        "headers": _joined([(ends - first).tobytes(), *_strings(names), *_strings(values), _bits(values)])
    }


def _joined(arrays: list[bytes]) -> bytes:
    """The head and the arrays after it, each aligned."""
    places, at = [], abi.aligned(abi.HEADERS_HEAD.size)
    for array in arrays:
        places.append(at if array else 0)
        at += abi.aligned(len(array))
    found = bytearray(at)
    abi.HEADERS_HEAD.pack_into(found, 0, *places)
    for place, array in zip(places, arrays, strict=True):
        if array:
            found[place : place + len(array)] = array
    return bytes(found)


def _offsets(column: _Column) -> npt.NDArray[np.int32]:
    # The second buffer of a map, a string or a binary column.
    ends = column.buffers()[1]
    assert ends is not None, "it has entries"
    return np.frombuffer(memoryview(ends), np.int32, len(column) + 1, 4 * column.offset)


def _strings(column: _Column) -> tuple[bytes, bytes]:
    """i32 offsets that begin at 0, and the bytes that they divide."""
    ends = _offsets(column)
    data = column.buffers()[2]
    first, last = int(ends[0]), int(ends[-1])
    return (ends - first).tobytes(), b"" if data is None else data.slice(first, last - first).to_pybytes()


def _bits(column: _Column) -> bytes:
    """One for each value that is there; empty if all are."""
    if not column.null_count:
        return b""
    return np.packbits(column.is_valid().to_numpy(zero_copy_only=False), bitorder="little").tobytes()
