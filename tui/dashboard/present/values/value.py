"""A record's value as lines to read: JSON that folds, text, or hex; only lines that are seen are made."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from rich.cells import cell_len

from engine import units
from tui import format
from tui.dashboard.present.values.json_tree import JSON_BYTES, TOKEN, Folds, json_tree, looks_like_json

TEXT_BYTES = 256 << 10
"""So much text is shown at once; hex has no end."""
INDENT = "  "
_FIRST_DIGIT = 10
"""Where a line of hex shows its first byte."""

Span = tuple[int, int]
"""From a character to before another, or from a byte of the value."""
Highlighter = Callable[[str], Sequence[Span]]
"""Finds what is searched for in a text: ascending spans that do not overlap."""


class ValueFormat(Enum):
    """A way to show a value."""

    JSON = "JSON"
    TEXT = "text"
    HEX = "hex"


class Role(Enum):
    """What a part of a line is, where it is not plain: the name of its style."""

    NAME = "value--key"
    OFFSET = "value--offset"
    FOLD = "value--fold"
    HIT = "value--hit"
    CURRENT = "value--current-hit"
    REMOVED = "value--removed"
    ADDED = "value--added"


@dataclass(frozen=True, slots=True)
class Line:
    """One line, however long: it is wrapped when it is drawn."""

    text: str
    parts: Sequence[tuple[Span, Role]] = ()
    hits: Sequence[Span] = ()
    """What is searched for: drawn over the parts."""
    current: Sequence[Span] = ()
    """The hit that the user went to: drawn over the other hits."""


class Lines(Protocol):
    """A value as lines."""

    def __len__(self) -> int: ...

    def height(self, index: int, cells: int) -> int:
        """How many rows of this many cells a line takes."""

    def line(self, index: int) -> Line:
        """A line, made now."""

    def at(self, place: int) -> int:
        """The line that shows a byte of the value, or the one nearest to it."""

    def shown(self, index: int, places: Sequence[Span]) -> Sequence[Span]:
        """Where a line's text shows some places of the value, which ascend."""


def natural_format(value: bytes) -> ValueFormat:
    """JSON where the value is an object or a list, hex where it is not UTF-8, else text."""
    if json_tree(value) is not None:
        return ValueFormat.JSON
    try:
        value[:TEXT_BYTES].decode()
    except UnicodeDecodeError as error:
        cut_short = error.end == TEXT_BYTES and len(value) > TEXT_BYTES
        return ValueFormat.TEXT if cut_short else ValueFormat.HEX
    return ValueFormat.TEXT


def why_no_tree(value: bytes, chosen: ValueFormat) -> str:
    """Why a value is shown as text where JSON was asked for or is to be expected; else empty."""
    if looks_like_json(value) and len(value) > JSON_BYTES and chosen is not ValueFormat.HEX:
        return f"JSON above {units.size(JSON_BYTES)} is shown as text"
    if chosen is ValueFormat.JSON and json_tree(value) is None:
        return "neither an object nor a list: shown as text"
    return ""


def wrapped(text: str, cells: int) -> Sequence[str]:
    """A line cut into pieces that fit; at least one."""
    if _one_cell_each(text):
        return [text[start : start + cells] for start in range(0, len(text), cells)] or [""]
    pieces, start, used = [], 0, 0
    for place, character in enumerate(text):
        wide = format.widest(character)
        # What goes with the character before it begins no piece.
        if used + wide > cells and place > start and cell_len(character):
            pieces.append(text[start:place])
            start, used = place, 0
        used += wide
    return [*pieces, text[start:]]


