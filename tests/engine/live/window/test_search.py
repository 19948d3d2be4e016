"""Searching a window, compared with looking at each record."""

import random
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Protocol

import numpy as np
import pytest

from engine.live.versions.output_log import OutputBlock
from engine.live.window.limits import WindowLimits
from engine.live.window.matcher import SLICE_RECORDS, SearchError, Span, TextMatcher
from engine.live.window.search import Search
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch
from tests.waiting import PATIENCE, wait_until

SLOW = "(x|.{0,900}b.{5})c"
"""Takes RE2 about a second for 20,000 letters `a` and `b`: linear time, but far from quick."""


class Opens(Protocol):
    def __call__(self, pattern: str, *, regex: bool = False) -> Search: ...


@pytest.fixture
def search_for() -> Iterator[Opens]:
    """Starts searches that end with the test."""
    with ExitStack() as stack:
        yield lambda pattern, regex=False: stack.enter_context(
            closing(Search(TextMatcher(pattern, regex=regex)))
        )


def window_of(*values: bytes, keys: list[bytes | None] | None = None, rows: int = 100_000) -> Window:
    window = Window(WindowLimits(rows=rows))
    window.append(Batch.consecutive(0, 0, record_batch(values, keys=keys, timestamps=0)))
    return window


def hits(search: Search, window: Window) -> list[int]:
    shown = window.snapshot()
    search.show(shown)
    assert search.wait(shown, PATIENCE)
    return search.hits.tolist()


@pytest.mark.parametrize(
    ("pattern", "regex", "found"),
    [
        ("error", False, [0, 1, 4]),
        ("Error", False, [1]),
        ("a.c", False, [2]),
        ("a.c", True, [2, 3]),
        ("^err", True, [0, 4]),
        (r"\d{3}", True, [5]),
        ("大阪", False, [6]),
        ("^..$", True, [6]),
        ("é", False, [8]),
        ("key-", False, [4]),
        ("nowhere", False, []),
    ],
)
def test_matches_in_values_and_keys(pattern: str, regex: bool, found: list[int], search_for: Opens) -> None:
    values = [b"error: a", b"an Error", b"a.c", b"abc", b"ERROR \xff\xfe", b"x 123", "大阪".encode(), b""]
    values.append("CAFÉ".encode())
    keys = [None, None, None, None, b"KEY-4", None, None, None, None]
    assert hits(search_for(pattern, regex=regex), window_of(*values, keys=keys)) == found


def test_hits_do_not_depend_on_slices(search_for: Opens) -> None:
    chance = random.Random(7)
    window = Window(WindowLimits(rows=5_000))
    search = search_for("7")
    for _ in range(60):
        values = [str(chance.randrange(10_000)).encode() for _ in range(chance.randrange(1, 400))]
        window.append(Batch.consecutive(0, window.end_row, record_batch(values, timestamps=0)))
        if chance.random() < 0.5:
            search.show(window.snapshot())
    shown = window.snapshot()
    wanted = [row for row in range(shown.first_row, shown.end_row) if b"7" in shown.record(row).value]
    assert hits(search, window) == wanted


def test_slices_cover_a_batch_however_long_they_take() -> None:
    batch = Batch.consecutive(0, 0, record_batch([b"x", b"y"] * SLICE_RECORDS, timestamps=0))
    ends, rows = zip(*TextMatcher("y").scan(batch), strict=True)
    assert ends[0] == 1 and ends[-1] == len(batch)
    assert [int(row) for part in rows for row in part] == list(range(1, len(batch), 2))


@pytest.mark.parametrize("share", [0, 0.001, 0.1, 1])
def test_text_is_found_however_frequent_it_is(share: float) -> None:
    chance = random.Random(3)
    found = [chance.random() < share for _ in range(20_000)]
    # Without borders between records, every one would match.
    values = [b"needle" if match else b"edleneedlene"[: chance.randrange(12)] for match in found]
    keys = [b"NEEDLE" if chance.random() < 0.001 else None for _ in found]
    batch = Batch.consecutive(0, 0, record_batch(values, keys=keys, timestamps=0)).slice(7, 19_000)
    wanted = [row for row in range(len(batch)) if b"needle" in values[row + 7] or keys[row + 7]]
    assert [int(row) for _, rows in TextMatcher("needle").scan(batch) for row in rows] == wanted


