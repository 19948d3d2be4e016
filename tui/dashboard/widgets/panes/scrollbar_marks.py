"""Marks on a scroll bar: where the faults, the changed verdicts and the hits of a search are."""

import math
import time
from collections.abc import Iterable, Mapping
from enum import IntFlag
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment, Segments
from rich.style import Style
from textual.scrollbar import ScrollBarRender

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.window.search import Rows
from engine.records.verdicts import Verdict
from tui.dashboard.present.signs import VERDICT_SIGNS

MarkArray = npt.NDArray[np.uint8]
"""One set of `Mark`s for each line of a scroll bar."""


class Mark(IntFlag):
    """What there is among the rows that a line of the scroll bar stands for."""

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
"""The gravest first: a line has room for one; that there is a hit as well is told by its colour."""


INTERVAL = 0.25
"""Seconds between looks. In a flood, one at every frame, with the bar drawn anew, took a fifth of a frame."""
COMMON = 0.5
"""What is on more than this part of the lines is marked only where there is more of it than elsewhere."""
MORE = 1.5
"""More than elsewhere: so many times the mean."""


def marks(
    rows: range | Rows, lines: int, consumers: Iterable[ConsumerSnapshot], hits: Rows | None
) -> MarkArray:
    """What there is at each of so many lines; `rows` are those shown, ascending.

    100,000 rows of three filters take 0.3 ms, 1.5 where every tenth row is marked (measured).
    """
    if not len(rows) or not lines:
        return np.zeros(lines, np.uint8)
    places = _Places(rows, lines)
    counts = {mark: np.zeros(lines, np.intp) for mark in Mark}
    for consumer in consumers:
        verdicts = consumer.verdicts
        # Below ERROR it wraps round, so that one comparison leaves out PENDING, too.
        faulty = np.flatnonzero((verdicts - np.uint8(Verdict.ERROR)) < Verdict.PENDING - Verdict.ERROR)
        errors = verdicts[faulty] == Verdict.ERROR
        counts[Mark.ERROR] += places.count(faulty[errors] + consumer.first_row)
        counts[Mark.TRAP] += places.count(faulty[~errors] + consumer.first_row)
        if consumer.change is not None:
            counts[Mark.CHANGED] += places.count(consumer.change.rows())
    if hits is not None:
        counts[Mark.HIT] += places.count(hits)
    found = np.zeros(lines, np.uint8)
    for mark, number in counts.items():
        found[number > _usual(number, several=len(rows) > lines)] |= np.uint8(mark)
    return found


def _usual(number: npt.NDArray[np.intp], *, several: bool) -> float:
    """How much on a line is not worth a mark; `several` rows have a line in common."""
    common = several and np.count_nonzero(number) > COMMON * len(number)
    return MORE * float(number.mean()) if common else 0.0


class _Places:
    """Which rows each line of a scroll bar stands for. Where all are in sight, each has its own line."""

    def __init__(self, rows: range | Rows, lines: int) -> None:
        count = len(rows)
        firsts = np.minimum(-(-np.arange(lines + 1) * max(count, lines) // lines), count)
        self._rows: Rows | None = None
        """The rows that are shown; None where those between the first and the last one are all."""
        if isinstance(rows, range):
            self._edges = firsts + rows.start
        else:
            self._rows = np.asarray(rows, np.intp)
            self._edges = np.append(self._rows, self._rows[-1] + 1)[firsts]

    def count(self, wanted: Rows) -> npt.NDArray[np.intp]:
        """How many of those rows, which are ascending, each line has."""
        first, end = np.searchsorted(wanted, (self._edges[0], self._edges[-1]))
        wanted = wanted[first:end]
        if self._rows is not None and len(wanted):
            wanted = wanted[self._shown[wanted - self._edges[0]]]
        return np.diff(np.searchsorted(wanted, self._edges))

    @cached_property
    def _shown(self) -> npt.NDArray[np.bool_]:
        """Which of the rows from the first to the last one are shown."""
        assert self._rows is not None
        shown = np.zeros(self._edges[-1] - self._edges[0], np.bool_)
        shown[self._rows - self._edges[0]] = True
        return shown


class Marks:
    """The marks on the scroll bar of a view."""

    def __init__(self) -> None:
        self.found: MarkArray = np.zeros(0, np.uint8)
        self.styles: Mapping[Mark, Style] = {}
        """Without these nothing is drawn."""
        self.moved = False
        """Whether rows or verdicts are others than when this last looked."""
        self._hits: Rows | None = None
        self._looked = -math.inf

    def update(
        self, rows: range | Rows, lines: int, consumers: Iterable[ConsumerSnapshot], hits: Rows | None
    ) -> bool:
        """Look again; whether that made a difference."""
        before, self.found = self.found, marks(rows, lines, consumers, hits)
        self._hits, self.moved, self._looked = hits, False, time.monotonic()
        return not np.array_equal(before, self.found)

    def stale(self, lines: int, hits: Rows | None) -> bool:
        """Whether it is time to look again."""
        changed = self.moved or len(self.found) != lines or self._hits is not hits
        return changed and time.monotonic() - self._looked >= INTERVAL

    def bar(self, **drawn: Any) -> "MarkedBar":
        """What draws the scroll bar; its arguments are Textual's."""
        return MarkedBar(self, **drawn)


class MarkedBar(ScrollBarRender):
    """Draws a scroll bar with marks on it."""

    def __init__(self, marks: Marks, **drawn: Any) -> None:
        super().__init__(**drawn)
        self._marks = marks

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """One cell a line."""
        for bar in super().__rich_console__(console, options):
            if isinstance(bar, Segments) and self._marks.styles:
                yield Segments(_marked(list(bar.segments), self._marks), new_lines=True)
            else:
                yield bar


def _marked(cells: list[Segment], marks: Marks) -> list[Segment]:
    for line in np.flatnonzero(marks.found[: len(cells)]):
        here = Mark(int(marks.found[line]))
        gravest = next(mark for mark in SIGNS if mark in here)
        style = marks.styles[gravest]
        if Mark.HIT in here:
            style += marks.styles[Mark.HIT]
        cells[line] = Segment(SIGNS[gravest], _over(cells[line].style or Style.null(), style))
    return cells


def _over(bar: Style, mark: Style) -> Style:
    """The style of a mark on a bar, which is drawn in reverse where it is the part that a person moves."""
    behind = bar.color if bar.reverse else bar.bgcolor
    return Style(color=mark.color, bgcolor=mark.bgcolor or behind, bold=mark.bold, meta=bar.meta)
