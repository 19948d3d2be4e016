"""Marks on a scrollbar: where the faults, the changed verdicts and the matches of a search are."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from enum import IntFlag
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment, Segments
from rich.style import Style
from textual.scrollbar import ScrollBarRender

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.window.matcher import Rows
from engine.records.verdicts import Verdict
from tui.dashboard.present.signs import VERDICT_SIGNS

MarkArray = npt.NDArray[np.uint8]
"""A set of `Mark`s per line of a scrollbar."""


class Mark(IntFlag):
    """What is among the rows that a line of the scrollbar stands for."""

    HIT = 1
    CHANGED = 2
    ERROR = 4
    TRAP = 8
    """Or a timeout."""


SIGNS = {
    Mark.TRAP: VERDICT_SIGNS[Verdict.TRAP],
    Mark.ERROR: VERDICT_SIGNS[Verdict.ERROR],
    Mark.CHANGED: "+",
    Mark.HIT: "•",
}
"""The most serious first: a line has room for one. A hit beside it shows in the colours."""
INTERVAL = 0.25
"""Seconds between updates. In a flood, one per frame, with the bar drawn again, took a fifth of a frame."""
COMMON = 0.5
"""A mark of more than this part of the lines is drawn only where there are more of it than elsewhere."""
MORE = 1.5
"""Times the mean: more than elsewhere."""


def marks(
    rows: range | Rows, lines: int, consumers: Iterable[ConsumerSnapshot], hits: Rows | None
) -> MarkArray:
    """The marks on each line of a scrollbar over some rows.

    100,000 rows of three filters take 0.3 ms, 1.5 if every tenth row is marked (measured).
    """
    if not len(rows) or not lines:
        return np.zeros(lines, np.uint8)
    edges = _edges(rows, lines)
    counts = {mark: np.zeros(lines, np.intp) for mark in Mark}
    for mark, marked in _marked_rows(consumers, hits):
        counts[mark] += _count(marked, rows, edges)
    found = np.zeros(lines, np.uint8)
    for mark, number in counts.items():
        found[number > _usual(number, shared=len(rows) > lines)] |= np.uint8(mark)
    return found


def _marked_rows(consumers: Iterable[ConsumerSnapshot], hits: Rows | None) -> Iterator[tuple[Mark, Rows]]:
    """What is to be marked, with the rows where it is, ascending."""
    for consumer in consumers:
        verdicts, first_row = consumer.verdicts, consumer.first_row
        faulty = np.flatnonzero((verdicts >= Verdict.ERROR) & (verdicts != Verdict.PENDING))
        errors = verdicts[faulty] == Verdict.ERROR
        yield Mark.ERROR, faulty[errors] + first_row
        yield Mark.TRAP, faulty[~errors] + first_row
        if consumer.change is not None:
            yield Mark.CHANGED, consumer.change.rows()
    if hits is not None:
        yield Mark.HIT, hits


def _edges(rows: range | Rows, lines: int) -> Rows:
    """The first row of each line, and the row after the last one.

    If all rows are in view, each has a line of its own; the lines below have none.
    """
    count = len(rows)
    firsts = np.minimum(-(-np.arange(lines + 1) * max(count, lines) // lines), count)
    if isinstance(rows, range):
        return firsts + rows.start
    return np.append(rows, rows[-1] + 1)[firsts]


def _count(marked: Rows, rows: range | Rows, edges: Rows) -> Rows:
    """How many of the marked rows are shown on each line."""
    marked = marked[slice(*np.searchsorted(marked, (edges[0], edges[-1])))]
    if not isinstance(rows, range):
        marked = marked[rows[np.searchsorted(rows, marked)] == marked]
    return np.diff(np.searchsorted(marked, edges))


def _usual(number: Rows, *, shared: bool) -> float:
    """How many on a line are not worth a mark; `shared` if rows share lines."""
    common = shared and np.count_nonzero(number) > COMMON * len(number)
    return MORE * float(number.mean()) if common else 0.0


class Marks:
    """The marks on the scrollbar of a view."""

    def __init__(self) -> None:
        self.found: MarkArray = np.zeros(0, np.uint8)
        self.styles: Mapping[Mark, Style] = {}
        """Without these nothing is drawn."""
        self.moved = False
        """Whether rows or verdicts changed since the last update."""
        self._hits: Rows | None = None
        self._updated = -math.inf

    def update(
        self, rows: range | Rows, lines: int, consumers: Iterable[ConsumerSnapshot], hits: Rows | None
    ) -> bool:
        """Compute the marks; return whether they changed."""
        before, self.found = self.found, marks(rows, lines, consumers, hits)
        self._hits, self.moved, self._updated = hits, False, time.monotonic()
        return not np.array_equal(before, self.found)

    def stale(self, lines: int, hits: Rows | None) -> bool:
        """Whether it is time for an update."""
        changed = self.moved or len(self.found) != lines or self._hits is not hits
        return changed and time.monotonic() - self._updated >= INTERVAL

    def bar(self, **arguments: Any) -> "MarkedBar":
        """A scrollbar with these marks; the arguments are Textual's."""
        return MarkedBar(self, **arguments)


class MarkedBar(ScrollBarRender):
    """Draws a scrollbar with marks on it."""

    def __init__(self, marks: Marks, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._marks = marks

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """One cell per line."""
        for bar in super().__rich_console__(console, options):
            if isinstance(bar, Segments) and self._marks.styles:
                yield Segments(_marked(list(bar.segments), self._marks), new_lines=True)
            else:
                yield bar


def _marked(cells: list[Segment], marks: Marks) -> list[Segment]:
    for line in np.flatnonzero(marks.found[: len(cells)]):
        here = Mark(int(marks.found[line]))
        most_serious = next(mark for mark in SIGNS if mark in here)
        style = marks.styles[most_serious]
        if Mark.HIT in here:
            style += marks.styles[Mark.HIT]
        cells[line] = Segment(SIGNS[most_serious], _over(cells[line].style or Style.null(), style))
    return cells


def _over(bar: Style, mark: Style) -> Style:
    """The style of a mark on a bar, whose movable part is drawn in reverse."""
    behind = bar.color if bar.reverse else bar.bgcolor
    return Style(color=mark.color, bgcolor=mark.bgcolor or behind, bold=mark.bold, meta=bar.meta)
