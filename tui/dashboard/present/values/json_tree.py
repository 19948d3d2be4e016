"""JSON as lines that fold."""

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.fields.path import Path

JSON_BYTES = 256 << 10
"""The longest value shown as a tree: the worst, a list of digits, takes a quarter of a second."""
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_OPEN, _CLOSE = "{[", "}]"


@dataclass(frozen=True)
class JsonTree:
    """A JSON object or list, every literal as it was written. The lists have an entry per line."""

    text: str
    starts: list[int] = field(default_factory=list)
    """Where a line begins in `text`, in characters."""
    ends: list[int] = field(default_factory=list)
    """Where it ends; up to the next start is white space, which is not shown."""
    depths: list[int] = field(default_factory=list)
    closes: list[int] = field(default_factory=list)
    """The line that closes what a line opens; 0 if it opens nothing or closes it itself."""

    def __len__(self) -> int:
        return len(self.starts)

    def byte(self, character: int) -> int:
        """How many bytes of UTF-8 come before a character of the text."""
        return character if self.text.isascii() else int(self._bytes_before[character])

    def character(self, byte: int) -> int:
        """The character of the text that a byte is in."""
        return (
            byte if self.text.isascii() else int(np.searchsorted(self._bytes_before, byte, side="right")) - 1
        )

    def line_at(self, byte: int) -> int:
        """The line that a byte is in."""
        return max(bisect_right(self.starts, self.character(byte)) - 1, 0)

    @cached_property
    def _bytes_before(self) -> npt.NDArray[np.intp]:
        """For each character, and the end, how many bytes of UTF-8 come before it."""
        octets = np.frombuffer(self.text.encode(), np.uint8)
        return np.append(np.flatnonzero((octets & 0xC0) != 0x80), len(octets))

    def members(self, line: int) -> int:
        """How many members what a line opens has."""
        count, inside, close = 0, line + 1, self.closes[line]
        while inside < close:
            count += 1
            inside = max(self.closes[inside], inside) + 1
        return count

    def path(self, line: int) -> Path:
        """Where the value of a line is; of a line that closes something, that of what it closes."""
        line = self._opener(line)
        path: list[str | int] = []
        while line:
            parent = self._parent(line)
            name = self._name(line)
            path.insert(0, self._position(parent, line) if name is None else name)
            line = parent
        return tuple(path)

    def literal(self, line: int) -> str:
        """The value of a line as it is written."""
        line = self._opener(line)
        end = self.ends[self.closes[line] or line]
        tokens = TOKEN.finditer(self.text, self.starts[line], end)
        begin = self.starts[line]
        if self._name(line) is not None:
            next(tokens)
            begin = next(tokens).end()
        return self.text[begin:end].rstrip().removesuffix(",").strip()

    def _opener(self, line: int) -> int:
        closing = self.text[self.starts[line]] in _CLOSE
        return self.closes.index(line) if closing else line

    def _parent(self, line: int) -> int:
        return next((above for above in range(line - 1, -1, -1) if self.closes[above] > line), 0)

    def _name(self, line: int) -> str | None:
        """The name of a line's value; None of an element of a list, and of the whole."""
        tokens = TOKEN.finditer(self.text, self.starts[line], self.ends[line])
        first, second = next(tokens), next(tokens, None)
        named = second is not None and second.group() == ":"
        return str(json.loads(first.group())) if named else None

    def _position(self, parent: int, line: int) -> int:
        """How many elements of a list come before a line."""
        count, above = 0, parent + 1
        while above < line:
            count += 1
            above = max(self.closes[above], above) + 1
        return count

    def begin(self, start: int, depth: int) -> None:
        self.starts.append(start)
        self.ends.append(start)
        self.depths.append(depth)
        self.closes.append(0)


def json_tree(value: bytes) -> JsonTree | None:
    """The lines of a JSON object or list; None for anything else, or if larger than `JSON_BYTES`."""
    if len(value) > JSON_BYTES or not looks_like_json(value):
        return None
    try:
        text = value.decode()
        # Numbers stay text: one of a million digits takes a minute to convert.
        json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    return _lines(text)


def looks_like_json(value: bytes) -> bool:
    """Whether a value begins like an object or a list."""
    return value[:64].lstrip().startswith((b"{", b"["))


def _lines(text: str) -> JsonTree:
    tree = JsonTree(text)
    opened: list[int] = []
    fresh, empty = True, False
    for match in TOKEN.finditer(text):
        start, end = match.span()
        sign = text[start]
        if sign in _CLOSE:
            opener = opened.pop()
            fresh = not empty
            if fresh:
                tree.closes[opener] = len(tree.starts)
        if fresh:
            tree.begin(start, len(opened))
        empty = sign in _OPEN
        if empty:
            opened.append(len(tree.starts) - 1)
        fresh = empty or sign == ","
        tree.ends[-1] = end
    return tree


class Folds:
    """Which lines of a tree are shown: `shown` has their numbers, ascending."""

    def __init__(self, tree: JsonTree) -> None:
        self.tree = tree
        self._folded: set[int] = set()
        self.shown: list[int] = list(range(len(tree)))

    def opens(self, line: int) -> bool:
        return self.tree.closes[line] > 0

    def folded(self, line: int) -> bool:
        return line in self._folded

    def toggle(self, line: int) -> None:
        if self.opens(line):
            self._folded ^= {line}
            self._gather()

    def toggle_all(self) -> None:
        """Fold everything within the outermost, or unfold all if that is folded already."""
        inner = {line for line, close in enumerate(self.tree.closes) if close and line}
        self._folded = set() if inner <= self._folded else inner
        self._gather()

    def reveal(self, line: int) -> bool:
        """Unfold what a line is folded into; whether anything changed."""
        around = {opener for opener in self._folded if opener < line <= self.tree.closes[opener]}
        self._folded -= around
        if around:
            self._gather()
        return bool(around)

    def parent(self, line: int) -> int:
        """The line that opens what a line is in, or closes."""
        before = bisect_right(self.shown, line) - 2
        closes = self.tree.closes
        return next((self.shown[at] for at in range(before, -1, -1) if closes[self.shown[at]] >= line), 0)

    def place(self, line: int) -> int:
        """Where a line stands among those that are shown, or the one that it is folded into."""
        return bisect_right(self.shown, line) - 1

    def _gather(self) -> None:
        self.shown = []
        line, end = 0, len(self.tree)
        while line < end:
            self.shown.append(line)
            line = (self.tree.closes[line] if line in self._folded else line) + 1
