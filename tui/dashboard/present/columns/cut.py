"""Texts cut to a number of terminal cells, with the places that a search found in them."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tui import format
from tui.dashboard.present.values.value import Span

_CONTEXT = 3
"""A third, a fourth, … of the cells are for what comes before a match that is brought into view."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a text, as it is shown."""

    text: str
    hits: Sequence[Span] = ()
    """In `text`."""


def fit(text: str, cells: int, hits: Sequence[Span] = ()) -> Cut:
    """A text in at most this many cells, with its first hit in view; an ellipsis is for what is left out."""
    if format.fitting(text, 0, cells) == len(text):
        return Cut(text, hits)
    if not hits or cells < 2:
        return Cut(format.clip(text, cells))
    end = format.fitting(text, 0, cells - 1)
    if hits[0][1] > end:
        return _around(text, cells, hits)
    return Cut(text[:end] + format.ELLIPSIS, _shown(hits, 0, end, 0))


def fit_middle(text: str, cells: int) -> Cut:
    """A text whose end says as much as its beginning, in at most this many cells."""
    if format.fitting(text, 0, cells) == len(text) or cells < 5:
        return fit(text, cells)
    end = format.fitting(text, 0, cells // 2)
    start = _fitting_back(text, cells - 1 - cells // 2)
    return Cut(text[:end] + format.ELLIPSIS + text[start:])


def slide(text: str, start: int, cells: int) -> tuple[str, int, int]:
    """The part of a text from a cell on: from a character to before another, and what comes before it.

    That is a blank where a wide character is cut through.
    """
    first = _index_at(text, start)
    blank = " " * max(cell_len(text[:first]) - start, 0)
    return blank, first, format.fitting(text, first, cells - len(blank))


def cells_of(text: str) -> int:
    """How many cells a text without control characters takes."""
    return len(text) if text.isascii() else cell_len(text)


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """A text that fits in this many cells, filled up with blanks."""
    blanks = " " * (cells - cells_of(text))
    return blanks + text if right else text + blanks


def _around(text: str, cells: int, hits: Sequence[Span]) -> Cut:
    begin, stop = hits[0]
    room = max(min(cells // _CONTEXT, cells - 2 - format.widest(text[begin:stop])), 0)
    before = text[max(begin - room, 0) : begin]
    first = begin - len(before) + _fitting_back(before, room)
    last = format.fitting(text, first, cells - 1)
    if last == len(text):
        # What is left of the room shows more of what comes before.
        first = min(_fitting_back(text, cells - 1), first)
        return Cut(format.ELLIPSIS + text[first:], _shown(hits, first, last, 1))
    last = format.fitting(text, first, cells - 2)
    return Cut(format.ELLIPSIS + text[first:last] + format.ELLIPSIS, _shown(hits, first, last, 1))


def _shown(hits: Sequence[Span], first: int, last: int, shift: int) -> Sequence[Span]:
    """The hits between two characters, counted from the first and moved."""
    return [
        (max(start, first) - first + shift, min(end, last) - first + shift)
        for start, end in hits
        if start < last and end > first
    ]


def _fitting_back(text: str, cells: int) -> int:
    """The start of the longest end that takes at most this many cells; what combines begins none."""
    if text.isascii():
        return len(text) - min(max(cells, 0), len(text))
    used, start = 0, len(text)
    for index in range(len(text) - 1, -1, -1):
        used += format.widest(text[index])
        if used > cells:
            break
        if format.widest(text[index]):
            start = index
    return start


def _index_at(text: str, cells: int) -> int:
    """The first character that begins at a cell or after it."""
    if text.isascii():
        return min(cells, len(text))
    index = bisect_left(range(len(text)), cells, key=lambda end: cell_len(text[:end]))
    while index < len(text) and not format.widest(text[index]):
        index += 1
    return index
