"""The source of a build in lines, alone or compared with another."""

import difflib
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from engine.builds.source_text import Sources
from tui import format

MOST_LINES = 5_000
"""Of a source on the screen; the end of a longer one is left out."""
_CONTEXT = 3


class Tone(Enum):
    """What a line is."""

    TITLE = "title"
    TEXT = "text"
    REMOVED = "removed"
    ADDED = "added"
    PLACE = "place"
    """Where a part of the difference begins."""


class Line(NamedTuple):
    """A line without control characters."""

    tone: Tone
    text: str


def source_lines(sources: Sources) -> list[Line]:
    """The files one after another, with numbered lines."""
    found = []
    for one in sources:
        found.append(Line(Tone.TITLE, format.harmless(str(one.path))))
        found += [
            Line(Tone.TEXT, f"{number:>4}  {format.harmless(text)}")
            for number, text in enumerate(one.text.splitlines(), 1)
        ]
    return _bounded(found)


def difference_lines(old: Sources, new: Sources) -> list[Line]:
    """What differs from `old` to `new`, file by file; empty if nothing does."""
    texts = {one.path: one.text for one in new}
    return _bounded(
        [
            line
            for one in old
            if texts.get(one.path) != one.text
            for line in (
                Line(Tone.TITLE, format.harmless(str(one.path))),
                *_difference(one.text.splitlines(), texts.get(one.path, "").splitlines()),
            )
        ]
    )


def _difference(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    tones = {"-": Tone.REMOVED, "+": Tone.ADDED, "@": Tone.PLACE}
    lines = difflib.unified_diff(old, new, n=_CONTEXT, lineterm="")
    for number, line in enumerate(lines):
        # The first two name the files.
        if number > 1:
            yield Line(tones.get(line[0], Tone.TEXT), format.harmless(line))


def _bounded(lines: list[Line]) -> list[Line]:
    if len(lines) <= MOST_LINES:
        return lines
    left = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], Line(Tone.PLACE, f"… {left:,} more lines")]
