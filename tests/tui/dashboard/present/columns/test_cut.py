"""Texts cut to cells."""

import random

import pytest
from rich.cells import cell_len

from tui import format
from tui.dashboard.present.columns.cut import fit, fit_middle, pad, slide

MIXED = "ab c", "大阪", "e\u0301\u0301", "👨‍👩‍👧", "🇯🇵", "❤️", "שלום", "नमस्ते", "…", "\u200b", "x"


def mixed(seed: int) -> str:
    chosen = random.Random(seed)
    return format.harmless("".join(chosen.choices(MIXED, k=chosen.randrange(12))))


@pytest.mark.parametrize("seed", range(60))
def test_every_text_takes_exactly_its_cells(seed: int) -> None:
    text = mixed(seed)
    for cells in range(1, 24):
        start = seed % (len(text) + 1)
        hits = [(start, len(text))] if start < len(text) else []
        for cut in (fit(text, cells), fit(text, cells, hits), fit_middle(text, cells)):
            assert format.widest(cut.text) <= cells
            assert cell_len(pad(cut.text, cells)) == cell_len(pad(cut.text, cells, right=True)) == cells
            assert all(0 <= begin <= end <= len(cut.text) for begin, end in cut.hits)
        blank, first, last = slide(text, seed % 9, cells)
        assert cell_len(blank + text[first:last]) <= cells


@pytest.mark.parametrize(
    ("text", "cells", "place", "shown"),
    [
        ("needle at the start", 10, (0, 6), "needle at…"),
        ("at the end is a needle", 12, (16, 22), "…is a needle"),
        ("in the middle a needle is hidden", 14, (16, 22), "…e a needle i…"),
        ("a needle", 8, (2, 8), "a needle"),
        ("x" * 30 + "needle", 4, (30, 36), "…ne…"),
    ],
)
def test_a_match_is_in_view(text: str, cells: int, place: tuple[int, int], shown: str) -> None:
    cut = fit(text, cells, [place])
    ((start, end),) = cut.hits
    assert "needle".startswith(cut.text[start:end])
    assert cut.text == shown


def test_two_ends_are_shown_of_what_differs_at_its_end() -> None:
    assert fit_middle("/var/log/services/orders/17", 12).text == "/var/l…rs/17"
    assert fit_middle("short", 12).text == "short"


def test_a_wide_character_that_is_cut_through_leaves_a_blank() -> None:
    assert slide("大阪", 1, 4) == (" ", 1, 2)
    assert slide("abc", 1, 4) == ("", 1, 3)