def height(text: str, cells: int) -> int:
    """How many pieces `wrapped` makes of a line."""
    return max(-(-len(text) // cells), 1) if _one_cell_each(text) else len(wrapped(text, cells))


def _one_cell_each(text: str) -> bool:
    return text.isascii() and text.isprintable()


class HexLines:
    """The bytes of a value: where a line starts, the bytes, and those of them that are ASCII."""

    def __init__(self, value: bytes, cells: int) -> None:
        self._value = value
        self._width = hex_width(cells)

    def __len__(self) -> int:
        return -(-len(self._value) // self._width)

    def height(self, _index: int, _cells: int) -> int:
        return 1

    def line(self, index: int) -> Line:
        return Line(hex_line(self._value, index, self._width), (((0, 8), Role.OFFSET),))

    def at(self, place: int) -> int:
        return place // self._width

    def shown(self, index: int, places: Sequence[Span]) -> Sequence[Span]:
        begin, half = index * self._width, self._width // 2
        letters = len(hex_line(b"", 0, self._width))
        spans = []
        for start, end in overlapping(places, (begin, begin + self._width)):
            first, last = max(start - begin, 0), min(end - begin, self._width) - 1
            digits = [_FIRST_DIGIT + 3 * place + (place >= half) for place in (first, last)]
            spans += [(digits[0], digits[1] + 2), (letters + first, letters + last + 1)]
        return sorted(spans)


class TreeLines:
    """The lines of a JSON tree that are not folded away."""

    SIGNS = {True: "▸ ", False: "▾ "}  # noqa: RUF012
    """What comes before a line that opens something, folded or not."""

    def __init__(self, folds: Folds, cells: int, highlight: Highlighter | None = None) -> None:
        self._folds = folds
        self._tree = folds.tree
        self._deepest = cells // 2
        """Indented no further than this."""
        self._highlight = highlight

    def __len__(self) -> int:
        return len(self._folds.shown)

    def height(self, index: int, cells: int) -> int:
        number = self._folds.shown[index]
        # A space after a name may come on top: a line that leaves no room for one is made to see.
        length = self._tree.ends[number] - self._tree.starts[number] + self._indent(number) + len(INDENT)
        if length < cells and not self._folds.folded(number) and self._tree.text.isascii():
            return 1
        return height(self.line(index).text, cells)

    def line(self, index: int) -> Line:
        return self._line(index, self._highlight(self._tree.text) if self._highlight else ())

    def at(self, place: int) -> int:
        return self._folds.place(self._tree.line_at(place))

    def shown(self, index: int, places: Sequence[Span]) -> Sequence[Span]:
        number, tree = self._folds.shown[index], self._tree
        lines = [number, tree.closes[number]] if self._folds.folded(number) else [number]
        within = [(tree.byte(tree.starts[line]), tree.byte(tree.ends[line])) for line in lines]
        found = [span for part in within for span in overlapping(places, part)]
        return self._line(index, [(tree.character(start), tree.character(end)) for start, end in found]).hits

    def _line(self, index: int, hits: Sequence[Span]) -> Line:
        number = self._folds.shown[index]
        made = _Made(hits)
        made.add(" " * self._indent(number))
        if self._folds.opens(number):
            made.add(self.SIGNS[self._folds.folded(number)], Role.FOLD)
        else:
            made.add(INDENT)
        self._add_tokens(made, number)
        if self._folds.folded(number):
            made.add(f" {units.plural(self._tree.members(number), 'member')} ", Role.FOLD)
            self._add_tokens(made, self._tree.closes[number])
        return Line("".join(made.texts), made.parts, made.hits)

    def _indent(self, number: int) -> int:
        return min(self._tree.depths[number] * len(INDENT), self._deepest)

    def _add_tokens(self, made: "_Made", number: int) -> None:
        tree = self._tree
        tokens = list(TOKEN.finditer(tree.text, tree.starts[number], tree.ends[number]))
        named = len(tokens) > 1 and tokens[1].group() == ":"
        for position, token in enumerate(tokens):
            made.add_token(token.group(), token.start(), Role.NAME if named and not position else None)
            if token.group() == ":":
                made.add(" ")


class _Made:
    """A line in the making, out of tokens of a text of which it is known where the hits are."""

    def __init__(self, hits: Sequence[Span]) -> None:
        self.texts: list[str] = []
        self.parts: list[tuple[Span, Role]] = []
        self.hits: list[Span] = []
        self._all_hits = hits
        self._length = 0

    def add(self, text: str, role: Role | None = None) -> None:
        self.texts.append(text)
        if role is not None:
            self.parts.append(((self._length, self._length + len(text)), role))
        self._length += len(text)

    def add_token(self, token: str, start: int, role: Role | None) -> None:
        """Put a token at the end that begins at `start`, and what is found in it."""
        shown = format.harmless(token)
        end = start + len(token)
        for hit in overlapping(self._all_hits, (start, end)):
            found = (max(hit[0], start) - start, min(hit[1], end) - start)
            # Where characters had to be spelt out, places are no longer known: all of it is marked.
            first, stop = found if len(shown) == len(token) else (0, len(shown))
            self.hits.append((self._length + first, self._length + stop))
        self.add(shown, role)


def overlapping(spans: Sequence[Span], within: Span) -> Sequence[Span]:
    """Those of some ascending spans that have a character in common with one."""
    first = bisect_right(spans, within[0], key=lambda span: span[1])
    return spans[first : bisect_left(spans, within[1], key=lambda span: span[0])]


def hex_width(cells: int) -> int:
    """How many bytes a line of hex shows in this many cells: 16, or 8 or 4 where it is narrow."""
    return next((width for width in (16, 8) if cells >= len(hex_line(bytes(width), 0, width))), 4)


def hex_line(value: bytes, line: int, width: int) -> str:
    """One line of hex: where it starts, the bytes, and those of them that are ASCII."""
    part = value[line * width : (line + 1) * width]
    half = width // 2
    octets = f"{part[:half].hex(' '):<{half * 3 - 1}}  {part[half:].hex(' '):<{half * 3 - 1}}"
    letters = "".join(chr(octet) if 0x20 <= octet < 0x7F else "·" for octet in part)
    return f"{line * width:08x}  {octets}  {letters}"
