"""Files named on the command line: looked at before any work is begun, and opened."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.process.failures import Failure

if TYPE_CHECKING:
    from tui.cli.process.signals import StopRequest

STANDARD_INPUT = "-"


def check_readable(name: str, what: str) -> Path:
    """The path of a file that can be read; `Failure` saying why where it cannot. `what` is what it is for."""
    path = Path(name)
    if path.is_dir():
        raise Failure(f"{what} {name} is a directory", "name a file in it")
    try:
        found = path.exists()
    except OSError as error:
        raise Failure(f"{what} {name} cannot be read: {error.strerror}") from error
    if not found:
        raise Failure(f"{what} {name} does not exist", _nearest(path))
    if not os.access(path, os.R_OK):
        raise Failure(f"{what} {name} cannot be read: permission denied")
    return path


def check_inputs(names: Sequence[str]) -> tuple[str | None, ...]:
    """The files of these names, all of which can be read; None is standard input."""
    for name in names:
        if name != STANDARD_INPUT:
            check_readable(name, "input file")
    return tuple(None if name == STANDARD_INPUT else name for name in names)


@contextmanager
def opened(name: str, stop: StopRequest) -> Iterator[int]:
    """The descriptor of a file that is read within this block."""
    with stop.at_once():
        # A named pipe is open only once somebody writes to it.
        descriptor = os.open(name, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def check_filter(name: str) -> Path:
    """The path of a filter's file, which no pipe or device can be: it is read again at every save."""
    path = check_readable(name, "filter")
    if not path.is_file():
        raise Failure(f"filter {name} is not a regular file", "save it as a file that ends in .rs")
    return path


def _nearest(path: Path) -> str:
    from difflib import get_close_matches

    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return ""
    near = get_close_matches(path.name, names, n=1)
    return f"there is {path.with_name(near[0])}" if near else ""
