import pytest
from rich.cells import cell_len

from tui import format


def test_time_outside_calendar_is_a_number() -> None:
    assert format.timestamp(1_772_366_400_007) == "2026-03-01 12:00:00.007 UTC"
    assert format.timestamp(2**62) == f"{2**62} ms since the epoch"


def test_sparkline_shows_newest_values() -> None:
    assert format.sparkline((100.0, 0.0, 4.0, 8.0), 3) == "▁▅█"
    assert format.sparkline((0.0, 0.0), 10) == ""
    assert format.sparkline((), 10) == ""
    assert format.sparkline((1.0,), 0) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"plain", "plain"),
        (b"\x1b[2J\x07\r\n\x00", r"\x1b[2J\x07\r\n\x00"),
        (b"\xff\xfeok", r"\xff\xfeok"),
        ("\x9b31m\x85".encode(), r"\x9b31m\x85"),
        ("\u202eabc\u200b\u2028".encode(), r"\u202eabc\u200b\u2028"),
        ("ideographic\u3000space".encode(), "ideographic\u3000space"),
        (b"a\tb\tc", "a   b   c"),
        ("大阪".encode(), "大阪"),
    ],
)
def test_value_line_is_escaped(value: bytes, text: str) -> None:
    assert format.value_line(memoryview(value), 80) == text


@pytest.mark.parametrize(
    "text", ["大" * 50, "e\u0301" * 50, "👩\u200d👩\u200d👧" * 20, "x\ufe0f" * 90, "ab" * 50]
)
@pytest.mark.parametrize("cells", [0, 1, 2, 7, 40])
def test_value_line_fits_its_cells(text: str, cells: int) -> None:
    assert cell_len(format.value_line(memoryview(text.encode()), cells)) <= cells


def test_truncated_character_is_not_invalid_utf8() -> None:
    value = ("é" * 5_000).encode()
    for cells in range(5, 12):
        assert format.value_line(memoryview(value), cells) == "é" * (cells - 1) + "…"


def test_long_value_without_width_has_ellipsis() -> None:
    assert format.value_line(memoryview(("a" + "\u0301" * 500).encode()), 10).endswith("…")


@pytest.mark.parametrize(
    ("text", "cells", "clipped"),
    [
        ("value", 5, "value"),
        ("a value", 3, "a…"),
        ("value", 1, "…"),
        ("value", 0, ""),
        ("漢字", 3, "漢…"),
        ("\u200d\u200d\U0001f44d\U0001f3fd ", 3, "\u200d\u200d\U0001f44d…"),
        ("\u0301x", 1, "\u0301x"),
    ],
)
def test_a_text_is_clipped_to_cells(text: str, cells: int, clipped: str) -> None:
    assert format.clip(text, cells) == clipped


def test_only_start_of_value_is_read() -> None:
    value = memoryview(bytes(16 << 20))
    seen = []

    class View:
        def __len__(self) -> int:
            return len(value)

        def __getitem__(self, part: slice) -> memoryview:
            seen.append(part)
            return value[part]

    format.value_line(View(), 100)  # type: ignore[arg-type]
    assert all(part.stop < 1_000 for part in seen)


def test_compiler_colours_stay_and_other_escapes_do_not() -> None:
    text = "\x1b[1m\x1b[38;5;9merror\x1b[0m: \x1b]0;owned\x07\nnext\x1b[2J"
    assert format.only_colours(text) == "\x1b[1m\x1b[38;5;9merror\x1b[0m: \\x1b]0;owned\\x07\nnext\\x1b[2J"
