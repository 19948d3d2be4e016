"""What differs between an input and its output."""

import pytest

from tui.dashboard.present.values.value_difference import COMPARED_BYTES, different_spans, differing


@pytest.mark.parametrize(
    ("text", "other", "different"),
    [
        ("same", "same", []),
        ("total 12", "total 13", ["12"]),
        ('{"city":"Porto","n":1}', '{"city":"PORTO","n":1}', ["Porto"]),
        ('{"a":1,"b":2}', '{"a":1}', [',"', "b", '":', "2"]),
        ("x" * 3 + " y", "", ["xxx y"]),
        ("", "gone", []),
    ],
)
def test_different_words(text: str, other: str, different: list[str]) -> None:
    found = [text[start:end] for start, end in different_spans(text, other)]
    assert "".join(found) == "".join(different)


def test_each_line_has_its_own_places() -> None:
    find = differing(b"one\ntwo old\n\x1bthree", b"one\ntwo new\nthree")
    assert find("one") == []
    assert find("two old") == [(4, 7)]
    assert find("\\x1bthree") == [(0, 9)]
    assert list(find("never shown")) == []


def test_long_values_are_not_compared() -> None:
    value = b"x" * (COMPARED_BYTES + 1)
    assert not differing(value, b"y")(value.decode())


def test_much_that_differs_is_one_span() -> None:
    text, other = " ".join(map(str, range(2_000))), " ".join(map(str, range(5_000, 7_000)))
    assert different_spans(f"a {text} z", f"a {other} z") == [(2, 2 + len(text))]
