"""How `produce` makes records of its input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.broker.topics import Compression


@dataclass(frozen=True, slots=True)
class Making:
    """What was asked for; all that is None or false where a line is a value."""

    key: bytes | None
    """The key of all records."""
    separator: str | None
    """What stands between key and value."""
    json: bool
    raw: bool
    """Whether each input as a whole is one record."""
    limit: int
    """The most bytes of a record."""
    compression: Compression | None
    """How they are compressed on the disk, where that is not left to the topic."""
