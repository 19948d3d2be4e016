"""Which records contain a text, or match a regular expression.

RE2 does all of the matching, so that no pattern takes longer than linear time. Arrow calls it for records,
and google-re2 for the places in one text: no kernel of Arrow's gives these one at a time.
"""

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.errors import EngineError
from engine.records.batch import Batch
from engine.regular_expressions import why_refused

Rows = npt.NDArray[np.intp]
Span = tuple[int, int]
"""From a character to before another, or from a byte."""

SLICE_SECONDS = 0.01
"""About how long a slice may take: a search is cancelled between two."""
SLICE_RECORDS = 4_096
BLOCK_RECORDS = 64
"""Records that are searched for a text as one: most calls of RE2 are saved where it is rare."""
_PATTERN_BYTES = 512 << 10
"""RE2's memory for one pattern: some 10,000 steps. More would make one record take seconds."""


class SearchError(EngineError):
    """You cannot search for this."""


class Matcher(ABC):
    """Says which records match. Any thread may use it."""

    def __init__(self) -> None:
        self._slice_records = 1
        """How many records took less than `SLICE_SECONDS`. Threads may learn it from each other."""

    def scan(self, batch: Batch) -> Iterator[tuple[int, Rows]]:
        """Search a batch, a slice at a time.

        Yields how many records are searched so far, and the indices of those in the slice that match.
        """
        start = 0
        while start < len(batch):
            records = self._slice_records
            part = batch.slice(start, min(start + records, len(batch)))
            began = time.perf_counter()
            rows = self.matching(part) + start
            quick = time.perf_counter() - began < SLICE_SECONDS
            if not quick or len(part) == records:
                self._slice_records = min(2 * records, SLICE_RECORDS) if quick else max(records // 2, 1)
            start += len(part)
            yield start, rows

    @abstractmethod
    def matching(self, batch: Batch) -> Rows:
        """The indices of the records of a batch that match."""

    def places(self, text: str | bytes) -> Iterator[Span]:  # noqa: ARG002
        """The places in a text that match, in characters, or in bytes of UTF-8.

        Each takes linear time, so that all of them may take longer.
        """
        return iter(())


class TextMatcher(Matcher):
    """Matches values and keys with a text or with a regular expression (RE2's syntax).

    It ignores case unless the text has a capital letter.
    """

    def __init__(
        self,
        pattern: str,
        *,
        regex: bool = False,
        shown: "Callable[[pa.Array[Any]], pa.Array[Any]] | None" = None,
    ) -> None:
        """`shown` turns values into what the screen shows of them.

        `SearchError` if `pattern` is no regular expression that RE2 can match.
        """
        # Imported here, so that a dashboard without a search starts sooner.
        import re2

        super().__init__()
        self.pattern = pattern
        self.regex = regex
        self._shown = shown
        self._ignore_case = pattern == pattern.lower()
        # As text, RE2 knows characters; as bytes it finds ASCII three times as fast: 's' is one letter less.
        self._type = pa.string() if regex or not pattern.isascii() else pa.binary()
        self._frequent = False
        """Whether about every block contained the text lately."""
        options = re2.Options()
        options.case_sensitive = not self._ignore_case
        options.literal = not regex
        options.never_capture = True
        options.log_errors = False
        options.max_mem = _PATTERN_BYTES
        try:
            self._places = re2.compile(pattern, options)
        except re2.error as error:
            raise SearchError(why_refused(error.args[0].decode(), pattern)) from error

    def places(self, text: str | bytes) -> Iterator[Span]:
        return (place.span() for place in self._places.finditer(text) if place.end() > place.start())

    def matching(self, batch: Batch) -> Rows:
        keys = batch.records.column("key")
        values = batch.records.column("value")
        found = self._matches(values if self._shown is None else self._shown(values))
        return np.flatnonzero(found if keys.null_count == len(keys) else found | self._matches(keys))

    def _matches(self, values: "pa.Array[Any]") -> npt.NDArray[np.bool_]:
        if self.regex or self._frequent:
            found = self._contains(values)
        else:
            found = np.zeros(len(values), np.bool_)
            rows = np.flatnonzero(np.repeat(self._contains(_blocks(values)), BLOCK_RECORDS)[: len(values)])
            if len(rows):
                found[rows] = self._contains(values.take(rows))
        self._frequent = bool(np.count_nonzero(found) * BLOCK_RECORDS > len(found))
        return found

    def _contains(self, values: "pa.Array[Any]") -> npt.NDArray[np.bool_]:
        import pyarrow.compute as pc

        # The kernel for regular expressions finds plain text four times as fast as the one for plain text.
        pattern = self.pattern if self.regex else re.escape(self.pattern)
        typed: Any = values.view(self._type)
        found: Any = pc.match_substring_regex(typed, pattern, ignore_case=self._ignore_case)
        matches: npt.NDArray[np.bool_] = found.fill_null(False).to_numpy(zero_copy_only=False)
        return matches


def _blocks(values: "pa.Array[Any]") -> "pa.Array[Any]":
    """The same bytes as blocks of records, without copying them. A text may match where two records meet."""
    _, places, content = values.buffers()
    assert places is not None, "an array of binary has places"
    ends = np.frombuffer(memoryview(places), np.int32)[values.offset : values.offset + len(values) + 1]
    edges = np.append(ends[:-1:BLOCK_RECORDS], ends[-1])
    return pa.Array.from_buffers(values.type, len(edges) - 1, [None, pa.py_buffer(edges.data), content])
