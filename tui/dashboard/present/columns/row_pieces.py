"""A row as pieces of text that each look the same, and moving it sideways."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tui.dashboard.present.columns.column import Tone
from tui.dashboard.present.columns.cut import Cut, pad, slide


class Piece(NamedTuple):
    """A part of a row that looks the same."""

    text: str
    tone: Tone | None = None
    hit: bool = False


@dataclass(slots=True)
class RowText:
    """A row, from left to right."""

    pieces: list[Piece] = field(default_factory=list)
    finished: bool = True
    """Whether the matches in it are found."""
    shows_hit: bool = False

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    def add(self, text: str, tone: Tone | None = None) -> None:
        self.pieces.append(Piece(text, tone))

    def add_cut(self, cut: Cut, cells: int, tone: Tone | None, *, right: bool = False) -> None:
        """Put a cut text at the end, filled up to this many cells."""
        shown = pad(cut.text, cells, right=right)
        if not cut.hits:
            return self.add(shown, tone)
        self.shows_hit = True
        start = len(shown) - len(cut.text) if right else 0
        end = 0
        for first, stop in cut.hits:
            self.add(shown[end : first + start], tone)
            self.pieces.append(Piece(shown[first + start : stop + start], tone, hit=True))
            end = stop + start
        return self.add(shown[end:], tone)


def slid(row: RowText, scroll: int, room: int) -> RowText:
    """A row from a cell on."""
    blank, first, last = slide(row.text, scroll, room)
    found = RowText(finished=row.finished, shows_hit=row.shows_hit)
    found.add(blank)
    found.pieces += _between(row.pieces, first, last)
    return found


def _between(pieces: Sequence[Piece], first: int, last: int) -> Iterator[Piece]:
    start = 0
    for piece in pieces:
        text = piece.text[max(first - start, 0) : max(last - start, 0)]
        if text:
            yield Piece(text, piece.tone, piece.hit)
        start += len(piece.text)
