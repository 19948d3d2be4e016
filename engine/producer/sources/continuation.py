"""Lines that continue the record before them, such as those of a stack trace."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """Values of records, each a line or several."""

    values: pa.BinaryArray
    numbers: npt.NDArray[np.int64]
    """Of the first line of each, counted from 1."""
    next: int
    """The number of the line after all of them."""

    def __len__(self) -> int:
        return len(self.values)

    def slice(self, start: int, count: int | None = None) -> "Lines":
        """Some of them; `next` is then the line after these."""
        stop = len(self) if count is None else min(start + count, len(self))
        following = self.next if stop == len(self) else int(self.numbers[stop])
        return Lines(
            values=self.values.slice(start, stop - start), numbers=self.numbers[start:stop], next=following
        )

    def only(self, chosen: npt.NDArray[np.bool_]) -> "Lines":
        """The chosen ones."""
        values = self.values.filter(pa.array(chosen))
        return Lines(values=values, numbers=self.numbers[chosen], next=self.next)


class Continuation:
    """Joins lines to the last one that matches a regular expression, with newlines between them."""

    def __init__(self, begins: str) -> None:
        """`begins` (RE2) matches the first line of each record; what comes before that is one, too."""
        self._begins = begins
        self._open: list[Lines] = []
        self.pending = 0
        """Bytes of the record that may continue."""

    def feed(self, lines: Lines) -> Lines:
        """The records that have ended."""
        if not len(lines):
            return lines
        matches: Any = pc.match_substring_regex(lines.values, pattern=self._begins)
        starts = np.flatnonzero(matches.to_numpy(zero_copy_only=False))
        if not len(starts):
            self._keep(lines)
            return lines.slice(0, 0)
        first, last = int(starts[0]), int(starts[-1])
        before, between = lines.slice(0, first), lines.slice(first, last - first)
        ended = [*self._ended(before), *([_joined(between, starts[:-1] - first)] if len(starts) > 1 else [])]
        self._keep(lines.slice(last))
        return _all(ended) if ended else lines.slice(0, 0)

    def finish(self, following: int) -> Lines:
        """The record that is not ended, if there is one; `following` is the number of the next line."""
        ended = self._ended(None)
        return ended[0] if ended else Lines(values=_NONE, numbers=np.empty(0, np.int64), next=following)

    def _ended(self, rest: Lines | None) -> list[Lines]:
        if rest is not None and len(rest):
            self._keep(rest)
        found = [_joined(_all(self._open), np.zeros(1, np.int64))] if self._open else []
        self._open, self.pending = [], 0
        return found

    def _keep(self, lines: Lines) -> None:
        self._open.append(lines)
        self.pending += len(lines) + (pc.sum(pc.binary_length(lines.values)).as_py() or 0)


_NONE = pa.array([], pa.binary())


def _joined(lines: Lines, starts: npt.NDArray[np.int64]) -> Lines:
    """One value for the lines from each start to before the next."""
    offsets = pa.array(np.append(starts, len(lines)), pa.int32())
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, lines.values), b"\n")
    return Lines(values=cast("Any", joined), numbers=lines.numbers[starts], next=lines.next)


def _all(parts: list[Lines]) -> Lines:
    values = pa.concat_arrays([part.values for part in parts])
    numbers = np.concatenate([part.numbers for part in parts])
    return Lines(values=values, numbers=numbers, next=parts[-1].next)
