"""The columns of rows: what each shows, and how wide it is in a pane."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate

from rich.cells import cell_len

from engine.fields.path import Path, path_text

GAP = 1
"""Cells between two columns."""
ENDLESS = 1 << 20
"""Cells that no row needs."""
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
    width: int = 1
    """Cells of its longest content, or fewer."""
    narrowest: int = 1
    """Cells; it is made no narrower to leave room for others."""
    steps: Sequence[int] = ()
    """Narrower widths that show more than the ones below them; none if every cell does."""
    flexible: bool = False
    """Whether it takes the room that the others leave."""
    rank: float = 0
    """Of columns that have no room, those of the highest rank are left out."""
    right: bool = False
    """Whether it is aligned at the right, as numbers are."""
    middle: bool = False
    """Whether contents that are too long are cut in the middle, since their ends differ."""
    tone: Tone | None = None


def name_of(column: Column) -> str:
    """What `--columns` calls it."""
    return path_text(column.path) if column.part is Part.FIELD else column.part.value


VALUE = Column(part=Part.VALUE, title="VALUE", flexible=True)


@dataclass(frozen=True, slots=True)
class Placed:
    """A column in a row."""

    column: Column
    start: int
    """The first of its cells."""
    cells: int


def placed(columns: Sequence[Column], room: int) -> Sequence[Placed]:
    """Those of some columns that have room side by side in this many cells, none wider than need be."""
    flexible = max((column.width for column in columns if column.flexible), default=0)
    rest = min(flexible, int(room * _FLEXIBLE_SHARE))
    shown = list(columns)
    while sum(_least(column) for column in shown) + rest + GAP * (len(shown) - 1) > room and len(shown) > 1:
        shown.remove(
            max((one for one in shown if not one.flexible), key=lambda one: one.rank, default=shown[-1])
        )
    widths = [0 if column.flexible else column.width for column in shown]
    space = room - rest - GAP * (len(shown) - 1)
    while sum(widths) > space:
        spare = [width - _least(column) for width, column in zip(widths, shown, strict=True)]
        if max(spare) <= 0:
            break
        widths[spare.index(max(spare))] -= 1
    widths = [_useful(column, width) for column, width in zip(shown, widths, strict=True)]
    if VALUE not in shown:
        # Behind the longest content nothing would be.
        _widen_for_titles(shown, widths, room - flexible - GAP * (len(shown) - 1))
    rest = max(room - sum(widths) - GAP * (len(shown) - 1), 1)
    return _in_row(shown, [rest if one.flexible else width for one, width in zip(shown, widths, strict=True)])


def _widen_for_titles(shown: Sequence[Column], widths: list[int], room: int) -> None:
    for number, column in enumerate(shown):
        missing = 0 if column.flexible else cell_len(column.title) - widths[number]
        widths[number] += max(min(missing, room - sum(widths)), 0)


def spread(columns: Sequence[Column]) -> Sequence[Placed]:
    """All of some columns side by side, as wide as they are; a flexible one at the end has no end."""
    widths = [max(column.width, column.narrowest, cell_len(column.title)) for column in columns]
    if columns[-1].flexible:
        widths[-1] = ENDLESS
    return _in_row(columns, widths)


def _least(column: Column) -> int:
    return 0 if column.flexible else column.narrowest


def _useful(column: Column, width: int) -> int:
    """How many of this many cells show something."""
    if width >= column.width:
        return width
    return max((step for step in column.steps if step <= width), default=width)


def _in_row(columns: Sequence[Column], widths: Sequence[int]) -> Sequence[Placed]:
    starts = accumulate((width + GAP for width in widths), initial=0)
    return tuple(map(Placed, columns, starts, widths))
