"""Filters to start from: one compares a field of a JSON record with a value, one looks for a text."""

import json

from engine.builds.comments import comment_words
from engine.errors import BuildError
from engine.fields.path import Path, path_text

_SOURCE = """\
# Passes records whose {about}.
#
# Save to see the effect at once. `record.json()` is the whole value, as dicts and lists.


def filter(record):
    try:
        found = record.json(){path}
    except (KeyError, IndexError, TypeError):
        return False  # there is no such field
    return {condition}
"""
_TEXT_SOURCE = """\
# Passes records with the text {about}.
#
# Save to see the effect at once. `.split()`, `.startswith()` and regular expressions (`re`) take it apart.


def filter(record):
    return {text} in record.value
"""


def text_filter(text: str) -> str:
    """The source of a filter that passes records with a text."""
    return _TEXT_SOURCE.format(about=comment_words(json.dumps(text)), text=_literal(text))


def field_filter(path: Path, literal: str) -> str:
    """The source; `literal` is the field's value as JSON has it. `BuildError` if there is no path."""
    if not path:
        raise BuildError("no field is chosen", "choose a field of the value")
    steps = "".join(f"[{_literal(step)}]" for step in path)
    value = json.loads(literal)
    condition, words = _condition(value), f"is {literal[:60]}"
    if isinstance(value, (dict, list)):
        condition, words = "True", "exists"
    return _SOURCE.format(about=comment_words(f"{path_text(path)} {words}"), path=steps, condition=condition)


def _condition(value: object) -> str:
    comparison = "is" if value is None or isinstance(value, bool) else "=="
    return f"found {comparison} {_literal(value)}"


def _literal(value: object) -> str:
    """As Python has it."""
    return json.dumps(value) if isinstance(value, str) else repr(value)
