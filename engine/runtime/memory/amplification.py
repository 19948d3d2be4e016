"""Bounds what a guest makes of one record by giving its key or value to many outputs."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.runtime.memory.columns import Columns
from engine.runtime.memory.output_area import INHERITED, Lengths, OutputColumns


class Bounded(NamedTuple):
    """The outputs of a call without those of records that have too many."""

    outputs: OutputColumns
    refused: dict[int, int]
    """The bytes that the outputs of a record inherit, by its index, where they are too many."""


def bounded(outputs: OutputColumns, columns: Columns, limit: int) -> Bounded:
    """Refuse records whose outputs inherit more than `limit` bytes, and more than the record has.

    The area bounds only what outputs have of their own.
    """
    sources = outputs.sources
    keys, values = (_sizes(columns, name)[sources] for name in ("key_offsets", "value_offsets"))
    inherited = np.where(outputs.key_lengths == INHERITED, keys, 0)
    inherited += np.where(outputs.value_lengths == INHERITED, values, 0)
    total = int(inherited.sum())
    if total <= limit:
        return Bounded(replace(outputs, inherited=total), {})
    starts = np.flatnonzero(np.diff(sources, prepend=-1))
    of_record = np.add.reduceat(inherited, starts)
    over = of_record > np.maximum(limit, (keys + values)[starts])
    refused = dict(zip(sources[starts[over]].tolist(), of_record[over].tolist(), strict=True))
    kept = _without(outputs, ~np.isin(sources, sources[starts[over]]))
    return Bounded(replace(kept, inherited=total - sum(refused.values())), refused)


def _sizes(columns: Columns, name: str) -> npt.NDArray[np.int64]:
    """The bytes of each record's key or value."""
    if name not in columns:
        return np.zeros(len(columns["verdicts"]), np.int64)
    return np.diff(np.frombuffer(columns[name], np.int32)).astype(np.int64)


def _without(outputs: OutputColumns, kept: npt.NDArray[np.bool_]) -> OutputColumns:
    if kept.all():
        return outputs
    keys: Lengths = np.maximum(outputs.key_lengths, 0)
    own = keys + np.maximum(outputs.value_lengths, 0)
    data = np.frombuffer(outputs.data, np.uint8)[np.repeat(kept, own)].tobytes()
    return OutputColumns(
        sources=outputs.sources[kept],
        key_lengths=outputs.key_lengths[kept],
        value_lengths=outputs.value_lengths[kept],
        data=data,
    )
