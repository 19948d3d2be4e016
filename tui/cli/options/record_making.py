"""How `produce` makes records of its input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.broker.topics import Compression

MAX_RECORD_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Making:
    """The options; without any, a line is a value."""

    key: bytes | None
    """The key of all records."""
    separator: str | None
    """The text between key and value."""
    json: bool
    raw: bool
    """Whether each input is one record."""
    limit: int
    """Bytes of a record at most."""
    compression: Compression | None
    """How they are compressed on disk; None for the topic's setting."""
