import threading

import pytest

from engine.live.window import places
from engine.live.window.matcher import TextMatcher
from engine.live.window.places import places_in
from tests.waiting import PATIENCE


def test_places_are_bytes_also_of_what_is_no_text() -> None:
    value = "é porto \xff".encode() + b"\xff\xfe Porto"
    found = places_in(value, TextMatcher("porto"), threading.Event())
    assert [value[start:end] for start, end in found.spans] == [b"porto", b"Porto"]
    assert found.complete


def test_search_ends_when_it_is_stopped_or_has_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "SEARCH_SECONDS", PATIENCE)
    monkeypatch.setattr(places, "PLACES_KEPT", 1_000)
    stopped = threading.Event()
    stopped.set()
    assert places_in(b"aaa", TextMatcher("a"), stopped) == places.Places(spans=[], complete=False)
    many = places_in(b"a" * (places.PLACES_KEPT + 1), TextMatcher("a"), threading.Event())
    assert (len(many.spans), many.complete) == (places.PLACES_KEPT, False)
    all_of_them = places_in(b"a" * places.PLACES_KEPT, TextMatcher("a"), threading.Event())
    assert (len(all_of_them.spans), all_of_them.complete) == (places.PLACES_KEPT, True)
