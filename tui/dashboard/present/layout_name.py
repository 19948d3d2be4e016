"""Names of saved layouts, which become names of files."""

import re

from engine.units import InvalidValueError

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


def layout_name(text: str) -> str:
    """The name that is typed; `InvalidValueError`."""
    name = text.strip()
    if not _NAME.fullmatch(name):
        raise InvalidValueError(f"invalid name '{name}': use letters, digits, - and _")
    return name
