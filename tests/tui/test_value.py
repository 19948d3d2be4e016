import json

import pytest

from tui.value import (
    TEXT_BYTES,
    ValueFormat,
    hex_line,
    hex_width,
    indented_json,
    natural_format,
    text_lines,
)


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
        (("x" * (TEXT_BYTES - 1) + "é").encode(), ValueFormat.TEXT),
    ],
)
def test_the_natural_format(value: bytes, expected: ValueFormat) -> None:
    assert natural_format(value) is expected


def test_json_is_indented() -> None:
    assert indented_json(b'{"a":{"b":[1,2,{}],"c":[]},"d":"x, y: {z}"}') == [
        "{",
        '  "a": {',
        '    "b": [',
        "      1,",
        "      2,",
        "      {}",
        "    ],",
        '    "c": []',
        "  },",
        '  "d": "x, y: {z}"',
        "}",
    ]


def test_json_keeps_every_literal_as_it_was_written() -> None:
    value = b'{"n": 1.50e3, "n": 12345678901234567890123, "s": "\\u00e9\\"\\\\", "t": true}'
    lines = indented_json(value)
    assert lines is not None
    text = "\n".join(lines)
    for literal in ("1.50e3", "12345678901234567890123", r'"\u00e9\"\\"', "true"):
        assert literal in text
    assert text.count('"n"') == 2
    assert json.loads(text) == json.loads(value)


def test_a_number_of_very_many_digits_is_read_at_once() -> None:
    assert indented_json(b"[" + b"9" * 200_000 + b"]") is not None


def test_text_is_wrapped_and_harmless() -> None:
    assert text_lines(b"abcdef\n\ngh\x1b", 4) == ["abcd", "ef", "", "gh\\x", "1b"]
    assert text_lines("大阪大阪".encode(), 5) == ["大阪", "大阪"]


def test_a_long_text_says_how_much_is_missing() -> None:
    lines = text_lines(b"x" * (TEXT_BYTES + 2048), 1000)
    assert lines[-1] == "… and 2.0 KiB more, all of it in hex"
    assert "\\x" not in text_lines("é".encode() * TEXT_BYTES, 1000)[-2]


def test_hex_lines_are_as_long_as_there_is_room() -> None:
    assert hex_line(b"\x00ABC\xff" + bytes(20), 0, 16).startswith("00000000  00 41 42 43 ff 00")
    assert hex_line(b"\x00ABC\xff", 0, 16).endswith("  ·ABC·")
    assert hex_line(bytes(20), 1, 16).startswith("00000010  00 00 00 00")
    assert hex_width(100) == 16
    assert hex_width(60) == 8
