"""The lines of a value in rows: which rows each line takes, and what of it each row shows."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, groupby

from textual.cache import LRUCache

from tui.dashboard.present.values.text_lines import TextLines
from tui.dashboard.present.values.value import HexLines, Line, Lines, Role, Span, overlapping, wrapped
from tui.dashboard.present.values.value_hits import ValueHits

LINES_KEPT = 128
"""More than are visible."""


class ValueRows:
    """Rows of one width. Lines are made when they are asked for, and some of them are kept."""

    def __init__(self) -> None:
        self.lines: Lines = TextLines(b"")
        self.width = 1
        self.hits: ValueHits | None = None
        """Of a search within the value."""
        self._tops: Sequence[int] = (0,)
        """The first row of each line, and the row after the last."""
        self._pieces: LRUCache[int, tuple[Line, Sequence[str]]] = LRUCache(LINES_KEPT)

    def lay_out(self, lines: Lines, width: int) -> None:
        self.lines, self.width = lines, width
        self.stack()

    def stack(self) -> None:
        """Take in that other lines are folded."""
        count = len(self.lines)
        if isinstance(self.lines, HexLines):
            self._tops = range(count + 1)
        else:
            heights = (self.lines.height(index, self.width) for index in range(count))
            self._tops = list(accumulate(heights, initial=0))
        self.forget()

    def forget(self) -> None:
        """Make lines again: other hits are marked in them."""
        self._pieces.clear()

    def __len__(self) -> int:
        return self._tops[-1]

    def line_of(self, row: int) -> int:
        return bisect_right(self._tops, row) - 1

    def top(self, line: int) -> int:
        """The first row of a line."""
        return self._tops[line]

    def hit_row(self, line: int) -> int:
        """The row of a line in which the hit begins that the user went to."""
        found, pieces = self._cut(line)
        start = found.current[0][0] if found.current else 0
        ends = list(accumulate(map(len, pieces)))
        return self._tops[line] + min(bisect_right(ends, start), len(pieces) - 1)

    def part(self, row: int) -> tuple[Line, Span]:
        """The line of a row, and the span of its text that the row shows."""
        index = self.line_of(row)
        line, pieces = self._cut(index)
        number = row - self._tops[index]
        start = sum(map(len, pieces[:number]))
        return line, (start, start + len(pieces[number]))

    def _cut(self, index: int) -> tuple[Line, Sequence[str]]:
        cut = self._pieces.get(index)
        if cut is None:
            line = self._searched(index, self.lines.line(index))
            cut = self._pieces[index] = (line, wrapped(line.text, self.width))
        return cut

    def _searched(self, index: int, line: Line) -> Line:
        """A line with the hits of a search within the value, if there is one."""
        if self.hits is None:
            return line
        hits, current = (self.lines.shown(index, spans) for spans in (self.hits.spans, self.hits.current))
        return replace(line, hits=hits, current=current)


def role_runs(line: Line, within: Span, mark: Role) -> Iterator[tuple[Role | None, str]]:
    """The text of a span of a line in runs of one role each; hits have the role `mark`."""
    first, stop = within
    roles: list[Role | None] = [None] * (stop - first)
    hits = ((hit, mark) for hit in overlapping(line.hits, within))
    for (start, end), marked in (*line.parts, *hits, *((hit, Role.CURRENT) for hit in line.current)):
        for place in range(max(start, first), min(end, stop)):
            roles[place - first] = marked
    for role, run in groupby(range(first, stop), key=lambda place: roles[place - first]):
        places = list(run)
        yield role, line.text[places[0] : places[-1] + 1]
