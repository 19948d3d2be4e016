"""The part of some rows that is in view, and the cursor: pure, so that it can be tested without a screen."""

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

Rows: TypeAlias = range | npt.NDArray[np.intp]
"""Numbers of rows, ascending."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Viewport:
    """`height` lines of `rows`; every operation returns another viewport.

    A row is known by its number, which it keeps; its position is its index among `rows`.
    """

    rows: Rows = range(0)
    height: int = 0
    """Lines; 0 before the view has a size."""
    top: int = 0
    """The position at the first line."""
    following: bool = True
    """Whether the newest row stays at the last line."""
    cursor: int | None = None
    """A row, also after it has gone from `rows`; None until one is chosen."""
    target: int | None = None
    """The row that the cursor is to be on as soon as it is among `rows`."""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def last_top(self) -> int:
        """The greatest `top`: there the last row is at the last line."""
        return max(len(self.rows) - self.height, 0)

    @property
    def topmost(self) -> int | None:
        """The row at the first line."""
        return self._row(self.top) if len(self.rows) else None

    @property
    def selected(self) -> int | None:
        """The row under the cursor, or the last one in view; None without rows."""
        if not len(self.rows):
            return None
        last = self.top + self.height - 1
        return self._row(last if self.cursor is None else self.position(self.cursor))

    @property
    def near_top(self) -> bool:
        """Whether less than a page is above the first line."""
        return self.top < self.height

    def position(self, row: int) -> int:
        """Where a row is, or the next one after it, or else the last one."""
        return min(bisect_left(self.rows, row), len(self.rows) - 1)

    def row_at(self, line: int) -> int | None:
        """The row at a line; None below the last row."""
        position = self.top + line
        return int(self.rows[position]) if position < len(self.rows) else None

    def nearest(self, found: npt.NDArray[np.intp], step: int) -> int | None:
        """Another of the rows found, wrapping around; None if there is none.

        `step` is 1 for the next one, -1 for the previous, 0 for the last that is not after the selected row.
        """
        if self.selected is None or not len(found):
            return None
        after = int(np.searchsorted(found, self.selected, "left" if step < 0 else "right"))
        return int(found[(after if step > 0 else after - 1) % len(found)])

    def exhausts(self, found: npt.NDArray[np.intp], step: int) -> bool:
        """Whether `nearest` finds none in that direction, and wraps around or goes nowhere."""
        if self.selected is None or not len(found):
            return True
        return bool(found[-1] <= self.selected if step > 0 else step < 0 and found[0] >= self.selected)

    # The user moves.

    def select(self, row: int) -> Self:
        """Pause with the cursor on a row, or on the next one until that one comes, and bring it into view."""
        if not len(self.rows):
            return self
        cursor = self._row(self.position(row))
        target = None if cursor == row else row
        return replace(self, following=False, cursor=cursor, target=target)._reveal(cursor)

    def step(self, delta: int) -> Self:
        """Move the cursor by rows; the first step puts it on the last row in view."""
        return self._move(self.selected, 0 if self.cursor is None else delta)

    def page(self, direction: int) -> Self:
        """Turn a page, and move the cursor as far."""
        delta = direction * max(self.height - 1, 1)
        return self._at(self.top + delta)._move(self.selected, delta)

    def first(self) -> Self:
        return self.select(int(self.rows[0])) if len(self.rows) else self

    def pause(self) -> Self:
        return replace(self, following=False)

    def follow(self) -> Self:
        return replace(self, following=True, cursor=None, target=None)._at(self.last_top)

    def scroll(self, top: int) -> Self:
        """Scroll without the cursor; that pauses, except at the end."""
        return replace(self, target=None, following=self.following and top >= self.last_top)._at(top)

    def align(self, row: int) -> Self:
        """Pause with a row, or the next one, at the first line; the cursor stays on its row."""
        return replace(self, following=False)._at(self.position(row)) if len(self.rows) else self

    # What it shows changes.

    def resize(self, height: int) -> Self:
        """Take another number of lines; a cursor that is in view stays in view."""
        resized = replace(self, height=height)
        if self.following:
            return resized._at(resized.last_top)
        if self.cursor is None or not self._visible(self.cursor):
            return resized._at(self.top)
        return resized._reveal(self.cursor)

    def replace_rows(self, rows: Rows) -> Self:
        """Show other rows; unless the last one is followed, what the user reads stays at its line."""
        shown = replace(self, rows=rows)
        if self.following:
            return shown._at(shown.last_top)
        shift = 0
        if len(self.rows):
            read = self._row(self.top)
            if self.cursor is not None and self._visible(self.cursor):
                read = self.cursor
            shift = bisect_left(rows, read) - self.position(read)
        shown = shown._at(self.top + shift)
        if self.target is None or not len(rows) or rows[shown.position(self.target)] == self.cursor:
            return shown
        return shown.select(self.target)

    def _row(self, position: int) -> int:
        """The row at a position, or the last one."""
        return int(self.rows[min(position, len(self.rows) - 1)])

    def _visible(self, row: int) -> bool:
        return len(self.rows) > 0 and self.top <= self.position(row) < self.top + max(self.height, 1)

    def _move(self, row: int | None, delta: int) -> Self:
        return self if row is None else self.select(self._row(max(self.position(row) + delta, 0)))

    def _reveal(self, row: int) -> Self:
        position = self.position(row)
        return self._at(min(max(self.top, position - max(self.height, 1) + 1), position))

    def _at(self, top: int) -> Self:
        return replace(self, top=min(max(top, 0), self.last_top))
