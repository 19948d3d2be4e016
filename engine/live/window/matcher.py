"""Which records contain a text, or match a regular expression."""

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.errors import EngineError
from engine.records.batch import Batch

Rows = npt.NDArray[np.intp]


class SearchError(EngineError):
    """You cannot search for this."""


class Matcher:
    """Matches values and keys with a text or with a regular expression (RE2's syntax). Any thread may use it.

    It ignores case unless the text has a capital letter; that holds for ASCII.
    """

    def __init__(self, pattern: str, *, regex: bool = False) -> None:
        """`SearchError` if `pattern` is an invalid regular expression."""
        self.pattern = pattern
        self.regex = regex
        self._ignore_case = pattern == pattern.lower()
        flags = re.IGNORECASE if self._ignore_case else 0
        try:
            self._shown = re.compile(pattern if regex else re.escape(pattern), flags)
        except re.error:
            # RE2 takes a few things that Python's module does not: nothing is highlighted then.
            self._shown = re.compile("")
        try:
            self._matches(pa.array([b""], pa.binary()))
        except pa.ArrowInvalid as error:
            reason = str(error).removeprefix("Invalid regular expression: ")
            raise SearchError(f"invalid regular expression: {reason}") from error

    def matching(self, batch: Batch) -> Rows:
        """The indices of the records that match."""
        keys = batch.records.column("key")
        found = self._matches(batch.records.column("value"))
        return np.flatnonzero(found if keys.null_count == len(keys) else found | self._matches(keys))

    def highlight(self, text: str) -> list[tuple[int, int]]:
        """The places in a text that match, in characters."""
        return [match.span() for match in self._shown.finditer(text) if match.end() > match.start()]

    def _matches(self, values: "pa.Array[Any]") -> npt.NDArray[np.bool_]:
        # Imported here, so that a dashboard without a search starts sooner.
        import pyarrow.compute as pc

        contains = pc.match_substring_regex if self.regex else pc.match_substring
        found: Any = contains(values, self.pattern, ignore_case=self._ignore_case)
        matches: npt.NDArray[np.bool_] = found.fill_null(False).to_numpy(zero_copy_only=False)
        return matches
