"""Many JSON values at once, by Arrow's reader: 4 µs for 265 bytes, without the GIL; Python takes 20."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import IO, Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from engine.fields.arrays import MOST_ELEMENTS, MOST_PATHS, Array, FieldArrays, flattened
from engine.fields.format import LARGEST_VALUE
from engine.fields.path import Path

_NUMBER, _VALUE = "n", "v"
_DEEPEST = 16
_NOTHING, _BEFORE, _BETWEEN, _BEHIND, _JOINER = map(pa.scalar, (b"{}", b'{"n":', b',"v":', b"}\n", b""))
_LARGEST = pa.scalar(LARGEST_VALUE)
_TYPES: "dict[type, pa.DataType]" = {str: pa.string(), bool: pa.bool_(), float: pa.float64()}


class JsonReader:
    """Reads the fields that a sample has.

    They are given to Arrow as a schema: else it would make arrays of all fields that values have, however
    many and however deep.
    """

    def __init__(self, sample: Iterable[bytes], only: Path | None = None) -> None:
        """`only` is the one field to read; None for all."""
        found = [parsed for parsed in map(_parsed, sample) if isinstance(parsed, dict)]
        shape = _shape(found if only is None else [_reduced(one, only) for one in found])
        fields = [pa.field(_NUMBER, pa.int64()), *([] if shape is None else [pa.field(_VALUE, shape)])]
        self._options = pyarrow.json.ParseOptions(
            explicit_schema=pa.schema(fields), unexpected_field_behavior="ignore"
        )

    def read(self, values: Array) -> FieldArrays | None:
        """The fields of some values; None if one is broken, or has another type than most of the sample.

        What does not begin like an object is not of the format.
        """
        fits = np.asarray(pc.fill_null(_may_be_object(values), False))
        try:
            lines = _lines(values, fits)
            table = pyarrow.json.read_json(
                cast("IO[bytes]", pa.BufferReader(lines)),
                read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=lines.size + 1),
                parse_options=self._options,
            )
        except (pa.ArrowException, ValueError):
            return None
        # A value may pass for several, or swallow the next one.
        if not np.array_equal(table.column(_NUMBER).to_numpy(), np.arange(len(values))):
            return None
        if _VALUE not in table.column_names:
            return FieldArrays(fits=fits, columns={})
        return FieldArrays(fits=fits, columns=flattened((), pa.concat_arrays(table.column(_VALUE).chunks)))


def _may_be_object(values: Any) -> Any:
    begins = pc.match_substring_regex(values, r"^\s*\{")
    return pc.and_(begins, pc.less_equal(pc.binary_length(values), _LARGEST))


def _lines(values: Any, fits: Any) -> pa.Buffer:
    """A line per value: its number, so that none can pass for another, and itself, or an empty object."""
    whole: Any = pc.if_else(pa.array(fits), values, _NOTHING)
    for line_end in (b"\n", b"\r"):
        whole = pc.replace_substring(whole, line_end, b" ")
    numbers = pa.array(np.arange(len(values))).cast(pa.string()).cast(pa.binary())
    joined: Any = pc.binary_join_element_wise(_BEFORE, numbers, _BETWEEN, whole, _BEHIND, _JOINER)
    # Arrow's reader does not look whether texts are UTF-8.
    _, offsets, content = joined.cast(pa.string()).buffers()
    ends = np.frombuffer(offsets, np.int32)[joined.offset : joined.offset + len(joined) + 1]
    lines: pa.Buffer = content.slice(int(ends[0]), int(ends[-1] - ends[0]))
    return lines


def _parsed(value: bytes) -> Any:
    try:
        return json.loads(value.decode(), parse_int=float)
    except (ValueError, RecursionError):
        return None


def _reduced(value: Any, path: Path) -> Any:
    """A value without all that is not at a path."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [_reduced(one, rest) for one in value[:MOST_ELEMENTS]] if isinstance(value, list) else None
    return {step: _reduced(value[step], rest)} if isinstance(value, dict) and step in value else None


def _shape(values: Sequence[Any], depth: int = 0) -> "pa.DataType | None":
    """The type of some values, the most frequent one: what has another is not read. None without any."""
    kinds = Counter(type(value) for value in values if value is not None)
    if not kinds or depth == _DEEPEST:
        return None
    kind = kinds.most_common(1)[0][0]
    values = [value for value in values if type(value) is kind]
    if kind is dict:
        names = dict.fromkeys(name for value in values for name in islice(value, MOST_PATHS))
        members = {name: [value[name] for value in values if name in value] for name in names}
        shapes = ((name, _shape(inner, depth + 1)) for name, inner in islice(members.items(), MOST_PATHS))
        return pa.struct([(name, shape) for name, shape in shapes if shape is not None])
    if kind is list:
        inner = _shape([one for value in values for one in value[:MOST_ELEMENTS]], depth + 1)
        return None if inner is None else pa.list_(inner)
    return _TYPES[kind]
