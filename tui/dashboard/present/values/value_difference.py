"""Where the output of a record differs from its input, word by word."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import accumulate

from tui import format
from tui.dashboard.present.values.value import Highlighter, Span, overlapping

COMPARED_BYTES = 64 << 10
"""Nothing is marked in longer values."""
_MATCHED = 250_000
"""Pairs of words: in longer texts all between the first and the last difference counts as different."""
_WORD = re.compile(r"\w+|\s+|[^\w\s]")


def differing(value: bytes, other: bytes) -> Highlighter:
    """Finds in the text of a value, and in each of its lines, what is not in another value."""
    if max(len(value), len(other)) > COMPARED_BYTES:
        return lambda _: ()
    text = format.decode(value, final=True)
    spans = different_spans(text, format.decode(other, final=True))
    found: dict[str, Sequence[Span]] = {}
    start = 0
    for line in text.split("\n"):
        within = (start, start + len(line))
        shown = format.harmless(line)
        parts = [(max(a, start) - start, min(b, within[1]) - start) for a, b in overlapping(spans, within)]
        # Where characters had to be spelt out, places are no longer known: all of it is marked.
        found[shown] = parts if len(shown) == len(line) else [(0, len(shown))] if parts else ()
        start = within[1] + 1
    found[text] = spans
    return lambda shown: found.get(shown, ())


def different_spans(text: str, other: str) -> Sequence[Span]:
    """The spans of a text that are not in another, ascending."""
    here, there = _WORD.findall(text), _WORD.findall(other)
    places = [0, *accumulate(map(len, here))]
    first = _common(here, there)
    last = _common(here[first:][::-1], there[first:][::-1])
    middle, others = here[first : len(here) - last], there[first : len(there) - last]
    spans = []
    for start, end in _unmatched(middle, others):
        begin, stop = places[first + start], places[first + end]
        spans.append((begin, stop))
    return spans


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with."""
    shorter = range(min(len(one), len(other)))
    return bisect_left(shorter, True, key=lambda end: one[: end + 1] != other[: end + 1])


def _unmatched(words: Sequence[str], others: Sequence[str]) -> Sequence[Span]:
    if not words:
        return ()
    if len(words) * len(others) > _MATCHED:
        return [(0, len(words))]
    codes = SequenceMatcher(None, words, others, autojunk=False).get_opcodes()
    return [(start, end) for code, start, end, _, _ in codes if code in ("replace", "delete")]
