"""One field of a value, and the filter that begins with it."""

import json
from dataclasses import dataclass

from engine.fields.path import Path, path_text


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a JSON value."""

    path: Path
    literal: str
    """Its value as it is written."""

    @property
    def name(self) -> str:
        """Its path as it is written."""
        return path_text(self.path)

    @property
    def text(self) -> str:
        """Its value to copy: a string without quotes."""
        return str(json.loads(self.literal)) if self.literal.startswith('"') else self.literal
