"""Colour on standard output."""

import re

import click

from engine.records.verdicts import Verdict

_VERDICTS = {
    Verdict.PASS: "green",
    Verdict.DROP: "bright_black",
    Verdict.ERROR: "red",
    Verdict.TRAP: "red",
    Verdict.TIMEOUT: "red",
}
_TOKENS = re.compile(rb'("(?:[^"\\]|\\.)*")(: )?|\b(?:null|true|false)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?')
_NAME, _TEXT, _OTHER, _END = b"\x1b[34m", b"\x1b[32m", b"\x1b[36m", b"\x1b[0m"


def verdict_colour(verdict: Verdict, text: str) -> str:
    """A text about a verdict, in its colour."""
    return click.style(text, fg=_VERDICTS.get(verdict))


def coloured_json(lines: bytes | memoryview) -> bytes:
    """JSON with colours for names, texts, and other values."""
    return _TOKENS.sub(_coloured, bytes(lines))


def _coloured(found: "re.Match[bytes]") -> bytes:
    text, name_end = found[1], found[2]
    if text is None:
        return _OTHER + found[0] + _END
    return _NAME + text + _END + name_end if name_end else _TEXT + text + _END
