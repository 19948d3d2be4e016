"""Which outputs of two versions differ, found without looking at each record in Python."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.live.versions.output_log import KeptOutputs, OutputBlock
from engine.live.window.matcher import Rows

_Mask = npt.NDArray[np.bool_]


def outputs_at(kept: KeptOutputs, rows: Rows) -> KeptOutputs:
    """The outputs of some ascending rows alone, so that the others can be released."""
    found = []
    for block in kept.blocks:
        chosen = np.flatnonzero(np.isin(block.rows, rows))
        if len(chosen):
            records = block.batch.records.take(chosen)
            offsets = block.batch.offset_array()[chosen]
            batch = type(block.batch)(
                partition=block.batch.partition,
                records=records,
                offsets=offsets,
                next_offset=block.batch.next_offset,
            )
            found.append(OutputBlock(block.rows[chosen], batch))
    return KeptOutputs(kept.content, tuple(found))


def different_rows(old: KeptOutputs, new: KeptOutputs, rows: Rows) -> Rows:
    """Those of some ascending rows with other outputs in `new` than in `old`, as far as both are kept."""
    one, other = outputs_at(old, rows), outputs_at(new, rows)
    rows_of_one, rows_of_other = _rows(one), _rows(other)
    kept = np.intersect1d(rows_of_one, rows_of_other)
    counts = [np.searchsorted(found, (kept, kept + 1)) for found in (rows_of_one, rows_of_other)]
    same_count = np.subtract(counts[0][1], counts[0][0]) == np.subtract(counts[1][1], counts[1][0])
    alike = kept[same_count]
    here, there = outputs_at(one, alike), outputs_at(other, alike)
    different = _rows(here)[_different(here, there)]
    return np.union1d(kept[~same_count], different)


def _rows(kept: KeptOutputs) -> Rows:
    found = [block.rows for block in kept.blocks]
    return np.concatenate(found) if found else np.zeros(0, np.intp)


def _different(one: KeptOutputs, other: KeptOutputs) -> _Mask:
    """Whether the outputs at each place differ in key or value; both have as many."""
    if not one.blocks:
        return np.zeros(0, np.bool_)
    columns = zip(_columns(one), _columns(other), strict=True)
    key, value = (_unequal(a, b) for a, b in columns)
    return key | value


def _columns(kept: KeptOutputs) -> "list[pa.ChunkedArray[Any]]":
    table = pa.Table.from_batches([block.batch.records for block in kept.blocks])
    return [table.column("key"), table.column("value")]


def _unequal(one: "pa.ChunkedArray[Any]", other: "pa.ChunkedArray[Any]") -> _Mask:
    import pyarrow.compute as pc

    unequal: Any = pc.not_equal(one, other)
    null: Any = pc.not_equal(one.is_null(), other.is_null())
    mask: _Mask = unequal.fill_null(False).to_numpy() | null.to_numpy()
    return mask
