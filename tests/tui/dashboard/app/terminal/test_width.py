"""How wide a text is, at most, in any terminal."""

import pytest
from rich.cells import cell_len

from tui import format
from tui.dashboard.app.terminal.width import is_sure, unsure_cells
from tui.dashboard.present.values.value import wrapped


@pytest.mark.parametrize("text", ["● 12 São Paulo ▁▂▃ ✗ ⏎…", "│", ""])
def test_western_letters_and_signs_are_sure(text: str) -> None:
    assert is_sure(text)


@pytest.mark.parametrize("text", ["大", "e\u0301", "❤\ufe0f", "☕", "हिन्दी", "a\u200b"])
def test_texts_whose_width_terminals_may_disagree_about(text: str) -> None:
    assert not is_sure(text)
    assert len(unsure_cells(text)) == cell_len(text)


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
