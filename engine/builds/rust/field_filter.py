"""A filter to start from: it compares one field of a JSON record with a value."""

import json
import re

from engine.builds.comments import comment_words
from engine.errors import BuildError
from engine.fields.path import Path, path_text

_INTEGER = re.compile(r"-?\d+")
_LARGEST = 1 << 63
_SOURCE = """\
// Passes records whose {about}.
//
// Save to see the effect at once. .as_str(), .as_f64(), .as_i64() and .as_bool() read the field, each as an
// Option; .exists() says whether there is one, and `field == "text"` compares it with a text.

#[smartstream(filter)]
fn wanted(record: &Record) -> bool {{
    let field = record.json({path});
    {condition}
}}
"""

_TEXT_SOURCE = """\
// Passes records with the text {about}.
//
// Save to see the effect at once. `.split(' ')`, `.strip_prefix("…")` and `.parse::<f64>()` take it apart.

#[smartstream(filter)]
fn wanted(value: &str) -> bool {{
    value.contains({text})
}}
"""


def text_filter(text: str) -> str:
    """The source of a filter that passes records with a text."""
    return _TEXT_SOURCE.format(about=comment_words(rust_string(text)), text=rust_string(text))


def field_filter(path: Path, literal: str) -> str:
    """The source; `literal` is the field's value as JSON has it. `BuildError` if no path leads there."""
    text = path_text(path)
    # The SDK ends a quoted name there.
    if not path or any(isinstance(step, str) and '"]' in step for step in path):
        raise BuildError(
            f"record.json cannot read the field '{text}'" if path else "no field is chosen",
            "choose another field of the value",
        )
    condition, words = _condition(literal)
    return _SOURCE.format(about=comment_words(f"{text} {words}"), path=rust_string(text), condition=condition)


def rust_string(text: str) -> str:
    """A string literal of Rust."""
    escaped = (
        character if character.isprintable() and character not in '\\"' else f"\\u{{{ord(character):x}}}"
        for character in text
    )
    return f'"{"".join(escaped)}"'


def _condition(literal: str) -> tuple[str, str]:
    """The comparison, and the words for it."""
    value = json.loads(literal, parse_int=str, parse_float=str) if literal[:1] in "{[" else None
    if literal.startswith('"'):
        text = json.loads(literal)
        return f"field == {rust_string(text)}", f"is {literal[:60]}"
    if value is not None:
        return "field.exists()", "exists"
    if literal in ("true", "false"):
        return f"field.as_bool() == Some({literal})", f"is {literal}"
    if literal == "null":
        return "field.is_null()", "is null"
    if _INTEGER.fullmatch(literal) and -_LARGEST <= int(literal[:20]) < _LARGEST and len(literal) <= 20:
        return f"field.as_i64() == Some({literal})", f"is {literal}"
    return f"field.raw() == b{rust_string(literal)}", f"is {literal[:60]}"
