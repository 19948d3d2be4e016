"""One field of a value."""

import json
from dataclasses import dataclass

from engine.fields.path import Path, path_text
from engine.fields.scalar import Fields, Written


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a value: of JSON itself, or of another format that is shown as JSON."""

    path: Path
    literal: str
    """Its value as JSON has it."""
    near: str = ""
    """Of another format: the text around the value, by which a filter can tell it."""

    @property
    def name(self) -> str:
        """Its path as it is written."""
        return path_text(self.path)

    @property
    def text(self) -> str:
        """Its value to copy: a string without quotes."""
        return str(json.loads(self.literal)) if self.literal.startswith('"') else self.literal

    def found_in(self, value: str) -> "Field":
        """The same field of a value that is not JSON."""
        name, text = self.name, self.text
        candidates = (f"{name}={text}", f'{name}="{text}"', f"{name}: {text}")
        return Field(self.path, self.literal, next((one for one in candidates if one in value), text))


def as_json(fields: Fields) -> bytes:
    """Fields of any format as one JSON object."""
    members = (f"{json.dumps(path_text(path))}:{_literal(value)}" for path, value in fields.items())
    return f"{{{','.join(members)}}}".encode(errors="replace")


def _literal(value: object) -> str:
    return str(value) if isinstance(value, Written) else json.dumps(value, ensure_ascii=False)
