"""Searching a window and what is read before it, a slice at a time."""

import time

import numpy as np

from engine.live.window.matcher import Matcher, Rows
from engine.live.window.snapshot import WindowSnapshot

SLICE_RECORDS = 4_096
"""Records searched between looks at the clock: a few milliseconds."""

_NO_ROWS: Rows = np.empty(0, np.intp)


class Search:
    """Finds the rows that a matcher matches. Belongs to one thread.

    Each row is searched once, so that following a stream costs as much as the stream does. The rows before
    the window are searched by the scrollback, which reads them.
    """

    def __init__(self, pattern: str, *, regex: bool = False) -> None:
        """`SearchError` if `pattern` is an invalid regular expression."""
        self.matcher = Matcher(pattern, regex=regex)
        self.highlight = self.matcher.highlight
        self._found: list[Rows] = []
        self._begin_row = 0
        self._end_row = 0
        """The rows from `_begin_row` to before `_end_row` are searched."""

    def advance(self, window: WindowSnapshot, seconds: float) -> bool:
        """Search new rows, for about so long; return whether there were any."""
        deadline = time.perf_counter() + seconds
        searched = self._begin_row, self._end_row
        if not self._begin_row <= window.start_row <= self._end_row:
            self._begin_row = self._end_row = window.start_row
            self._found = []
        self._begin_row = max(self._begin_row, window.first_row)
        self._search_on(window, deadline)
        self._take_older(window)
        return searched != (self._begin_row, self._end_row)

    @property
    def hits(self) -> Rows:
        """The rows found so far that are in the window, ascending."""
        if len(self._found) > 1 or (self._found and self._found[0][0] < self._begin_row):
            found = np.concatenate(self._found)
            found = found[np.searchsorted(found, self._begin_row) :]
            self._found = [found] if len(found) else []
        return self._found[0] if self._found else _NO_ROWS

    def left(self, window: WindowSnapshot) -> int:
        searched = min(self._end_row, window.end_row) - max(self._begin_row, window.first_row)
        return len(window) - max(searched, 0)

    def _search_on(self, window: WindowSnapshot, deadline: float) -> None:
        for chunk in window.batches(self._end_row):
            for first in range(0, len(chunk.batch), SLICE_RECORDS):
                batch = chunk.batch.slice(first, min(first + SLICE_RECORDS, len(chunk.batch)))
                rows = self.matcher.matching(batch) + chunk.first_row + first
                self._found += [rows] if len(rows) else []
                self._end_row = chunk.first_row + first + len(batch)
                if time.perf_counter() >= deadline:
                    return

    def _take_older(self, window: WindowSnapshot) -> None:
        """Take over what the scrollback has found, the newest page first."""
        while window.before is not None and self._begin_row > window.first_row:
            found = window.before.found_before(self.matcher, self._begin_row)
            if found is None:
                return
            first_row, rows = found
            rows = rows[: np.searchsorted(rows, self._begin_row)]
            self._found[:0] = [rows] if len(rows) else []
            self._begin_row = first_row
