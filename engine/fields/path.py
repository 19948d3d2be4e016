"""Where a field is in a value: names and indexes, written as for the SDK's `record.json`."""

import re
from typing import TypeAlias

from engine.units import InvalidValueError

Path: TypeAlias = tuple[str | int, ...]
"""Names and indexes from the outermost on; empty for the whole value."""

_STEP = re.compile(r'\["(.*?)"\](?=[.\[]|$)|\[(\d{1,9})\]|([^.\[]+)', re.DOTALL)


def path_text(path: Path) -> str:
    """A path as it is written: `customer.city`, `items[0]`, `["a.b"].c`; empty for the whole value."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif not step or "." in step or "[" in step:
            text += f'["{step}"]'
        else:
            text += f".{step}" if text else step
    return text


def parse_path(text: str) -> Path:
    """The path that `path_text` writes; `InvalidValueError`."""
    path: list[str | int] = []
    place = 0
    while place < len(text):
        found = _STEP.match(text, place)
        if found is None or (found[3] is not None and path and text[place - 1] != "."):
            raise _invalid(text)
        path.append(int(found[2]) if found[2] is not None else found[1] if found[1] is not None else found[3])
        place = found.end()
        if text[place : place + 1] == ".":
            place += 1
            if place == len(text):
                raise _invalid(text)
    return tuple(path)


def _invalid(text: str) -> InvalidValueError:
    return InvalidValueError(f"invalid path '{text}': use names and indexes, e.g. items[0].price")
