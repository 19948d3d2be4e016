"""Many log lines at once: Arrow calls RE2 itself, without the GIL."""

from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.fields.arrays import Array, FieldArrays, numbers_in, times_in
from engine.fields.format import LARGEST_VALUE
from engine.fields.path import Path

_EMPTY = pa.scalar("")
_LARGEST = pa.scalar(LARGEST_VALUE)


def read_lines(values: Array, patterns: tuple[str, ...]) -> FieldArrays | None:
    """The named groups of the first pattern that matches each value; None if a value is not UTF-8."""
    short: Any = pc.less_equal(pc.binary_length(cast("pa.BinaryArray", values)), _LARGEST)
    try:
        texts: Any = pc.if_else(short, values, pa.scalar(None, pa.binary())).cast(pa.string())
    except pa.ArrowInvalid:
        return None
    fits = np.zeros(len(values), np.bool_)
    columns: dict[Path, Any] = {}
    nothing: Any = pa.array([None] * len(values), pa.string())
    for pattern in patterns:
        found: Any = pc.extract_regex(texts, pattern)
        here = np.asarray(found.is_valid()) & ~fits
        for index in range(found.type.num_fields):
            path, part = (found.type.field(index).name,), found.field(index)
            known = pc.fill_null(pc.and_(pa.array(here), pc.not_equal(part, _EMPTY)), False)
            columns[path] = pc.if_else(known, part, columns.get(path, nothing))
        fits |= here
    present = {path: array for path, array in columns.items() if array.null_count < len(array)}
    return FieldArrays(
        fits=fits, columns={path: times_in(path, numbers_in(array)) for path, array in present.items()}
    )
