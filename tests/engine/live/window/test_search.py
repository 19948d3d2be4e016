"""Searching a window, compared with looking at each record."""

import random
import re

import pytest

from engine.live.window.limits import WindowLimits
from engine.live.window.matcher import SearchError
from engine.live.window.search import SLICE_RECORDS, Search
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch

ENDLESS = 60.0


def window_of(*values: bytes, keys: list[bytes | None] | None = None, rows: int = 100_000) -> Window:
    window = Window(WindowLimits(rows=rows))
    window.append(Batch.consecutive(0, 0, record_batch(values, keys=keys, timestamps=0)))
    return window


def hits(search: Search, window: Window) -> list[int]:
    while search.left(window.snapshot()):
        search.advance(window.snapshot(), ENDLESS)
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
        ("key-", False, [4]),
        ("nowhere", False, []),
    ],
)
def test_matches_in_values_and_keys(pattern: str, regex: bool, found: list[int]) -> None:
    values = [b"error: a", b"an Error", b"a.c", b"abc", b"ERROR \xff\xfe", b"x 123", "大阪".encode(), b""]
    keys = [None, None, None, None, b"KEY-4", None, None, None]
    assert hits(Search(pattern, regex=regex), window_of(*values, keys=keys)) == found


def test_hits_do_not_depend_on_slices() -> None:
    chance = random.Random(7)
    window = Window(WindowLimits(rows=5_000))
    search = Search("7")
    for _ in range(60):
        values = [str(chance.randrange(10_000)).encode() for _ in range(chance.randrange(1, 400))]
        window.append(Batch.consecutive(0, window.end_row, record_batch(values, timestamps=0)))
        if chance.random() < 0.5:
            search.advance(window.snapshot(), 0)
    shown = window.snapshot()
    wanted = [row for row in range(shown.first_row, shown.end_row) if b"7" in shown.record(row).value]
    assert hits(search, window) == wanted


def test_search_stops_when_its_time_is_over() -> None:
    window = window_of(*[b"x"] * (3 * SLICE_RECORDS))
    search = Search("x")
    assert search.advance(window.snapshot(), 0)
    assert search.left(window.snapshot()) == 2 * SLICE_RECORDS
    assert len(search.hits) == SLICE_RECORDS
    assert len(hits(search, window)) == 3 * SLICE_RECORDS
    assert not search.advance(window.snapshot(), 0)


def test_invalid_regular_expressions_are_explained() -> None:
    with pytest.raises(SearchError, match=re.escape("invalid regular expression: missing ): (a")):
        Search("(a", regex=True)
    assert Search("(a").matcher.pattern == "(a"


def test_places_to_highlight() -> None:
    assert Search("ab").highlight("xABxab") == [(1, 3), (4, 6)]
    assert Search("a+", regex=True).highlight("aabAa") == [(0, 2), (3, 5)]
    assert Search("x*", regex=True).highlight("abc") == []
    assert Search(r"\pL", regex=True).highlight("abc") == []
