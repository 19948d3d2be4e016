"""The text of a value as lines; of a long one, a part at a time."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate

from engine import units
from tui import format
from tui.dashboard.present.values.value import TEXT_BYTES, Highlighter, Line, Span, height, overlapping

_CONTINUES = range(0x80, 0xC0)
"""Bytes that continue a character of UTF-8."""


class TextLines:
    """The text from byte `begin` on; what is left out is said at either end."""

    def __init__(self, value: bytes, highlight: Highlighter | None = None, begin: int = 0) -> None:
        self._part = value[begin : begin + TEXT_BYTES]
        left = len(value) - begin - len(self._part)
        self.begin, self.end = begin, begin + len(self._part)
        text = format.decode(self._part, final=not left)
        self._highlight = highlight
        self._before = [f"{units.size(begin)} before …"] if begin else []
        after = [f"… and {units.size(left)} more, all of it in hex"] if left else []
        self._lines = [*self._before, *map(format.harmless, text.split("\n")), *after]

    def __len__(self) -> int:
        return len(self._lines)

    def height(self, index: int, cells: int) -> int:
        return height(self._lines[index], cells)

    def line(self, index: int) -> Line:
        text = self._lines[index]
        return Line(text, hits=self._highlight(text) if self._highlight else ())

    def at(self, place: int) -> int:
        lines = self._part.count(b"\n", 0, max(place - self.begin, 0))
        return len(self._before) + lines

    def shown(self, index: int, places: Sequence[Span]) -> Sequence[Span]:
        number = index - len(self._before)
        if not 0 <= number < len(self._starts) - 1:
            return ()
        start, stop = self._starts[number], self._starts[number + 1] - 1
        base = self.begin
        found = overlapping(places, (base + start, base + stop))
        cuts = [min(max(cut - base, start), stop) for span in found for cut in span]
        ends = [start, *cuts]
        pieces = (self._part[first:last] for first, last in zip(ends, cuts, strict=False))
        places_shown = list(_shown_lengths(pieces))
        return list(zip(places_shown[::2], places_shown[1::2], strict=True))

    @cached_property
    def _starts(self) -> Sequence[int]:
        """Where each line begins in the part, and where one after the last would."""
        return list(accumulate((len(line) + 1 for line in self._part.split(b"\n")), initial=0))


def part_around(value: bytes, place: int) -> int:
    """Where a part of a value begins that shows a byte of it, and what is before and after that."""
    begin = min(max(place - TEXT_BYTES // 2, 0), max(len(value) - TEXT_BYTES, 0))
    if not begin:
        return 0
    line = value.find(b"\n", begin, place) + 1
    if line:
        return line
    while begin < place and value[begin] in _CONTINUES:
        begin += 1
    return begin


def _shown_lengths(pieces: Iterable[bytes]) -> Iterable[int]:
    """How many characters a line takes up to the end of each of its pieces, as `TextLines` shows them."""
    shown = column = 0
    for piece in pieces:
        # Tabs count from the start of the line, or from a carriage return.
        spread = (" " * column + format.decode(piece)).expandtabs(format.TAB)
        shown += len(format.harmless(spread[column:]))
        column = (len(spread) - spread.rfind("\r") - 1) % format.TAB
        yield shown