@pytest.mark.parametrize("values", [[None, None], [b"", b""], [None, b"x"]])
def test_tombstones_and_empty_values_match_no_text(values: list[bytes | None]) -> None:
    batch = Batch.consecutive(0, 0, record_batch(values, timestamps=0))
    assert not any(len(rows) for _, rows in TextMatcher("needle").scan(batch))


def test_a_slow_search_shows_progress_and_ends_at_once(search_for: Opens) -> None:
    text = bytes(random.Random(1).choices(b"ab", k=2_000))
    window = window_of(*[text] * 2_000).snapshot()
    search = search_for(SLOW, regex=True)
    search.show(window)
    wait_until(lambda: search.left(window) < len(window))
    assert not search.wait(window, 0)
    search.stop()
    wait_until(lambda: search.ended)
    assert search.left(window) > 0


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(a", "invalid regular expression: missing ): (a"),
        ("a(?=b)", "look-around '(?=' is not supported: match the text around it as well"),
        ("(?<!a)b", "look-around '(?<!' is not supported: match the text around it as well"),
        (r"(a)\1", r"back-reference '\1' is not supported: repeat the pattern that it refers to"),
        ("(?P<x>a)(?P=x)", "back-reference '(?P=' is not supported: repeat the pattern that it refers to"),
        (r"\pL{900}", "the regular expression is too large: use fewer or smaller repetitions"),
        (r"\Z", r"invalid regular expression: invalid escape sequence: \Z"),
    ],
)
def test_refused_regular_expressions_are_explained(pattern: str, problem: str) -> None:
    with pytest.raises(SearchError, match=f"^{re.escape(problem)}$"):
        TextMatcher(pattern, regex=True)
    assert list(TextMatcher(pattern).places(f"x{pattern}")) == [(1, 1 + len(pattern))]


@pytest.mark.parametrize(
    ("pattern", "regex", "text", "places"),
    [
        ("ab", False, "xABxab", [(1, 3), (4, 6)]),
        ("a+", True, "aabAa", [(0, 2), (3, 5)]),
        ("x*", True, "abc", []),
        (r"\pL", True, "1é大", [(1, 2), (2, 3)]),
        ("(a+)+b", True, "a" * 300, []),
        ("(a+)+$", True, "a" * 300 + "!", []),
    ],
)
def test_places_to_highlight(
    pattern: str, regex: bool, text: str, places: list[tuple[int, int]], search_for: Opens
) -> None:
    search = search_for(pattern, regex=regex)
    wait_until(lambda: search.highlight(text) is not None)
    assert search.highlight(text) == places


def test_highlighting_waits_for_no_slow_text(search_for: Opens) -> None:
    # Each place is found in linear time; all of them would take hours.
    slow = "a" * 256_000
    search = search_for("a.*b|a", regex=True)
    assert search.highlight(slow) is None
    search.wait_for_highlights()
    wait_until(lambda: search.highlight("abab") is not None)
    assert search.highlight("abab") == [(0, 4)]
    assert (0, 1) in (search.highlight(slow) or ())


class HeldMatcher(TextMatcher):
    """Finds the places in a text once it is released."""

    def __init__(self, pattern: str) -> None:
        super().__init__(pattern)
        self.released = threading.Event()

    def places(self, text: str | bytes) -> Iterator[Span]:
        self.released.wait()
        return super().places(text)


def test_drawing_waits_only_a_moment_for_highlights() -> None:
    matcher = HeldMatcher("a")
    with closing(Search(matcher)) as search:
        search.highlight("abab")
        drawing = threading.Thread(target=search.wait_for_highlights)
        drawing.start()
        drawing.join(PATIENCE)
        waits = drawing.is_alive()
        matcher.released.set()
        drawing.join()
    assert not waits


def test_outputs_are_searched_once_per_block(search_for: Opens) -> None:
    first = OutputBlock(np.array([3, 3, 7]), outputs(b"an error", b"error", b"fine"))
    second = OutputBlock(np.array([9]), outputs(b"errors"))
    search = search_for("error")
    window = window_of(b"an error", b"fine")
    search.show_outputs(1, (first,))
    assert hits(search, window) == [0], "the window is searched by its own records"
    assert search.hits_among((first,)).tolist() == [3]
    search.show_outputs(1, (first, second))
    assert search.wait(window.snapshot(), PATIENCE)
    assert search.hits_among((first, second)).tolist() == [3, 9]
    assert search.hits_among((second,)).tolist() == [9]


def outputs(*values: bytes) -> Batch:
    return Batch.consecutive(0, 0, record_batch(values, timestamps=0))
