"""What the terminal shows, cell by cell, so that a frame writes only the cells that it changes.

Textual draws every line of a widget that changed, though most cells of a line stay as they are.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import compress, count, groupby
from operator import ne, or_

from tui.dashboard.app.terminal.style import PLAIN, transition
from tui.dashboard.app.terminal.width import Cell, in_place, is_sure, unsure_cells

NEAR = 6
"""Equal cells between changed ones, up to which they are written too: moving the cursor takes as much."""

_PART = re.compile(r"\x1b\[(\d+);(\d+)H((?:[^\x00-\x1f]++|\x1b\[[0-9;]*m)*+)\n?")
"""A row, a column, and what is drawn from there on."""
_RUN = re.compile(r"(?:\x1b\[([0-9;]*)m)?([^\x00-\x1f]*)")
"""A style, and a text in it."""
_RESET = "\x1b[0m"
_UNKNOWN: Cell = ""


@dataclass(frozen=True, slots=True)
class _Cells:
    """Cells side by side: what is in each, and in which style."""

    texts: list[Cell] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    unsure: bool = False
    """Whether some of the texts may be wider in the terminal."""


class ShownCells:
    """Turns frames into what is to be written of them."""

    def __init__(self) -> None:
        self._rows: dict[int, _Cells] = {}
        self._parts: dict[int, dict[int, tuple[str, int]]] = {}
        """By row and column: what was drawn there last, and where it ends."""
        self._cursor = (0, 0)

    def forget(self) -> None:
        """The terminal may show anything: write the next frames as a whole."""
        self._rows.clear()
        self._parts.clear()

    def changed(self, output: str, rows: int) -> str:
        """What to write of an output for a screen of this many rows: all of it, if it is not a frame.

        A frame that draws every row from its first column is written as a whole: Textual draws so after the
        terminal was resized or used by another program.
        """
        parts = _parts(output)
        if not parts:
            if _PART.match(output):
                self.forget()
            return output
        *drawn, (row, column, last) = parts
        if last:
            drawn, row, column = parts, *self._cursor
        if [(row, column) for row, column, _ in drawn] == [(row, 0) for row in range(rows)]:
            self.forget()
        pen = _Pen()
        for part in drawn:
            self._draw(pen, *part)
        pen.finish()
        if pen.pieces or (row, column) != self._cursor:
            pen.move(row, column)
        self._cursor = row, column
        return "".join(pen.pieces)

    def _draw(self, pen: "_Pen", row: int, column: int, drawn: str) -> None:
        parts = self._parts.setdefault(row, {})
        before = parts.get(column)
        if before is not None and before[0] == drawn:
            return
        new = _cells(drawn)
        end = column + len(new.texts)
        if before is None or before[1] != end:
            for other, (_, stop) in list(parts.items()):
                if other < end and column < stop:
                    del parts[other]
        parts[column] = drawn, end
        shown = self._rows.setdefault(row, _Cells())
        missing = end - len(shown.texts)
        shown.texts.extend([_UNKNOWN] * missing)
        shown.styles.extend([PLAIN] * missing)
        for start, stop in _changes(shown, new, column):
            texts = new.texts[start:stop]
            pen.draw(row, column + start, texts, new.styles[start:stop], unsure=new.unsure)
        shown.texts[column:end], shown.styles[column:end] = new.texts, new.styles


def _parts(output: str) -> list[tuple[int, int, str]]:
    """The parts of a frame; empty if it is anything else."""
    found, end = [], 0
    for part in _PART.finditer(output):
        if part.start() != end:
            return []
        end = part.end()
        found.append((int(part[1]) - 1, int(part[2]) - 1, part[3]))
    return found if end == len(output) else []


@lru_cache(maxsize=1 << 10)
def _cells(drawn: str) -> _Cells:
    """The cells of a part. Rows that scroll are drawn again on other lines."""
    texts: list[Cell] = []
    styles: list[str] = []
    style, all_sure = PLAIN, True
    for run in _RUN.finditer(drawn.replace(_RESET, "\x1b[m")):
        style, text = (style if run[1] is None else run[1]), run[2]
        if is_sure(text):
            new: Sequence[Cell] = text
        else:
            new, all_sure = unsure_cells(text), False
        texts += new
        styles += [style] * len(new)
    return _Cells(texts, styles, not all_sure)


def _changes(shown: _Cells, new: _Cells, column: int) -> Iterator[tuple[int, int]]:
    """Where to write of new cells, which belong to a column: from, up to."""
    end = column + len(new.texts)
    differs = list(map(ne, shown.texts[column:end], new.texts))
    styles = shown.styles[column:end]
    if styles != new.styles:
        differs = list(map(or_, differs, map(ne, styles, new.styles)))
    places = compress(count(), differs)
    start = stop = next(places, None)
    if start is None or stop is None:
        return
    if new.unsure:
        # What follows may have been drawn over. No such text is begun in its middle.
        while isinstance(new.texts[start], tuple) and new.texts[start][1]:
            start -= 1
        yield start, len(new.texts)
        return
    for place in places:
        if place - stop > NEAR:
            yield start, stop + 1
            start = place
        stop = place
    yield start, stop + 1


class _Pen:
    """Writes cells with few moves and few styles."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._at: tuple[int, int] | None = None
        self._style = PLAIN

    def move(self, row: int, column: int) -> None:
        if self._at != (row, column):
            same_row = self._at is not None and self._at[0] == row
            self.pieces.append(f"\x1b[{column + 1}G" if same_row else f"\x1b[{row + 1};{column + 1}H")
            self._at = row, column

    def draw(
        self, row: int, column: int, texts: Sequence[Cell], styles: Sequence[str], *, unsure: bool
    ) -> None:
        self.move(row, column)
        start = 0
        for style, group in groupby(styles):
            stop = start + len(list(group))
            if style != self._style:
                self.pieces.append(transition(self._style, style))
                self._style = style
            drawn = texts[start:stop]
            self.pieces += _written(drawn, column + start) if unsure else drawn  # type: ignore[arg-type]
            start = stop
        self._at = row, column + len(texts)

    def finish(self) -> None:
        """Leave the terminal in no style."""
        if self._style != PLAIN:
            self.pieces.append(transition(self._style, PLAIN))
            self._style = PLAIN


def _written(texts: Sequence[Cell], column: int) -> Iterator[str]:
    for place, text in enumerate(texts, column):
        if isinstance(text, str):
            yield text
        elif not text[1]:
            yield in_place(text[0], place)
