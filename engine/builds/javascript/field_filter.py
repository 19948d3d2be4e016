"""Filters to start from: one compares a field of a JSON record with a value, one looks for a text."""

import json
import re

from engine.builds.comments import comment_words
from engine.errors import BuildError
from engine.fields.path import Path, path_text

_SOURCE = """\
// Passes records whose {about}.
//
// Save to see the effect at once. `record.json()` is the whole value, as JavaScript reads JSON.

export function filter(record) {{
  return record.json(){path} {condition}
}}
"""
_TEXT_SOURCE = """\
// Passes records with the text {about}.
//
// Save to see the effect at once. `.split(' ')`, `.startsWith('…')` and regular expressions take it apart.

export function filter(record) {{
  return record.value.includes({text})
}}
"""
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def text_filter(text: str) -> str:
    """The source of a filter that passes records with a text."""
    return _TEXT_SOURCE.format(about=comment_words(json.dumps(text)), text=json.dumps(text))


def field_filter(path: Path, literal: str) -> str:
    """The source; `literal` is the field's value as JSON has it. `BuildError` if there is no path."""
    if not path:
        raise BuildError("no field is chosen", "choose a field of the value")
    steps = "".join(map(_step, path))
    is_one = literal[:1] not in "{["
    condition, words = (f"=== {literal}", f"is {literal[:60]}") if is_one else ("!== undefined", "exists")
    return _SOURCE.format(about=comment_words(f"{path_text(path)} {words}"), path=steps, condition=condition)


def _step(step: str | int) -> str:
    """What reads one step: nothing, instead of an error, if the step before found nothing."""
    if isinstance(step, str) and _NAME.fullmatch(step):
        return f"?.{step}"
    return f"?.[{json.dumps(step)}]"
