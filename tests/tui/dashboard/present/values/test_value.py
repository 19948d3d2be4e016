import json

import pytest

from engine.live.window.matcher import TextMatcher
from tui.dashboard.present.values.json_tree import JSON_BYTES, Folds, json_tree
from tui.dashboard.present.values.text_lines import TextLines
from tui.dashboard.present.values.value import (
    TEXT_BYTES,
    HexLines,
    Highlighter,
    Lines,
    Role,
    TreeLines,
    ValueFormat,
    hex_line,
    hex_width,
    natural_format,
    why_no_tree,
    wrapped,
)

NESTED = b'{"a":{"b":[1,2,{}],"c":[]},"d":"x, y: {z}"}'


def folds(value: bytes) -> Folds:
    tree = json_tree(value)
    assert tree is not None
    return Folds(tree)


def texts(lines: Lines) -> list[str]:
    return [lines.line(index).text for index in range(len(lines))]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b'{"a": 1}', ValueFormat.JSON),
        (b"  [1, 2]", ValueFormat.JSON),
        (b"17", ValueFormat.TEXT),
        (b'{"a": 1', ValueFormat.TEXT),
        (b"", ValueFormat.TEXT),
        (b"\xff", ValueFormat.HEX),
        (b"{" * 200_000, ValueFormat.TEXT),
        (b"[" * 100_000 + b"]" * 100_000, ValueFormat.TEXT),
        (b'["' + b"x" * JSON_BYTES + b'"]', ValueFormat.TEXT),
        (("x" * (TEXT_BYTES - 1) + "é").encode(), ValueFormat.TEXT),
    ],
)
def test_natural_format(value: bytes, expected: ValueFormat) -> None:
    assert natural_format(value) is expected


def test_reason_for_no_tree() -> None:
    large = b'["' + b"x" * JSON_BYTES + b'"]'
    assert why_no_tree(large, ValueFormat.TEXT) == "JSON above 256 KiB is shown as text"
    assert why_no_tree(large, ValueFormat.HEX) == ""
    assert why_no_tree(b"17", ValueFormat.JSON) == "neither an object nor a list: shown as text"
    assert why_no_tree(b"17", ValueFormat.TEXT) == ""
    assert why_no_tree(NESTED, ValueFormat.JSON) == ""


def test_json_is_indented() -> None:
    assert texts(TreeLines(folds(NESTED), 80)) == [
        "▾ {",
        '  ▾ "a": {',
        '    ▾ "b": [',
        "        1,",
        "        2,",
        "        {}",
        "      ],",
        '      "c": []',
        "    },",
        '    "d": "x, y: {z}"',
        "  }",
    ]


def test_fold_counts_members_on_its_line() -> None:
    tree = folds(NESTED)
    lines = TreeLines(tree, 80)
    tree.toggle(2)
    assert texts(lines)[2] == '    ▸ "b": [ 3 members ],'
    tree.toggle(1)
    assert texts(lines) == ["▾ {", '  ▸ "a": { 2 members },', '    "d": "x, y: {z}"', "  }"]
    assert [tree.parent(line) for line in tree.shown] == [0, 0, 0, 0]
    assert [tree.place(line) for line in range(11)] == [0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3]
    tree.toggle(1)
    assert len(lines) == 11 - 4
    assert [tree.parent(line) for line in (2, 7, 8, 9, 10)] == [1, 1, 1, 0, 0]


def test_toggle_all_keeps_outermost_open() -> None:
    tree = folds(NESTED)
    tree.toggle(2)
    tree.toggle_all()
    assert tree.shown == [0, 1, 9, 10]
    tree.toggle_all()
    assert tree.shown == list(range(11))
    tree.toggle(5)
    assert tree.shown == list(range(11))


def test_json_literals_stay_as_written() -> None:
    value = b'{"n": 1.50e3,\r\n"n":\t12345678901234567890123, "s": "\\u00e9\\"\\\\", "t" : true}'
    text = "\n".join(line[2:] for line in texts(TreeLines(folds(value), 80)))
    for literal in ("1.50e3", "12345678901234567890123", r'"\u00e9\"\\"', '"t": true'):
        assert literal in text
    assert text.count('"n"') == 2
    assert json.loads(text) == json.loads(value)


def test_number_with_many_digits_is_fast() -> None:
    assert json_tree(b"[" + b"9" * 200_000 + b"]") is not None


def test_tree_computes_height_without_lines() -> None:
    value = json.dumps({"long": "x" * 300, "wide": ["大" * 50, 1], "in": [[[[["é"]]]]]}, ensure_ascii=False)
    for cells in (8, 31, 80):
        lines = TreeLines(folds(value.encode()), cells)
        for index in range(len(lines)):
            assert lines.height(index, cells) == len(wrapped(lines.line(index).text, cells))


def marked(lines: Lines, index: int) -> list[str]:
    line = lines.line(index)
    return [line.text[start:end] for start, end in line.hits]


def highlight(pattern: str) -> Highlighter:
    return lambda text: list(TextMatcher(pattern).places(text))


def test_matches_are_marked_in_text_and_across_tokens() -> None:
    assert marked(TextLines(b"one\nTwo two", highlight("two")), 1) == ["Two", "two"]
    lines = TreeLines(folds(b'{"city":"Porto","n":[17]}'), 80, highlight('city":"po'))
    assert marked(lines, 1) == ['city"', ":", '"Po']
    tree = folds(b'{"city":"Porto","n":[17]}')
    tree.toggle(2)
    assert marked(TreeLines(tree, 80, highlight("17")), 2) == []
    hidden = TreeLines(folds('["a\u202eb"]'.encode()), 80, highlight("b"))
    assert marked(hidden, 1) == [r'"a\u202eb"']


def test_names_and_values_have_roles() -> None:
    (span, role), *_ = TreeLines(folds(b'{"a":"b"}'), 80).line(1).parts
    assert (span, role) == ((4, 7), Role.NAME)
    assert all(role is Role.FOLD for _, role in TreeLines(folds(b'["b"]'), 80).line(1).parts)


def test_text_is_wrapped_and_escaped() -> None:
    lines = TextLines(b"abcdef\n\ngh\x1b")
    pieces = [list(wrapped(text, 4)) for text in texts(lines)]
    assert pieces == [["abcd", "ef"], [""], ["gh\\x", "1b"]]
    assert [lines.height(index, 4) for index in range(3)] == [2, 1, 2]
    assert list(wrapped("大阪大阪", 5)) == ["大阪", "大阪"]


def test_long_text_counts_missing_bytes() -> None:
    assert texts(TextLines(b"x" * (TEXT_BYTES + 2048)))[-1] == "… and 2 KiB more, all of it in hex"
    assert "\\x" not in texts(TextLines("é".encode() * TEXT_BYTES))[-2]


def test_hex_line_length_follows_width() -> None:
    assert hex_line(b"\x00ABC\xff" + bytes(20), 0, 16).startswith("00000000  00 41 42 43 ff 00")
    assert hex_line(b"\x00ABC\xff", 0, 16).endswith("  ·ABC·")
    assert hex_line(bytes(20), 1, 16).startswith("00000010  00 00 00 00")
    assert [hex_width(cells) for cells in (100, 60, 34)] == [16, 8, 4]


@pytest.mark.parametrize(("cells", "count"), [(100, 3), (60, 5), (30, 9)])
def test_hex_has_line_for_every_byte(cells: int, count: int) -> None:
    lines = HexLines(bytes(33), cells)
    assert len(lines) == count
    assert all(len(line) <= cells for line in texts(lines))
