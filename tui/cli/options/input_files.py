"""Files named on the command line: checked before any work starts, and opened."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.builds.languages import ENDINGS
from tui.cli.process.failures import Failure, failing

if TYPE_CHECKING:
    from tui.cli.process.signals import StopRequest

STANDARD_INPUT = "-"


def check_readable(name: str, what: str) -> Path:
    """The path of a file that can be read; else `Failure`. `what` says what the file is for."""
    path = Path(name)
    if path.is_dir():
        raise Failure(f"{what} {name} is a directory", "name a file in it")
    with failing(f"read {what} {name}"):
        if not path.exists():
            raise Failure(f"{what} {name} does not exist", nearest_file(path))
    if not os.access(path, os.R_OK):
        raise Failure(f"cannot read {what} {name}: permission denied")
    return path


def check_inputs(names: Sequence[str]) -> tuple[str | None, ...]:
    """The names of files that can be read, with None for standard input; else `Failure`."""
    for name in names:
        if name != STANDARD_INPUT:
            check_readable(name, "input file")
    return tuple(None if name == STANDARD_INPUT else name for name in names)


@contextmanager
def opened(name: str, stop: StopRequest) -> Iterator[int]:
    """The descriptor of a file, open for reading within this block."""
    with stop.at_once():
        # Opening a named pipe blocks until it has a writer.
        descriptor = os.open(name, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def standard_input() -> int:
    """The descriptor of standard input; says on a terminal how to end it. `Failure` if it is closed."""
    if sys.stdin is None:
        raise Failure("standard input is closed", "name a file, or pipe lines into the command")
    if sys.stdin.isatty():
        click.echo("one record per line; Ctrl-D ends", err=True)
    return sys.stdin.fileno()


def check_filter(name: str) -> Path:
    """The path of a filter's file, not a pipe or a device, since it is read again at every save."""
    path = check_readable(name, "filter")
    if not path.is_file():
        raise Failure(f"filter {name} is not a regular file", f"save it as a file that ends in {ENDINGS}")
    return path


def nearest_file(path: Path) -> str:
    """A question that names the file of a similar name beside where `path` would be; empty without one."""
    from difflib import get_close_matches

    near: list[str] = []
    with suppress(OSError):
        near = get_close_matches(path.name, [entry.name for entry in path.parent.iterdir()], n=1)
    return f"did you mean {path.with_name(near[0])}?" if near else ""
