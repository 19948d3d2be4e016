"""Frames written as what they change: a terminal shows the same as if they were written whole."""

import random
from collections.abc import Iterator

import pyte
import pytest
from rich.cells import cell_len

from tui.dashboard.app.terminal.shown_cells import ShownCells

ROWS, COLUMNS = 6, 40
STYLES = ("", "1", "31;44", "38;2;1;2;3;48;2;4;5;6", "38;2;9;2;3;48;2;4;5;6", "38;5;7;4", "7", "90;100")
TEXTS = ("level", "12,345 ", "  ", "●·✗ ", "│", "São ", "大阪 ", "❤\ufe0f  ", "हिन्दी  ", "e\u0301 ")


def part(row: int, column: int, *texts: tuple[str, str]) -> str:
    """As Textual draws: each text begins with its style and ends with none."""
    drawn = "".join(f"\x1b[{style}m{text}\x1b[0m" if style else text for style, text in texts)
    return f"\x1b[{row + 1};{column + 1}H{drawn}\n"


def frame(*parts: str) -> str:
    return "".join(parts).rstrip("\n") + "\x1b[1;1H"


def shown(written: str, screen: pyte.Screen) -> list[list[pyte.screens.Char]]:
    pyte.Stream(screen).feed(written)
    return [[screen.buffer[row][column] for column in range(COLUMNS)] for row in range(ROWS)]


def random_frames(seed: int) -> Iterator[str]:
    """Whole screens and parts of them: lines that begin at a third, or at the half."""
    dice = random.Random(seed)

    def line(row: int, column: int) -> str:
        texts, room = [], 20
        while (text := dice.choice(TEXTS)) and cell_len(text) < room:
            texts.append((dice.choice(STYLES), text))
            room -= cell_len(text)
        return part(row, column, *texts, ("31;44", "x" * room))

    for _ in range(40):
        if dice.random() < 0.2:
            yield frame(*(part(row, 0, ("", f"{row}" * COLUMNS)) for row in range(ROWS)))
        starts = [(row, column) for row in range(ROWS) for column in (0, 20) if dice.random() < 0.4]
        if starts:
            yield frame(*(line(row, column) for row, column in starts))


@pytest.mark.parametrize("seed", range(20))
def test_terminal_shows_the_same(seed: int) -> None:
    cells, whole, partial = ShownCells(), pyte.Screen(COLUMNS, ROWS), pyte.Screen(COLUMNS, ROWS)
    steady = ShownCells()
    for drawn in random_frames(seed):
        steady.forget()
        expected = shown(steady.changed(drawn, ROWS), whole)
        assert shown(cells.changed(drawn, ROWS), partial) == expected


def test_unchanged_frame_writes_nothing() -> None:
    cells = ShownCells()
    drawn = frame(part(1, 0, ("1", "a"), ("", "b")))
    assert cells.changed(drawn, ROWS)
    assert cells.changed(drawn, ROWS) == ""


def test_only_what_differs_is_written() -> None:
    cells = ShownCells()
    cells.changed(frame(part(1, 0, ("31;44", '10231 {"id":1,"city":"Lisboa"}'))), ROWS)
    written = cells.changed(frame(part(1, 0, ("31;44", '10232 {"id":2,"city":"Lisboa"}'))), ROWS)
    assert written == "\x1b[2;5H\x1b[31;44m2\x1b[13G2\x1b[39;49m\x1b[1;1H"


def test_style_alone_is_a_change() -> None:
    cells = ShownCells()
    cells.changed(frame(part(1, 0, ("31;44", "abc"))), ROWS)
    assert cells.changed(frame(part(1, 0, ("31;44", "a"), ("32;44", "b"), ("31;44", "c"))), ROWS) == (
        "\x1b[2;2H\x1b[32;44mb\x1b[39;49m\x1b[1;1H"
    )


def test_frame_of_every_row_is_written_whole() -> None:
    cells = ShownCells()
    drawn = frame(*(part(row, 0, ("", "abc")) for row in range(ROWS)))
    assert cells.changed(drawn, ROWS) == cells.changed(drawn, ROWS) != ""


def test_frame_is_written_whole_once_forgotten() -> None:
    cells = ShownCells()
    drawn = frame(part(1, 0, ("1", "a")))
    first = cells.changed(drawn, ROWS)
    cells.forget()
    assert cells.changed(drawn, ROWS) == first


def test_texts_behind_one_of_unsure_width_are_written_again() -> None:
    cells = ShownCells()
    cells.changed(frame(part(2, 10, ("1", "12 "), ("31", "大  "), ("", "│"))), ROWS)
    written = cells.changed(frame(part(2, 10, ("1", "12 "), ("31", "❤\ufe0f "), ("", "│xy"))), ROWS)
    assert written == "\x1b[3;14H\x1b[31m   \x1b[14G❤\ufe0f\x1b[17G\x1b[39m│xy\x1b[1;1H"


@pytest.mark.parametrize("output", ["\x1b[?1049h", "\x1b]0;title\x07", "\x07", "\x1b[2J", ""])
def test_other_output_is_written_as_it_is(output: str) -> None:
    assert ShownCells().changed(output, ROWS) == output


def test_drawing_that_is_not_understood_is_written_and_nothing_is_taken_as_shown() -> None:
    cells = ShownCells()
    drawn = frame(part(1, 0, ("", "abc")))
    first = cells.changed(drawn, ROWS)
    link = "\x1b[2;1H\x1b]8;;https://example.org\x1b\\abc\x1b]8;;\x1b\\"
    assert cells.changed(link, ROWS) == link
    assert cells.changed(drawn, ROWS) == first
