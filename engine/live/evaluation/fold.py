"""Where the running value of an aggregate begins."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """The first records of a fold. There is one running value per partition."""

    row: int
    """Rows before it are not part of the fold."""
    offsets: Mapping[int, int]
    """By partition, the offset of its first record."""
