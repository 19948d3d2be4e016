"""Which fields the source of a SmartStream names: a guess from its text, for the first columns."""

import re
from itertools import chain

from engine.fields.path import Path, parse_path
from engine.units import InvalidValueError

_COMMENT = re.compile(r"""'"'|"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/""", re.DOTALL)
_TEXT = r'"((?:[^"\\\n]|\\.)*)"'
_READS = re.compile(
    rf"\bjson\s*\(\s*(?:[\w.&()*]+\s*,\s*)?{_TEXT}\s*\)((?:\s*\.\s*get\s*\(\s*{_TEXT}\s*\))*)"
    rf"|\.\s*pointer\s*\(\s*{_TEXT}\s*\)"
    rf"|((?:\[\s*{_TEXT}\s*\])+)"
    rf'|serde\s*\([^)"]*\brename\s*=\s*{_TEXT}'
    r'|\\"([\w.-]+)\\"\s*:'
)
"""The SDK's `json`, with a `get` of what it found; serde_json's pointers and indexes; serde's other names;
a member in the text of a value."""
_LITERAL = re.compile(_TEXT)
_STRUCT = re.compile(
    r"derive\s*\([^)]*\bDeserialize\b[^)]*\)\s*\]\s*(?:#\[[^\]]*\]\s*)*(?:pub\s+)?struct\s+\w+[^{;(]*\{([^}]*)\}"
)
_MEMBER = re.compile(r"^\s*(?:pub\s+)?(\w+)\s*:", re.MULTILINE)


def fields_read(source: str) -> tuple[Path, ...]:
    """The fields that a Rust source names, in its order, each once."""
    code = _COMMENT.sub(lambda found: " " if found[0].startswith("/") else found[0], source)
    found = [(match.start(), _path(match) or ()) for match in _READS.finditer(code)]
    for struct in _STRUCT.finditer(code):
        found += [(struct.start(1) + one.start(), (one[1],)) for one in _MEMBER.finditer(struct[1])]
    return tuple(dict.fromkeys(path for _, path in sorted(found, key=lambda one: one[0]) if path))


def _path(match: "re.Match[str]") -> Path | None:
    read, gets, _, pointer, indexes, _, renamed, member = match.groups()
    if pointer is not None:
        return tuple(int(step) if step.isdigit() else step for step in pointer.split("/")[1:])
    if read is None:
        name = renamed or member
        return (name,) if name else tuple(map(_plain, _LITERAL.findall(indexes or "")))
    try:
        return tuple(
            chain.from_iterable(parse_path(_plain(text)) for text in (read, *_LITERAL.findall(gets)))
        )
    except InvalidValueError:
        return None


def _plain(literal: str) -> str:
    """The text of a Rust literal, whose other escapes matter little here."""
    return literal.replace('\\"', '"')
