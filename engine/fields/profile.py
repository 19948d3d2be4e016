"""What the fields of many values are like: which there are, how often, with which values."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from engine.fields.format import Format
from engine.fields.path import Path
from engine.fields.scalar import Scalar, scalar_text
from engine.fields.times import is_time

MOST_DISTINCT = 1_000
"""How many values of one field are told apart."""
_EXAMPLES = 5
_LONGEST = 200
"""Characters of a value by which it is told apart from others."""


class FieldType(Enum):
    """What kind of values a field has."""

    NUMBER = "number"
    TEXT = "text"
    BOOL = "bool"
    TIME = "time"
    NULL = "null"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProfile:
    """One field of many values."""

    path: Path
    type: FieldType
    """Nulls do not count, unless there is nothing else."""
    share: float
    """Of the values that are of the format: how many have it, from above 0 to 1."""
    distinct: int
    """How many different values it has, up to `MOST_DISTINCT`."""
    examples: tuple[str, ...]
    """The most frequent values, as they read."""
    constant: bool
    """Whether every value has it, and the same."""
    width: int
    """Characters of its longest value, up to 200."""


def profile(format: Format, values: Iterable[bytes | None]) -> tuple[FieldProfile, ...]:
    """The fields that some values have, in the order of the values; empty if none is of the format."""
    gathered: dict[Path, _Gathered] = {}
    records = 0
    for value in values:
        fields = None if value is None else format.fields(value)
        if fields is None:
            continue
        records += 1
        for path, scalar in fields.items():
            gathered.setdefault(path, _Gathered()).add(path, scalar)
    return tuple(one.profile(path, records) for path, one in gathered.items())


@dataclass(slots=True)
class _Gathered:
    count: int = 0
    types: dict[FieldType, int] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    width: int = 0

    def add(self, path: Path, scalar: Scalar) -> None:
        self.count += 1
        type_ = _type(path, scalar)
        self.types[type_] = self.types.get(type_, 0) + 1
        text = scalar_text(scalar)[:_LONGEST]
        self.width = max(self.width, len(text))
        if text in self.values or len(self.values) < MOST_DISTINCT:
            self.values[text] = self.values.get(text, 0) + 1

    def profile(self, path: Path, records: int) -> FieldProfile:
        kinds = [one for one in self.types if one is not FieldType.NULL]
        frequent = sorted(self.values, key=lambda text: -self.values[text])
        return FieldProfile(
            path=path,
            type=FieldType.NULL if not kinds else kinds[0] if len(kinds) == 1 else FieldType.MIXED,
            share=self.count / records,
            distinct=len(self.values),
            examples=tuple(frequent[:_EXAMPLES]),
            constant=self.count == records and len(self.values) == 1,
            width=self.width,
        )


def _type(path: Path, scalar: Scalar) -> FieldType:
    if scalar is None:
        return FieldType.NULL
    if isinstance(scalar, bool):
        return FieldType.BOOL
    if is_time(path, scalar):
        return FieldType.TIME
    return FieldType.TEXT if type(scalar) is str else FieldType.NUMBER
