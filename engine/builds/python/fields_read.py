"""Which fields a source in Python names: a guess from its text, for the first columns."""

import re

from engine.fields.path import Path

_TEXT_OR_COMMENT = re.compile(
    r"""(?P<dropped>\"{3}.*?\"{3}|'{3}.*?'{3}|\#[^\n]*)|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*\"""", re.DOTALL
)
_READ = r"\bjson\s*\(\s*\)"
_KEPT = re.compile(rf"([A-Za-z_]\w*)\s*(?::[^=\n]*)?:?=\s*[\w.]*{_READ}\s*(?:[\n;):]|$)")
_MEMBER = re.compile(r"""\s*(?:\[\s*|\.get\(\s*)(?:"([^"\\\n]*)"|'([^'\\\n]*)')\s*(?:\]|\)|,[^()\n]*\))""")


def fields_read(text: str) -> tuple[Path, ...]:
    """What is read of `record.json()`: by its items and `get`, or those of a variable."""
    code = _TEXT_OR_COMMENT.sub(lambda found: " " if found["dropped"] else found[0], text)
    owners = [_READ, *(rf"(?<![\w.]){re.escape(name)}\b" for name in sorted(set(_KEPT.findall(code))))]
    found = (_members(code, match.end()) for match in re.finditer("|".join(owners), code))
    return tuple(dict.fromkeys(path for path in found if path))


def _members(code: str, at: int) -> Path:
    """The items that are read one after another from a place on."""
    names: list[str] = []
    while member := _MEMBER.match(code, at):
        names.append(member[1] if member[1] is not None else member[2])
        at = member.end()
    return tuple(names)
