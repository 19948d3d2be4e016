"""Which fields a source in JavaScript names: a guess from its text, for the first columns."""

import re

from engine.fields.path import Path

_COMMENT = re.compile(r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/""", re.DOTALL)
_READ = r"\bjson\s*\(\s*\)(?:\s*as\s+[\w.<>\[\]]+\s*\))?"
_VALUE = rf"(?::[^=;]*)?=\s*[\w.]*{_READ}"
_KEPT = re.compile(rf"([A-Za-z_$][\w$]*)\s*{_VALUE}\s*(?:as\b[^;\n]*)?(?:[;\n)]|$)")
_TAKEN = re.compile(rf"\{{([^{{}}]*)\}}\s*{_VALUE}")
_MEMBER = re.compile(r"\s*\??\.\s*([A-Za-z_$][\w$]*)(\s*\()?")
_NAME = re.compile(r"[A-Za-z_$][\w$]*")


def fields_read(text: str) -> tuple[Path, ...]:
    """What is read of `record.json()`: by its members, those of a variable, or by taking it apart."""
    code = _COMMENT.sub(" ", text)
    owners = [_READ, *(rf"(?<![\w.$]){re.escape(name)}\b" for name in set(_KEPT.findall(code)))]
    found = [(match.start(), _members(code, match.end())) for match in re.finditer("|".join(owners), code)]
    for taken in _TAKEN.finditer(code):
        names = [name[0] for part in taken[1].split(",") if (name := _NAME.search(part))]
        found += [(taken.start(), (name,)) for name in names]
    return tuple(dict.fromkeys(path for _, path in sorted(found, key=lambda one: one[0]) if path))


def _members(code: str, at: int) -> Path:
    """The members that are read one after another from a place on, up to a call or a length."""
    names: list[str] = []
    while (member := _MEMBER.match(code, at)) and not member[2] and member[1] != "length":
        names.append(member[1])
        at = member.end()
    return tuple(names)
