"""How much a window keeps, apart from what keeps it: whoever reads settings needs nothing heavy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WindowLimits:
    """How much a window keeps: the newest `rows` records, or fewer where they exceed `bytes`."""

    rows: int = 100_000
    bytes: int = 64 << 20
