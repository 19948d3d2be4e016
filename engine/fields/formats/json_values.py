"""JSON: an object or a list, its leaves by their paths."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from engine.fields.format import LARGEST_VALUE, MOST_FIELDS, Fields, Format
from engine.fields.path import Path
from engine.fields.scalar import Scalar, Written, decimal, integer

# The standard library's parser, since it can leave numbers as they are written: orjson makes floats of those
# that no integer of 64 bits holds, and a row of the screen costs as much either way.


class JsonValues(Format):
    """Objects and lists, nested. Of a name that occurs twice in one the first counts, as in the SDK."""

    name = "json"

    def fields(self, value: bytes) -> Fields | None:
        if len(value) > LARGEST_VALUE or not value[:64].lstrip().startswith((b"{", b"[")):
            return None
        try:
            found = json.loads(
                value.decode(),
                parse_int=integer,
                parse_float=decimal,
                parse_constant=Written,
                object_pairs_hook=_object,
            )
        except (ValueError, RecursionError):
            return None
        return dict(islice(_leaves(found), MOST_FIELDS))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        found = {}
        for name, value in pairs:
            found.setdefault(name, value)
    return found


def _leaves(value: Any) -> Iterator[tuple[Path, Scalar]]:
    """Without recursion: values may be nested as deep as the parser goes."""
    waiting: list[Iterator[tuple[Path, Any]]] = [iter([((), value)])]
    while waiting:
        for path, inner in waiting[-1]:
            if isinstance(inner, dict | list) and inner:
                waiting.append(_members(path, inner))
                break
            yield path, _EMPTY[type(inner)] if isinstance(inner, dict | list) else inner
        else:
            waiting.pop()


_EMPTY: dict[type, str] = {dict: "{}", list: "[]"}


def _members(path: Path, value: dict[str, Any] | list[Any]) -> Iterator[tuple[Path, Any]]:
    steps: Iterable[tuple[str | int, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
    return (((*path, step), inner) for step, inner in steps)
