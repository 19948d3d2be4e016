"""Makes output keep its columns, whatever width a terminal gives to a text.

Terminals disagree about the width of emoji sequences, flags and the vowel signs of many scripts: what follows
would move, pane borders included. And some reverse a whole line that has right-to-left text in it, unless the
program claims the order.
"""

import re
from collections.abc import Sequence
from typing import TypeAlias

from rich.cells import cell_len

ORDER_IS_OURS, ORDER_IS_THE_TERMINALS = "\x1b[8l", "\x1b[8h"
"""Explicit and implicit mode for right-to-left text (BDSM of ECMA-48); ignored by terminals without any."""

Cell: TypeAlias = str | tuple[str, int]
"""A character of one cell; or a text of unsure width, and which of its cells this is."""

_UNSURE = re.compile("[^\x00-\u02ff\u2000-\u27bf]")
"""All but western letters, and the signs and lines of the dashboard."""


def is_sure(text: str) -> bool:
    """Whether each character of a text takes one cell in every terminal."""
    return text.isascii() or (not _UNSURE.search(text) and cell_len(text) == len(text))


def unsure_cells(text: str) -> Sequence[Cell]:
    """The cells that a text of unsure width is expected to take."""
    return [(text, number) for number in range(cell_len(text))]


def in_place(text: str, column: int) -> str:
    """A text of unsure width at a column, with the cursor at its expected end.

    It is drawn over blanks, since it may take fewer cells than expected.
    """
    cells = cell_len(text)
    return f"{' ' * cells}\x1b[{column + 1}G{text.rstrip(' ')}\x1b[{column + cells + 1}G"
