"""The names of columns: what `--columns` and the config file say, and what is remembered."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from engine import units
from engine.fields.path import Path, parse_path

PARTS = ("key", "time", "partition", "value")
"""What is no field of a value."""
WIDEST = 200
_SEPARATOR = re.compile(r",(?![^\[]*\])")
_WIDTH = re.compile(r":(\d{1,3})$")


class Name(NamedTuple):
    """One column by name."""

    name: str
    """`key`, `time`, `partition`, `value`, or the path of a field."""
    width: int | None = None
    """Cells; None for as many as its contents need."""

    @property
    def path(self) -> Path | None:
        """That of a field; None for another part of a record."""
        return None if self.name in PARTS else parse_path(self.name)

    def __str__(self) -> str:
        return self.name if self.width is None else f"{self.name}:{self.width}"


def parse_names(text: str) -> tuple[Name, ...]:
    """What `--columns` takes, as in `time,customer.city:12,text`; empty for columns that are guessed.

    `InvalidValueError` for what is no path, or no width.
    """
    return tuple(_name(part.strip()) for part in _SEPARATOR.split(text)) if text.strip() else ()


def names_text(names: Sequence[Name]) -> str:
    """What `parse_names` reads."""
    return ",".join(map(str, names))


def _name(text: str) -> Name:
    found = _WIDTH.search(text)
    name = Name(text[: found.start()], int(found[1])) if found else Name(text)
    if name.path == () or name.width == 0 or (name.width or 0) > WIDEST:
        raise units.InvalidValueError(
            f"invalid column '{text}': use a field's path or {', '.join(PARTS)}, and perhaps a width, "
            "e.g. customer.city:12"
        )
    return name
