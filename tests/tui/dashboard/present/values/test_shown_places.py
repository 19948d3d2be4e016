"""Where lines show the places of a value that a search within it found."""

import threading

import pytest

from engine.live.window.matcher import TextMatcher
from engine.live.window.places import places_in
from tui.dashboard.present.values.json_tree import Folds, json_tree
from tui.dashboard.present.values.text_lines import TextLines, part_around
from tui.dashboard.present.values.value import TEXT_BYTES, HexLines, Lines, TreeLines


def shown(lines: Lines, value: bytes, pattern: str) -> list[str]:
    """What is marked of each hit, where the line of its first byte shows it."""
    found = places_in(value, TextMatcher(pattern, regex=True), threading.Event()).spans
    marked = []
    for span in found:
        index = lines.at(span[0])
        text = lines.line(index).text
        marked += [text[start:end] for start, end in lines.shown(index, [span])]
    return marked


@pytest.mark.parametrize(
    "value",
    [
        b"one\nTwo two",
        "é two\n\ttwo\ttwo".encode(),
        b"a\rb\ttwo \x1b two",
        b"\xff\xfetwo\n\xfftwo",
        "\u202etwo 世two".encode(),
    ],
)
def test_text_lines_show_places_as_they_spell_them(value: bytes) -> None:
    count = value.lower().count(b"two")
    assert [text.lower() for text in shown(TextLines(value), value, "two")] == ["two"] * count


def test_place_across_lines_is_marked_in_each() -> None:
    value = b"one two\nthree"
    lines = TextLines(value)
    (span,) = places_in(value, TextMatcher("two\nthr"), threading.Event()).spans
    assert [lines.shown(index, [span]) for index in range(2)] == [[(4, 7)], [(0, 3)]]


def test_tree_lines_show_places_also_after_characters_of_several_bytes() -> None:
    value = '{"ä":"世 Porto","b":["porto",{"c":"x porto"}]}'.encode()
    tree = json_tree(value)
    assert tree is not None
    folds = Folds(tree)
    assert shown(TreeLines(folds, 80), value, "(?i)porto") == ["Porto", "porto", "porto"]
    folds.toggle_all()
    place = value.rindex(b"x porto")
    assert TreeLines(folds, 80).at(place) == 2
    assert folds.reveal(tree.line_at(place))
    assert not folds.reveal(tree.line_at(place))
    assert shown(TreeLines(folds, 80), value, "x porto") == ["x porto"]


def test_hex_lines_show_digits_and_letters() -> None:
    value = bytes(12) + b"porto" + bytes(20)
    lines = HexLines(value, 80)
    (span,) = places_in(value, TextMatcher("porto"), threading.Event()).spans
    texts = [[lines.line(line).text[a:b] for a, b in lines.shown(line, [span])] for line in range(2)]
    assert texts == [["70 6f 72 74", "port"], ["6f", "o"]]
    middle = bytes(6) + b"port"
    assert shown(HexLines(middle, 80), middle, "port") == ["70 6f  72 74", "port"]


@pytest.mark.parametrize("unit", [b"x", b"line\n", "世".encode()])
def test_part_of_long_text_shows_any_place(unit: bytes) -> None:
    value = unit * (3 * TEXT_BYTES // len(unit)) + b"needle" + unit * (3 * TEXT_BYTES // len(unit))
    begin = part_around(value, value.index(b"needle"))
    lines = TextLines(value, begin=begin)
    assert shown(lines, value, "needle") == ["needle"]
    assert lines.line(0).text.endswith("before …")
    assert lines.line(len(lines) - 1).text.startswith("… and ")
    assert "\\x" not in lines.line(1).text
    assert part_around(value, 17) == 0
    last = TextLines(value, begin=part_around(value, len(value) - 1))
    assert last.end == len(value)
