"""Searching a window, and what is read before it: which rows contain a text, found a slice at a time."""

import re
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.errors import EngineError
from engine.live.window.snapshot import WindowSnapshot
from engine.records.batch import Batch

SLICE_RECORDS = 4_096
"""Records searched between looks at the clock: a few milliseconds."""

Rows = npt.NDArray[np.intp]
_NO_ROWS: Rows = np.empty(0, np.intp)


class SearchError(EngineError):
    """What was typed cannot be searched for."""


class Search:
    """Finds the rows whose value or key contains a text, or matches a regular expression (RE2's syntax).

    Capitals and small letters are the same unless the text has a capital letter; that holds for ASCII. Each
    row is looked at once, so that following a stream costs as much as the stream does. Belongs to one thread.
    """

    def __init__(self, pattern: str, *, regex: bool = False) -> None:
        """`SearchError` where `pattern` is no regular expression and should be one."""
        self.pattern = pattern
        self.regex = regex
        self.highlight = _highlighter(pattern, regex=regex)
        """The places, in characters, where a text that is shown matches."""
        self._match = _matcher(pattern, regex=regex)
        self._found: list[Rows] = []
        self._begin_row = 0
        self._end_row = 0
        """What has been searched: the rows from the one to before the other."""

    def advance(self, window: WindowSnapshot, seconds: float) -> bool:
        """Search what has not been searched yet, for about so long; whether there was anything to do."""
        deadline = time.perf_counter() + seconds
        searched = self._begin_row, self._end_row
        if not self._begin_row <= window.start_row <= self._end_row:
            self._begin_row = self._end_row = window.start_row
            self._found = []
        self._begin_row = max(self._begin_row, window.first_row)
        if not self._go_on(window, deadline):
            self._go_back(window, deadline)
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
        """Rows of the window still to search."""
        searched = min(self._end_row, window.end_row) - max(self._begin_row, window.first_row)
        return len(window) - max(searched, 0)

    def _go_on(self, window: WindowSnapshot, deadline: float) -> bool:
        """Search what arrived; whether time ran out."""
        for chunk in window.batches(self._end_row):
            for first in range(0, len(chunk.batch), SLICE_RECORDS):
                batch = chunk.batch.slice(first, min(first + SLICE_RECORDS, len(chunk.batch)))
                rows = self._matching(batch) + chunk.first_row + first
                self._found += [rows] if len(rows) else []
                self._end_row = chunk.first_row + first + len(batch)
                if time.perf_counter() >= deadline:
                    return True
        return False

    def _go_back(self, window: WindowSnapshot, deadline: float) -> None:
        """Search what came before, the newest page first."""
        while window.before is not None and self._begin_row > window.first_row:
            first_row, parts = window.before.page_before(self._begin_row)
            found = [part.rows[self._matching(part.batch)] for part in parts]
            rows = np.sort(np.concatenate([*found, _NO_ROWS]))
            before = rows[: np.searchsorted(rows, self._begin_row)]
            self._found[:0] = [before] if len(before) else []
            self._begin_row = first_row
            if time.perf_counter() >= deadline:
                return

    def _matching(self, batch: Batch) -> Rows:
        """The indices of the records that match."""
        return np.flatnonzero(self._match(batch.records))


def _matcher(pattern: str, *, regex: bool) -> Callable[[pa.RecordBatch], npt.NDArray[np.bool_]]:
    # Only where somebody searches: the dashboard need not wait for it to start.
    import pyarrow.compute as pc

    contains = pc.match_substring_regex if regex else pc.match_substring
    ignore_case = pattern == pattern.lower()

    def matches(values: "pa.Array[Any]") -> npt.NDArray[np.bool_]:
        found: Any = contains(values, pattern, ignore_case=ignore_case)
        whole: npt.NDArray[np.bool_] = found.fill_null(False).to_numpy(zero_copy_only=False)
        return whole

    try:
        matches(pa.array([b""], pa.binary()))
    except pa.ArrowInvalid as error:
        reason = str(error).removeprefix("Invalid regular expression: ")
        raise SearchError(f"that is no regular expression: {reason}") from error

    def in_value_or_key(records: pa.RecordBatch) -> npt.NDArray[np.bool_]:
        keys = records.column("key")
        found = matches(records.column("value"))
        return found if keys.null_count == len(keys) else found | matches(keys)

    return in_value_or_key


def _highlighter(pattern: str, *, regex: bool) -> Callable[[str], list[tuple[int, int]]]:
    flags = re.IGNORECASE if pattern == pattern.lower() else 0
    try:
        compiled = re.compile(pattern if regex else re.escape(pattern), flags)
    except re.error:
        # RE2 takes a few things that Python's module does not; the record is found all the same.
        return lambda _: []
    return lambda text: [match.span() for match in compiled.finditer(text) if match.end() > match.start()]
