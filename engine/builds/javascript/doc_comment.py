"""The doc comment of a SmartStream in JavaScript: that of the kind, else the first of the file."""

import re

_COMMENT = r"/\*\*(?P<text>(?:(?!\*/).)*)\*/"
_OF_KIND = re.compile(
    _COMMENT + r"\s*export\s+(?:(?:async\s+)?function\s*|(?:const|let|var)\s+)"
    r"(?:filter|map|filterMap|filter_map|arrayMap|array_map|aggregate)\b",
    re.DOTALL,
)
_FIRST = re.compile(r"\s*" + _COMMENT, re.DOTALL)
_MARGIN = re.compile(r"^[ \t]*\*?[ \t]?", re.MULTILINE)


def doc_comment(text: str) -> str:
    """The text of the `/** … */` comment; empty if there is none."""
    found = _OF_KIND.search(text) or _FIRST.match(text)
    return "" if found is None else _MARGIN.sub("", found["text"]).strip()
