"""What `watch` is asked to show: a topic, or lines of files or of standard input."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import UnknownTopicError
from tui.cli.options.completion import names, paths
from tui.cli.options.input_files import STANDARD_INPUT, check_readable, nearest_file
from tui.cli.process.failures import Failure

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 100


def complete_watched(
    ctx: click.Context, parameter: click.Parameter, begun: str
) -> Sequence[str] | Sequence[CompletionItem]:
    """Topics, or else files."""
    return names.topics(ctx, parameter, begun) or paths.files(ctx, parameter, begun)


def are_lines(words: Sequence[str]) -> bool:
    """Whether words name files or standard input, and not topics."""
    return any(
        word == STANDARD_INPUT or (("/" in word or "." in word) and Path(word).exists()) for word in words
    )


def check_lines(words: Sequence[str]) -> None:
    """`Failure` if one of some words can only name a file, which cannot be read."""
    files = are_lines(words)
    for word in words:
        if word != STANDARD_INPUT and (files or "/" in word):
            check_readable(word, "file")


@contextmanager
def files_or_topics(words: Sequence[str]) -> Iterator[None]:
    """Say of an unknown topic that there is no such file either, if a word may have named one."""
    try:
        yield
    except UnknownTopicError as error:
        name = error.subject
        if name not in words or "." not in name:
            raise
        remedy = nearest_file(Path(name)) or error.remedy
        raise Failure(f"there is neither a file nor a topic '{name}'", remedy) from error


def topic_of_lines(words: Sequence[str]) -> str:
    """What the topic of some files or of standard input is called."""
    if STANDARD_INPUT in words:
        return "stdin"
    names = "-".join(Path(word).name for word in words)
    return _NOT_IN_NAMES.sub("-", names).strip("-.")[:_LONGEST_NAME] or "lines"
