"""The docstring of a SmartStream in Python: that of the kind, else the one of the file."""

import inspect
import re

# `ast` is not for sources of others: nested brackets of any depth may end the process.
_DOCSTRING = r'[rR]?(?P<quotes>"""|\'\'\')(?P<text>.*?)(?P=quotes)'
_OF_KIND = re.compile(
    r"^def[ \t]+(?:filter|map|filter_map|array_map|aggregate)[ \t]*\([^)]*\)[^:\n]*:[^\n]*\n\s*" + _DOCSTRING,
    re.DOTALL | re.MULTILINE,
)
_OF_FILE = re.compile(r"(?:\s|#[^\n]*\n)*" + _DOCSTRING, re.DOTALL)


def doc_comment(text: str) -> str:
    """The text of the docstring; empty if there is none."""
    found = _OF_KIND.search(text) or _OF_FILE.match(text)
    return "" if found is None else inspect.cleandoc(found["text"])
