"""Draws lines over time with braille dots, in cells: two dots side by side in each, four above each other."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import floor, isnan, log10

from tui.dashboard.present.charts.trends import Line, Mark, Values
from tui.dashboard.present.filter_colours import filter_colour

DOTS_ACROSS = 2
_DOTS_UP = 4
_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""Of the dots in a cell, from the bottom: the left ones, the right ones."""
_EMPTY = 0x2800
_TOPS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_TICKS = (10, 15, 30, 60, 120, 300)
_TICK_CELLS = 9
"""How far apart ticks are at least."""
_LABEL = re.compile(r"╵\S*(?: \d\S*)?|\S+")
"""On a time axis: a tick with a time, which may have a date before it; or a word."""
_NAMED_EVERY = 16
"""Cells between the numbers in a line that has no colour."""

Run = tuple[str, str]
"""A text and its style, as Textual's `Content.assemble` takes them."""
Row = list[Run]


@dataclass(frozen=True, slots=True)
class Frame:
    """What a plot is drawn in: cells of its lines alone."""

    width: int
    height: int
    coloured: bool = True
    """If not, lines have numbers in them."""
    cursor: int | None = None
    """The step under the cursor."""


def colour(consumer: int) -> str:
    """The colour of a consumer's lines, or of the raw stream's."""
    return f"$filter-{filter_colour(consumer)}" if consumer else "$foreground"


def round_up(greatest: float) -> float:
    """The next round number: what a scale ends with."""
    if greatest <= 0:
        return 1.0
    unit = 10.0 ** floor(log10(greatest))
    return next(top * unit for top in _TOPS if top * unit >= greatest * (1 - 1e-9))


def greatest(lines: Sequence[Line]) -> float:
    """The greatest value of some lines; 0 without any."""
    return max((value for line in lines for value in line.values if not isnan(value)), default=0.0)


def lines_of(lines: Sequence[Line], top: float, marks: Sequence[Mark], frame: Frame) -> list[Row]:
    """Lines under a scale that ends with `top`.

    Behind them is a rule at the cursor, and one at each switch to another version.
    """
    cells: list[Row] = [[(" ", "")] * frame.width for _ in range(frame.height)]
    for mark in marks:
        for row in cells:
            row[mark.place // DOTS_ACROSS] = ("│", f"{colour(mark.consumer)} 50%")
    if frame.cursor is not None:
        for row in cells:
            row[frame.cursor // DOTS_ACROSS] = ("┊", "bold")
    dots = [[_EMPTY] * frame.width for _ in range(frame.height)]
    for line in lines:
        for place, height in _trace(_heights(line.values, top, frame.height)):
            y, x = frame.height - 1 - height // _DOTS_UP, place // DOTS_ACROSS
            dots[y][x] |= _BITS[place % DOTS_ACROSS][height % _DOTS_UP]
            cells[y][x] = (chr(dots[y][x]), colour(line.consumer))
    if not frame.coloured:
        _number(cells, lines, top, frame)
    return [joined(row) for row in cells]


def ends_of(lines: Sequence[Line], top: float, height: int, width: int) -> list[Row]:
    """The number of each line near the row that it ends in, in `width` cells: one in a row, in their order.

    Lines that there is no row for have none.
    """
    fitting = [line for line in lines if line.last is not None and len(str(line.consumer)) <= width]
    known = sorted(fitting[:height], key=lambda line: line.last or 0.0, reverse=True)
    rows: list[Row] = [[(" " * width, "")] for _ in range(height)]
    row = -1
    for number, line in enumerate(known):
        end = height - 1 - _height(line.last or 0.0, top, height) // _DOTS_UP
        row = min(max(end, row + 1), height - len(known) + number)
        rows[row] = [(f"{line.consumer:<{width}}", f"bold {colour(line.consumer)}")]
    return rows


def mark_labels(marks: Sequence[Mark], room: range, *, coloured: bool) -> Row:
    """The versions, each at its rule in these columns; the newest if there is no room for all."""
    cells: Row = [(" ", "")] * room.stop
    for mark in reversed(marks):
        label = f"v{mark.version}" if coloured else f"{mark.consumer}:v{mark.version}"
        start = min(mark.place // DOTS_ACROSS, room.stop - len(label))
        around = range(start - 1, min(start + len(label) + 1, room.stop))
        if start > room.start and all(cells[column][0] == " " for column in around):
            cells[start : start + len(label)] = [(one, f"bold {colour(mark.consumer)}") for one in label]
    return joined(cells[room.start :])


def time_axis(width: int, seconds: int) -> str:
    """How long ago it was; a step takes this many `seconds`."""
    tick = next((one for one in _TICKS if one >= _TICK_CELLS * DOTS_ACROSS * seconds), _TICKS[-1])
    now = "now"
    text = [" "] * (width - len(now)) + list(now)
    for number in range(1, width * DOTS_ACROSS * seconds // tick + 1):
        start = (width * DOTS_ACROSS - 1 - number * tick // seconds) // DOTS_ACROSS
        ago = number * tick
        label = f"╵−{ago}s" if ago % 60 else f"╵−{ago // 60}m"
        if start >= 0 and start + len(label) < width - len(now):
            text[start : start + len(label)] = label
    return "".join(text)


def with_cursor(axis: str, column: int) -> str:
    """A time axis with the cursor's mark in a column: at a tick, or else in place of a label's words."""
    for label in _LABEL.finditer(axis):
        first = label.start() + axis[label.start()].startswith("╵")
        if first <= column < label.end():
            axis = f"{axis[:first]}{' ' * (label.end() - first)}{axis[label.end() :]}"
    return f"{axis[:column]}▲{axis[column + 1 :]}"


def _height(value: float, top: float, height: int) -> int:
    return round(min(value / top, 1.0) * (height * _DOTS_UP - 1))


def _heights(values: Values, top: float, height: int) -> list[int | None]:
    return [None if isnan(value) else _height(value, top, height) for value in values]


def _trace(heights: Iterable[int | None]) -> Iterable[tuple[int, int]]:
    """The dots of a line, by place and height: each one is joined to the one before."""
    before: int | None = None
    for place, height in enumerate(heights):
        if height is not None:
            step = 0 if before is None or before == height else 1 if height > before else -1
            start = height if before is None else before + step
            yield from ((place, between) for between in range(start, height, step or 1))
            yield place, height
        before = height


def _number(cells: list[Row], lines: Sequence[Line], top: float, frame: Frame) -> None:
    """Write the number of its consumer into each line."""
    for turn, line in enumerate(lines):
        heights = _heights(line.values, top, frame.height)
        name = str(line.consumer)
        for column in range(3 * turn, frame.width - len(name) + 1, _NAMED_EVERY):
            height = heights[column * DOTS_ACROSS]
            if height is not None:
                row = cells[frame.height - 1 - height // _DOTS_UP]
                row[column : column + len(name)] = [(digit, "bold") for digit in name]


def joined(cells: Iterable[Run]) -> Row:
    """The same with neighbours of one style together."""
    runs = groupby(cells, key=lambda cell: cell[1])
    return [("".join(text for text, _ in run), style) for style, run in runs]
