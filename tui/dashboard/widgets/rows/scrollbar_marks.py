"""Ticks on a scrollbar: where the faults, the changed verdicts and the matches of a search are."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from enum import IntFlag

import numpy as np
import numpy.typing as npt
from rich.style import Style

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.window.matcher import Rows
from engine.records.verdict_arrays import where
from engine.records.verdicts import Verdict

MarkArray = npt.NDArray[np.uint8]
"""A set of `Mark`s per line of a scrollbar."""


class Mark(IntFlag):
    """What is among the rows that a line of the scrollbar stands for."""

    HIT = 1
    CHANGED = 2
    ERROR = 4
    TRAP = 8
    """Or a timeout."""


EIGHTHS = 8
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
    found = np.zeros(lines, np.uint8)
    if not len(rows) or not lines:
        return found
    counts = {mark: np.zeros(lines, np.intp) for mark in Mark}
    for mark, marked in _marked_rows(consumers, hits):
        counts[mark] += _count(marked, rows, lines)
    for mark, number in counts.items():
        # Rows that have a line each are all worth a mark.
        common = len(rows) > lines and np.count_nonzero(number) > COMMON * lines
        found[number > (MORE * number.mean() if common else 0)] |= np.uint8(mark)
    return found


def _marked_rows(consumers: Iterable[ConsumerSnapshot], hits: Rows | None) -> Iterator[tuple[Mark, Rows]]:
    """What is to be marked, with the rows where it is, ascending."""
    for consumer in consumers:
        verdicts, first_row = consumer.verdicts, consumer.first_row
        faulty = np.flatnonzero((verdicts >= int(Verdict.ERROR)) & ~where(verdicts, Verdict.PENDING))
        errors = where(verdicts[faulty], Verdict.ERROR)
        yield Mark.ERROR, faulty[errors] + first_row
        yield Mark.TRAP, faulty[~errors] + first_row
        if consumer.change is not None:
            yield Mark.CHANGED, consumer.change.rows()
    if hits is not None:
        yield Mark.HIT, hits


def _count(marked: Rows, rows: range | Rows, lines: int) -> Rows:
    """How many of the marked rows are shown on each line.

    If all rows are in view, each has a line of its own; the lines below have none.
    """
    marked = marked[slice(*np.searchsorted(marked, (rows[0], rows[-1] + 1)))]
    if isinstance(rows, range):
        positions = marked - rows.start
    else:
        positions = np.searchsorted(rows, marked)
        positions = positions[rows[positions] == marked]
    firsts = -(-np.arange(lines + 1) * max(len(rows), lines) // lines)
    return np.diff(np.searchsorted(positions, firsts))


def thumb(height: int, rows: int, top: int) -> tuple[int, int]:
    """Where the movable part of a scrollbar begins and ends, in the eighths of a cell that Textual draws."""
    if not 0 < height < rows:
        return 0, 0
    length = max(1, height * height / rows)
    start = int((height - length) * top / (rows - height) * EIGHTHS)
    return start, start + math.ceil(length * EIGHTHS)


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
        self,
        rows: range | Rows,
        lines: int,
        consumers: Iterable[ConsumerSnapshot],
        hits: Rows | None,
        *,
        at_once: bool,
    ) -> bool:
        """Compute the marks, now or if that is due; return whether they changed."""
        stale = self.moved or self._hits is not hits
        if not at_once and not (stale and time.monotonic() - self._updated >= INTERVAL):
            return False
        before, self.found = self.found, marks(rows, lines, consumers, hits)
        self._hits, self.moved, self._updated = hits, False, time.monotonic()
        return not np.array_equal(before, self.found)
