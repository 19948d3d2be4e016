"""The columns of rows: what each shows, and how wide it is in a pane."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from engine.fields.path import Path

GAP = 1
"""Cells between two columns."""
_NARROWEST = 6
"""Cells; a column is made no narrower to leave room for others."""
_FLEXIBLE_SHARE = 0.4
"""Of the room, for the column that takes the rest, if it needs so much."""


class Part(Enum):
    """What of a record a column shows: the name that `--columns` gives it."""

    KEY = "key"
    TIME = "time"
    PARTITION = "partition"
    VALUE = "value"
    """The whole value, as text."""
    FIELD = ""
    """A field of the value, which has the name of its path."""


class Tone(Enum):
    """How a part of a row looks: the name of its style."""

    NUMBER = "number"
    TIME = "time"
    KEY = "key"
    QUIET = "hint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; `path` is that of a field."""

    part: Part = Part.FIELD
    path: Path = ()
    title: str = ""
    width: int = 0
    """Cells of its longest content; 0 for as many as there are."""
    right: bool = False
    """Whether it is aligned at the right, as numbers are."""
    middle: bool = False
    """Whether contents that are too long are cut in the middle, since their ends differ."""
    tone: Tone | None = None

    @property
    def flexible(self) -> bool:
        """Whether it takes the room that the others leave."""
        return not self.width


VALUE = Column(part=Part.VALUE, title="VALUE")


@dataclass(frozen=True, slots=True)
class Placed:
    """A column in a row."""

    column: Column
    start: int
    """The first of its cells."""
    cells: int


def placed(columns: Sequence[Column], room: int) -> Sequence[Placed]:
    """Columns side by side in so many cells; those that do not fit end beyond."""
    fixed = sum(column.width for column in columns)
    gaps = GAP * (len(columns) - 1)
    flexible = sum(column.flexible for column in columns)
    rest = int(room * _FLEXIBLE_SHARE) if flexible else 0
    widths = _narrowed([column.width for column in columns], fixed - max(room - gaps - rest, 0))
    rest = max(room - gaps - sum(widths), rest, 1)
    start, found = 0, []
    for column, width in zip(columns, widths, strict=True):
        cells = width or max(rest // flexible, 1)
        found.append(Placed(column, start, cells))
        start += cells + GAP
    return found


def _narrowed(widths: Sequence[int], by: int) -> Sequence[int]:
    """Widths, the greatest of them reduced first, by so much in all if that is possible."""
    narrowed = list(widths)
    while by > 0 and narrowed and max(narrowed) > _NARROWEST:
        narrowed[narrowed.index(max(narrowed))] -= 1
        by -= 1
    return narrowed
