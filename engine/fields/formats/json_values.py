"""JSON: an object or a list, its leaves by their paths."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from engine.fields.format import LARGEST_VALUE, MOST_FIELDS, FieldReader, Format
from engine.fields.path import Path
from engine.fields.scalar import Fields, Scalar, Written, decimal, integer

# The standard library's parser, since it can leave numbers as they are written: orjson makes floats of those
# that no integer of 64 bits holds, and a row of the screen costs as much either way.


class JsonValues(Format):
    """Objects and lists, nested. Of a name that occurs twice in one the first counts, as in the SDK."""

    name = "json"

    def fields(self, value: bytes) -> Fields | None:
        if len(value) > LARGEST_VALUE or not value[:64].lstrip().startswith((b"{", b"[")):
            return None
        try:
            found = _DECODER.decode(value.decode())
            return dict(islice(_leaves(found), MOST_FIELDS)) if found else {(): _EMPTY[type(found)]}
        except (ValueError, RecursionError):
            return None

    def reader(self, sample: Sequence[bytes], only: Path | None = None) -> FieldReader:
        from engine.fields.formats.json_arrays import JsonReader

        quick, sure = JsonReader(sample, only), super().reader(sample, only)
        return lambda values: quick.read(values) or sure(values)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        found = {}
        for name, value in pairs:
            found.setdefault(name, value)
    return found


_DECODER = json.JSONDecoder(
    parse_int=integer, parse_float=decimal, parse_constant=Written, object_pairs_hook=_object
)
"""Making one takes as long as reading a small value."""


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Scalar]]:
    """`RecursionError` if it is nested too deeply."""
    steps: Iterable[tuple[str | int, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in steps:
        kind = type(inner)
        if kind is not dict and kind is not list:
            yield (*path, step), inner
        elif inner:
            yield from _leaves(inner, (*path, step))
        else:
            yield (*path, step), _EMPTY[kind]


_EMPTY: dict[type, str] = {dict: "{}", list: "[]"}
