"""Frames without what stands where it is already: a terminal shows the same as if they were drawn whole."""

import random
from itertools import pairwise

import pyte
import pytest
from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tui.dashboard.app.terminal.shown_strips import ShownStrips

ROWS, COLUMNS = 5, 30
CUTS: tuple[tuple[int, ...], ...] = ((0, 10, 30), (0, 10, 20, 30), (0, 15, 30))
TEXTS = ("level", "12,345", "│ ", "●·✗", "░▒▓")
CONSOLE = Console(color_system="truecolor")


def updates(seed: int) -> list[ChopsUpdate | LayoutUpdate]:
    """Parts of lines, which are divided in another way now and then, and sometimes whole screens."""
    dice = random.Random(seed)
    strips = {
        (text, cells): Strip([Segment((text * cells)[:cells])], cells)
        for text in TEXTS
        for cells in (10, 15, 20)
    }
    cuts = [CUTS[0]] * ROWS
    made: list[ChopsUpdate | LayoutUpdate] = []
    for _ in range(60):
        if dice.random() < 0.2:
            cuts[dice.randrange(ROWS)] = dice.choice(CUTS)
        chops = [
            {start: strips[dice.choice(TEXTS), end - start] for start, end in pairwise(line)} for line in cuts
        ]
        if dice.random() < 0.1:
            made.append(LayoutUpdate([line.values() for line in chops], Region(0, 0, COLUMNS, ROWS)))
            continue
        lines = sorted(dice.sample(range(ROWS), 3))
        spans = [(y, dice.choice((0, 4, 10, 12)), dice.choice((15, 20, 25, 30))) for y in lines]
        made.append(ChopsUpdate(chops, spans, [list(line[1:]) for line in cuts]))
    return made


@pytest.mark.parametrize("seed", range(20))
def test_terminal_shows_the_same(seed: int) -> None:
    shown = ShownStrips()
    whole, less = pyte.Screen(COLUMNS, ROWS), pyte.Screen(COLUMNS, ROWS)
    for update in updates(seed):
        changed = shown.changed(update)
        assert isinstance(changed, ChopsUpdate | LayoutUpdate)
        for screen, drawn in ((whole, update), (less, changed)):
            pyte.Stream(screen).feed(drawn.render_segments(CONSOLE))
        assert less.display == whole.display


def test_the_same_strips_are_drawn_once_until_the_whole_screen_is() -> None:
    shown = ShownStrips()
    strip, other = Strip([Segment("pear")], 4), Strip([Segment("plum")], 4)

    def written(*line: Strip) -> str:
        chops = {4 * number: one for number, one in enumerate(line)}
        changed = shown.changed(ChopsUpdate([chops], [(0, 0, 8)], [[4, 8]]))
        assert isinstance(changed, ChopsUpdate)
        return changed.render_segments(CONSOLE)

    assert written(strip, strip) == "\x1b[1;1Hpear\x1b[1;5Hpear"
    assert written(strip, other) == "\x1b[1;5Hplum"
    assert written(strip, other) == ""
    shown.changed(LayoutUpdate([[strip, other]], Region(0, 0, 8, 1)))
    assert written(strip, other) == "\x1b[1;1Hpear\x1b[1;5Hplum"
