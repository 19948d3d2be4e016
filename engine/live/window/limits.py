"""How much a window and its scrollback keep; apart from them, so that settings import nothing heavy."""

from dataclasses import dataclass

SCROLLBACK_ROWS = 10_000_000
"""Rows kept before a window, each with a verdict per consumer; a frame goes through all of them."""


@dataclass(frozen=True, slots=True)
class WindowLimits:
    """How much a window keeps: the newest `rows` records, or fewer where they exceed `bytes`."""

    rows: int = 100_000
    bytes: int = 64 << 20
