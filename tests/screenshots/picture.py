"""Turns what a terminal shows into an SVG picture."""

import io
from itertools import groupby

from pyte.screens import Char, Screen
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.terminal import Terminal

_NAMES = {"brown": "yellow", "brightbrown": "bright_yellow"}
"""pyte's names for colours that Rich calls otherwise."""


def svg(terminal: Terminal, title: str) -> str:
    """The terminal's screen as it is now, in a window with a title."""
    with terminal.held() as screen:
        return _svg(screen, title)


def _svg(screen: Screen, title: str) -> str:
    console = Console(
        record=True,
        width=screen.columns,
        height=screen.lines,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    for row in range(screen.lines):
        line = Text(no_wrap=True, end="")
        cells = (screen.buffer[row][column] for column in range(screen.columns))
        for style, run in groupby(cells, style_of):
            line.append("".join(cell.data for cell in run), style)
        console.print(line, crop=True, soft_wrap=True)
    return console.export_svg(title=title, theme=MONOKAI)


def style_of(cell: Char) -> Style:
    """A cell's colours and the like."""
    return Style(
        color=_colour(cell.fg),
        bgcolor=_colour(cell.bg),
        bold=cell.bold,
        italic=cell.italics,
        underline=cell.underscore,
        strike=cell.strikethrough,
        reverse=cell.reverse,
    )


def _colour(name: str) -> str | None:
    if name == "default":
        return None
    if len(name) == 6 and all(digit in "0123456789abcdef" for digit in name):
        return f"#{name}"
    name = _NAMES.get(name, name)
    return name.replace("bright", "bright_") if name.startswith("bright") and "_" not in name else name
