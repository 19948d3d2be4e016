"""Comments in the sources that this program begins."""

import re


def comment_words(words: str) -> str:
    """Words that may come from a record, as one short line of ASCII."""
    return re.sub(r"[^\x20-\x7e]", "?", words)[:90]
