"""The doc comment of a SmartStream: that of the function, or else of the file."""

import re
from collections.abc import Iterable, Iterator

_KIND = re.compile(
    r"[ \t]*#\[\s*(?:\w+::)*(?:smartstream|smartmodule|wasm_bindgen)\b(?!\s*\(\s*(?:init|look_back)\b)"
)
_DOC = re.compile(r"[ \t]*///(?!/) ?(.*)")
_FILE_DOC = re.compile(r"[ \t]*//! ?(.*)")
_ATTRIBUTE = re.compile(r"[ \t]*#\[.*\][ \t]*")


def doc_comment(text: str) -> str:
    """The `///` lines above and below the attribute of the kind, else the file's `//!` lines; or empty.

    Read line by line: doc comments in other forms are ignored.
    """
    lines = text.splitlines()
    at = next((number for number, line in enumerate(lines) if _KIND.match(line)), None)
    found: list[str] = []
    if at is not None:
        above = list(_adjoining(reversed(lines[:at])))
        found = [*reversed(above), *_adjoining(lines[at + 1 :])]
    if not found:
        found = [match[1] for line in lines if (match := _FILE_DOC.match(line))]
    return "\n".join(line.rstrip() for line in found).strip()


def _adjoining(lines: Iterable[str]) -> Iterator[str]:
    """The doc lines up to the first line that is neither one nor an attribute."""
    for line in lines:
        if match := _DOC.fullmatch(line):
            yield match[1]
        elif not _ATTRIBUTE.fullmatch(line):
            return
