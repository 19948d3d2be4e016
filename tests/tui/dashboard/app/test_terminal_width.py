"""What a terminal is sent: the columns behind a text of unsure width are set, and all else is as it was."""

import pytest
from rich.cells import cell_len

from tui import format
from tui.dashboard.app.terminal_width import steady
from tui.dashboard.present.value import wrapped

PLAIN = "\x1b[3;11H\x1b[1;38;2;1;2;3m● 12 São Paulo ▁▂▃ ✗ ⏎…\x1b[0m│\n"


def test_output_of_known_width_is_unchanged() -> None:
    assert steady(PLAIN) is PLAIN


def test_text_of_unsure_width_is_followed_by_its_column() -> None:
    drawn = "\x1b[3;11H\x1b[1m12 \x1b[0m\x1b[31m❤\ufe0f \x1b[0m│"
    assert steady(drawn) == "\x1b[3;11H\x1b[1m12 \x1b[0m\x1b[31m   \x1b[14G❤\ufe0f\x1b[17G\x1b[0m│"


@pytest.mark.parametrize("moves", ["\n", "\x1b[5G", "\x1b]0;title\x07", "\x1b7"])
def test_unknown_column_is_not_set(moves: str) -> None:
    drawn = f"\x1b[3;11Hab{moves}大\x1b[0m"
    assert steady(drawn) == drawn


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("plain", 5),
        ("大", 2),
        ("e\u0301", 1),
        ("❤\ufe0f", 2),
        ("👍🏽", 4),
        ("🇫🇷", 4),
        ("हिन्दी", 5),
        ("\u3164", 2),
    ],
)
def test_widest_width_of_text(text: str, cells: int) -> None:
    assert format.widest(text) == cells >= cell_len(text)


@pytest.mark.parametrize(
    "text", ["हिन्दी " * 20, "👍🏽" * 20, "❤\ufe0f" * 20, "🇫🇷" * 20, "a大" * 20, "\u0301" * 40]
)
@pytest.mark.parametrize("cells", [1, 4, 7, 40])
def test_clipped_text_fits_any_terminal(text: str, cells: int) -> None:
    clipped = format.clip(text, cells)
    assert format.widest(clipped) <= cells
    assert clipped == text or clipped.endswith("…")


@pytest.mark.parametrize(
    "text", ["हिन्दी में एक संदेश " * 5, "👍🏽❤\ufe0f🇫🇷" * 9, "大阪 ab" * 9, "e\u0301" * 50, ""]
)
def test_wrapped_line_fits_any_terminal(text: str) -> None:
    pieces = wrapped(text, 10)
    assert "".join(pieces) == text
    assert all(format.widest(piece.rstrip("\u093f\u0940\ufe0f")) <= 10 for piece in pieces)
    assert not any(piece and not cell_len(piece[0]) for piece in pieces), (
        "what belongs to a character left it"
    )
