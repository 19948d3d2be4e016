"""Makes output keep its columns, whatever width a terminal gives to a text.

Terminals disagree about the width of emoji sequences, flags and the vowel signs of many scripts: what follows
would move, pane borders included. And some reverse a whole line that has right-to-left text in it, unless the
program claims the order.
"""

import re

from rich.cells import cell_len

ORDER_IS_OURS, ORDER_IS_THE_TERMINALS = "\x1b[8l", "\x1b[8h"
"""Explicit and implicit mode for right-to-left text (BDSM of ECMA-48); ignored by terminals without any."""

_TOKEN = re.compile(
    r"\x1b\[(?P<row>\d*);(?P<column>\d*)H"
    r"|(?P<other>\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b.|[\x00-\x1a\x1c-\x1f])"
    r"|(?P<text>[^\x00-\x1f]+)",
    re.DOTALL,
)
_LINE = re.compile(r"(?=\x1b\[\d*;\d*H)")
"""Where a line, or a part of one, begins."""
_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_UNSURE = re.compile("[^\x00-\u02ff\u2000-\u27bf]")
"""All but western letters, and the signs and lines of the dashboard."""


def steady(output: str) -> str:
    """`output`, with the cursor set to its expected column after each text of unsure width.

    Such a text is drawn over blanks, since it may take fewer cells than expected.
    """
    if not _UNSURE.search(output):
        return output
    lines = _LINE.split(output)
    return "".join(_steady(line) if _UNSURE.search(line) else line for line in lines)


def _steady(line: str) -> str:
    parts: list[str] = []
    column: int | None = None
    """Of the cursor, from 0; None if unknown."""
    for token in _TOKEN.finditer(line):
        said, text = token.group(), token["text"]
        if text is not None and column is not None:
            end = column + cell_len(text)
            parts.append(_in_place(text, column, end) if _UNSURE.search(text) else text)
            column = end
            continue
        parts.append(said)
        if token["column"] is not None:
            column = int(token["column"] or 1) - 1
        elif not _STYLE.fullmatch(said):
            column = None
    return "".join(parts)


def _in_place(text: str, column: int, end: int) -> str:
    return f"{' ' * (end - column)}\x1b[{column + 1}G{text.rstrip(' ')}\x1b[{end + 1}G"
