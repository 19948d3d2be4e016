"""The fields of many values at once, as Arrow arrays."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.fields.path import Path
from engine.fields.scalar import Fields, Scalar, number_of, scalar_text
from engine.fields.times import CLF_TIME, time_of

MOST_PATHS = 200
"""Different fields of all values; further ones are left out."""
MOST_ELEMENTS = 4
"""Of one list, the first: each is a field of its own."""

TIME = pa.timestamp("ms")
"""UTC."""

_NUMBER = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"

Array: TypeAlias = "pa.Array[Any]"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FieldArrays:
    """What some values consist of."""

    fits: npt.NDArray[np.bool_]
    """Which values are of the format."""
    columns: Mapping[Path, Array]
    """By field, an entry per value: a number (float64), a time (`TIME`) or a text; null if there is none."""


def one_by_one(fields: Callable[[bytes], Fields | None]) -> "Callable[[Array], FieldArrays]":
    """A `FieldReader` that takes values apart one by one."""
    return lambda values: _from_fields(
        [None if value is None else fields(value) for value in values.to_pylist()]
    )


def _from_fields(rows: Sequence[Fields | None]) -> FieldArrays:
    paths: dict[Path, list[Scalar]] = {}
    for index, row in enumerate(rows):
        for path, value in (row or {}).items():
            if path not in paths:
                if len(paths) == MOST_PATHS or any(
                    isinstance(step, int) and step >= MOST_ELEMENTS for step in path
                ):
                    continue
                paths[path] = [None] * len(rows)
            paths[path][index] = value
    fits = np.fromiter((row is not None for row in rows), np.bool_, len(rows))
    return FieldArrays(fits=fits, columns={path: _column(path, values) for path, values in paths.items()})


def _column(path: Path, values: Sequence[Scalar]) -> Array:
    numbers = [None if value is None else number_of(value) for value in values]
    if all(number is not None or value is None for number, value in zip(numbers, values, strict=True)):
        return pa.array(numbers, pa.float64())
    times = [None if value is None else time_of(path, value) for value in values]
    if all(time is not None or value is None for time, value in zip(times, values, strict=True)):
        return pa.array(times, pa.float64()).cast(pa.int64(), safe=False).cast(TIME)
    texts = [None if value is None else _encodable(scalar_text(value)) for value in values]
    return pa.array(texts, pa.string())


def _encodable(text: str) -> str:
    """A text without what JSON can escape and UTF-8 cannot hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def flattened(path: Path, array: Array) -> dict[Path, Array]:
    """The leaves of nested arrays, as in `FieldArrays.columns`."""
    kind = array.type
    if pa.types.is_struct(kind):
        found: dict[Path, Array] = {}
        for index, inner in enumerate(array.flatten()):  # type: ignore[attr-defined]
            found |= flattened((*path, kind.field(index).name), inner)
        return found
    if pa.types.is_list(kind):
        found = {}
        for index in range(MOST_ELEMENTS):
            found |= flattened((*path, index), _elements(array, index))
        return found
    return {path: _plain(path, array)}


def _elements(lists: Any, index: int) -> Array:
    lengths = np.asarray(pc.fill_null(pc.list_value_length(lists), 0))
    starts = np.asarray(lists.offsets)[:-1]
    elements: Array = lists.values.take(pa.array(starts + index, mask=lengths <= index))
    return elements


def _plain(path: Path, array: Array) -> Array:
    """Numbers, times or text."""
    if pa.types.is_boolean(array.type):
        return array.cast(pa.string())
    return times_in(path, array)


def numbers_in(texts: Array) -> Array:
    """Texts as numbers, if all of them are written as JSON writes numbers."""
    matches: Any = pc.match_substring_regex(texts, _NUMBER)
    return texts.cast(pa.float64()) if pc.all(matches, min_count=0).as_py() else texts


def times_in(path: Path, texts: Array) -> Array:
    """Texts as times, if all of them are."""
    present = texts.drop_null()
    if not pa.types.is_string(texts.type) or not len(present) or time_of(path, present[0].as_py()) is None:
        return texts
    points: Any = pc.replace_substring(texts, ",", ".")
    for cast in _TIME_CASTS:
        with suppress(pa.ArrowInvalid):
            times: Array = cast(points).cast(TIME)
            return times
    return texts


_TIME_CASTS: tuple[Callable[[Any], Any], ...] = (
    lambda texts: texts.cast(TIME),
    lambda texts: texts.cast(pa.timestamp("ms", "UTC")),
    lambda texts: pc.strptime(texts, format=CLF_TIME, unit="ms"),
)
"""Without a zone, with one, and as web servers write it."""
