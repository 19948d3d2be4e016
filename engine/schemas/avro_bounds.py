"""How much an Avro schema can make of few bytes, so that no value takes all memory or time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.schemas.errors import SchemaError

LARGEST = 1 << 20
"""Bytes of a value that is decoded."""
LARGEST_COSTLY = 32 << 10
"""The same where decoding takes more than linear time: long decimals, and schemas that contain themselves."""
MOST_TEXT = 16 << 20
"""Bytes of JSON that a value may become, by its schema."""

_SIZES = {"null": 0, "boolean": 1, "int": 1, "long": 1, "float": 4, "double": 8, "bytes": 1, "string": 1}
_PUNCTUATION = 4
_PER_BYTE = 6
"""Characters of JSON for a byte of text, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AvroBounds:
    """What holds for every value of a schema."""

    largest: int
    """Bytes of a value that is decoded."""
    recursive: bool
    """Whether the schema contains itself."""


def avro_bounds(schema: Any, named: Mapping[str, Any]) -> AvroBounds:
    """The bounds of a parsed schema; `named` has those that it may refer to.

    `SchemaError` if a few bytes can be a list of any length.
    """
    walk = _Walk(named)
    walk.visit(schema, ())
    costs = [walk.text(one) / max(walk.smallest(one), 1) for one in walk.records.values()]
    most = max([_PER_BYTE + _PUNCTUATION, *walk.longest_symbols, *costs])
    costly = walk.recursive or walk.has_decimals
    return AvroBounds(
        largest=min(LARGEST_COSTLY if costly else LARGEST, int(MOST_TEXT / most)), recursive=walk.recursive
    )


class _Walk:
    """Through all parts of a schema, each named one once."""

    def __init__(self, named: Mapping[str, Any]) -> None:
        self._named = named
        self.records: dict[str, Any] = {}
        self.recursive = False
        self.has_decimals = False
        self.longest_symbols: list[int] = []
        self._smallest: dict[str, int] = {}
        self._texts: dict[str, int] = {}

    def visit(self, schema: Any, inside: tuple[str, ...]) -> None:
        schema = self._resolved(schema)
        kind = _kind(schema)
        if kind == "record":
            name = schema["name"]
            if name in inside:
                self.recursive = True
                return
            if name in self.records:
                return
            self.records[name] = schema
            inside = (*inside, name)
        if kind == "enum":
            self.longest_symbols.append(max(map(len, schema["symbols"]), default=0) + _PUNCTUATION)
        if kind == "bytes" and isinstance(schema, dict) and schema.get("logicalType") == "decimal":
            self.has_decimals = True
        if kind == "array" and not self.smallest(schema["items"]):
            raise SchemaError("its schema has lists of elements that take no bytes")
        for inner in _parts(schema):
            self.visit(inner, inside)

    def smallest(self, schema: Any) -> int:
        """The fewest bytes that a value takes."""
        schema = self._resolved(schema)
        kind = _kind(schema)
        if kind == "wrapped":
            return self.smallest(schema["type"])
        if kind == "record":
            return self._sum(schema, self._smallest, 1, lambda one: self.smallest(one["type"]))
        return int(schema["size"]) if kind == "fixed" else _SIZES.get(kind, 1)

    def text(self, schema: Any) -> int:
        """About the characters that a value takes whose texts, lists and maps are empty."""
        schema = self._resolved(schema)
        kind = _kind(schema)
        if kind == "wrapped":
            return self.text(schema["type"])
        if kind != "record":
            return _PUNCTUATION
        return self._sum(
            schema,
            self._texts,
            _PUNCTUATION,
            lambda one: len(one["name"]) + _PUNCTUATION + self.text(one["type"]),
        )

    def _sum(self, record: Any, known: dict[str, int], again: int, of: Callable[[Any], int]) -> int:
        """The sum over the fields of a record, found once; `again` stands for it inside itself."""
        name = record["name"]
        if name not in known:
            known[name] = again
            known[name] = sum(map(of, record["fields"]))
        return known[name]

    def _resolved(self, schema: Any) -> Any:
        return self._named.get(schema, schema) if isinstance(schema, str) else schema


def _kind(schema: Any) -> str:
    if isinstance(schema, list):
        return "union"
    kind = schema["type"] if isinstance(schema, dict) else schema
    return kind if isinstance(kind, str) else "wrapped"


def _parts(schema: Any) -> Iterator[Any]:
    if isinstance(schema, list):
        yield from schema
    elif isinstance(schema, dict):
        yield from (one["type"] for one in schema.get("fields", ()))
        yield from (schema[name] for name in ("items", "values") if name in schema)
        if not isinstance(schema["type"], str):
            yield schema["type"]
