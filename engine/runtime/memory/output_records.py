"""Makes records of the outputs that a guest wrote, a column at a time."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.records.batch import SCHEMA
from engine.records.outputs import Produced
from engine.runtime.memory.output_area import ABSENT, INHERITED, Lengths, OutputColumns

_Column: TypeAlias = "pa.Array[Any]"
_KEY, _VALUE = range(2)


def produced(parts: Sequence[OutputColumns], inputs: pa.RecordBatch) -> Produced:
    """The outputs of consecutive calls as records; their sources are indices in `inputs`.

    What an output does not have of its own (its time, its headers, perhaps its key) is that of its input.
    """
    sources = _joined([part.sources for part in parts])
    lengths = [_joined([part.key_lengths for part in parts]), _joined([part.value_lengths for part in parts])]
    data = parts[0].data if len(parts) == 1 else b"".join(part.data for part in parts)
    inherited = _InputColumns(inputs, sources)
    columns = [
        _column(which, lengths, data, inherited.column(which) if INHERITED in lengths[which] else None)
        for which in (_KEY, _VALUE)
    ]
    columns += [inherited.column(index) for index in range(len(columns), len(SCHEMA))]
    return Produced(pa.record_batch(columns, schema=SCHEMA), sources)


class _InputColumns:
    """The columns of the inputs, with one row for each output."""

    def __init__(self, inputs: pa.RecordBatch, sources: Lengths) -> None:
        self._inputs = inputs
        self._count = count = len(sources)
        self._first = int(sources[0]) if count else 0
        self._in_order = bool((np.diff(sources) == 1).all())
        self._sources = sources

    def column(self, index: int) -> _Column:
        column = self._inputs.column(index)
        if self._in_order:
            return column.slice(self._first, self._count)
        if column.null_count == len(column):
            # Headers, and often keys: taking nothing takes long.
            nothing: _Column = pa.nulls(self._count, column.type)
            return nothing
        return column.take(self._sources)


def _column(which: int, lengths: list[Lengths], data: bytes, inherited: "_Column | None") -> _Column:
    """The keys, or the values, of all outputs; `inherited` has those of the inputs, if any output does."""
    own, count = lengths[which], len(lengths[which])
    if inherited is not None and np.all(own == INHERITED):
        return inherited
    found = _own(which, lengths, data)
    if inherited is None:
        return found
    places = np.where(own == INHERITED, np.arange(count, 2 * count), np.arange(count))
    return pa.concat_arrays([found, inherited]).take(places)


def _own(which: int, lengths: list[Lengths], data: bytes) -> _Column:
    own, other = lengths[which], lengths[1 - which]
    if other.max(initial=ABSENT) <= 0:
        return _binary(own, data)
    # Keys and values take turns in the data.
    both = np.empty(2 * len(own), np.int32)
    both[_KEY::2], both[_VALUE::2] = lengths
    return _binary(both, data).take(np.arange(which, len(both), 2))


def _binary(lengths: Lengths, data: bytes) -> _Column:
    """Consecutive bytes of `data`; null for a length below 0."""
    offsets = np.zeros(len(lengths) + 1, np.int32)
    present = lengths >= 0
    validity = None
    if not present.all():
        validity = pa.py_buffer(np.packbits(present, bitorder="little").data)
        lengths = np.maximum(lengths, 0)
    np.cumsum(lengths, out=offsets[1:])
    buffers = [validity, pa.py_buffer(offsets.data), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.binary(), len(lengths), buffers)


def _joined(parts: list[npt.NDArray[np.int32]]) -> npt.NDArray[np.int32]:
    if not parts:
        return np.zeros(0, np.int32)
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
