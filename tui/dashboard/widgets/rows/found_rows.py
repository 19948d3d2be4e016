"""What a search found in the records of a view."""

import numpy as np

from engine.live.row_source import RowSource
from engine.live.window.matcher import Rows


class FoundRows:
    """The rows that were found, ascending; None without a search."""

    def __init__(self) -> None:
        self.rows: Rows | None = None
        self.alone = False
        """Whether only these are shown."""

    def update(self, rows: Rows | None) -> bool:
        """Take in what was found; return whether that is something else than before."""
        before, self.rows = self.rows, rows
        self.alone = self.alone and rows is not None
        if before is None or rows is None:
            return before is not rows
        return before is not rows and not np.array_equal(before, rows)

    def __contains__(self, row: int) -> bool:
        if self.rows is None:
            return False
        return _place(self.rows, row) is not None

    def narrow(self, source: RowSource) -> RowSource:
        """The rows to show of a source."""
        return source.only(self.rows) if self.alone and self.rows is not None else source

    def number(self, source: RowSource, row: int | None) -> tuple[int, int]:
        """The number of a row among those that a source shows, 0 for another one, and how many they are."""
        if self.rows is None:
            return 0, 0
        shown = source.among(self.rows)
        place = None if row is None else _place(shown, row)
        return 0 if place is None else place + 1, len(shown)


def _place(rows: Rows, row: int) -> int | None:
    """Where a row is among some, ascending; None if it is not."""
    place = int(np.searchsorted(rows, row))
    return place if place < len(rows) and int(rows[place]) == row else None
