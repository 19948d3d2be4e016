"""What `watch` is asked to show: a topic, or lines of files or of standard input."""

import re
from collections.abc import Sequence
from pathlib import Path

from tui.cli.options.input_files import STANDARD_INPUT

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 100


def are_lines(words: Sequence[str]) -> bool:
    """Whether words name files or standard input, and not a topic."""
    return len(words) > 1 or any(
        word == STANDARD_INPUT or (("/" in word or "." in word) and Path(word).exists()) for word in words
    )


def topic_of_lines(words: Sequence[str]) -> str:
    """What the topic of some files or of standard input is called."""
    if STANDARD_INPUT in words:
        return "stdin"
    names = "-".join(Path(word).name for word in words)
    return _NOT_IN_NAMES.sub("-", names).strip("-.")[:_LONGEST_NAME] or "lines"
