"""logfmt: `level=info msg="it started" retry`."""

import re

from engine.fields.format import MOST_FIELDS, Format, text_of
from engine.fields.path import Path
from engine.fields.scalar import Fields, Scalar, read_scalar

_PAIR = re.compile(r'\s*([^\s="]+)(=)?("(?:[^"\\]|\\.)*"(?=\s|$)|[^\s"]*)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


class Logfmt(Format):
    """Pairs of a name and a value; a name alone is true. The first is a pair, and half of them are."""

    name = "logfmt"

    def fields(self, value: bytes) -> Fields | None:
        text = text_of(value)
        if text is None or "=" not in text:
            return None
        text = text.strip()
        found: dict[Path, Scalar] = {}
        place = pairs = 0
        while place < len(text) and len(found) < MOST_FIELDS:
            match = _PAIR.match(text, place)
            if match is None or not (match[2] or pairs):
                return None
            pairs += 1 if match[2] else 0
            found.setdefault((match[1],), _scalar(match[3]) if match[2] else True)
            place = match.end()
        return found if 2 * pairs >= len(found) else None


def _scalar(written: str) -> Scalar:
    if not written.startswith('"'):
        return read_scalar(written)
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), written[1:-1])
