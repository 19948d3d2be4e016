"""Values without fields of their own: text and binary."""

import re

from engine.fields.format import Format
from engine.fields.scalar import Fields, read_scalar

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")
"""What text has not: it has tabs, line ends and ANSI colours."""


class Text(Format):
    """UTF-8 without control characters: one field with an empty path, a number if it is one."""

    name = "text"

    def fields(self, value: bytes) -> Fields | None:
        try:
            text = value.decode()
        except UnicodeDecodeError:
            return None
        return None if _CONTROLS.search(text) else {(): read_scalar(text)}


class Binary(Format):
    """Anything: it has no fields."""

    name = "binary"

    def fields(self, value: bytes) -> Fields | None:  # noqa: ARG002 - any value is of this format
        return {}
