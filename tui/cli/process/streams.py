"""The standard streams, which the parent process may have closed."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STANDARD_OUTPUT = "standard output"
"""The `filename` of an `OSError` from writing to standard output."""


def ensure_standard_streams() -> None:
    """Open streams that are closed, and let errors of standard output name it.

    Otherwise the next file to be opened would get the descriptor of a closed stream, and what is printed.
    """
    # Input is at its end, and output takes nothing: so these are the modes.
    for number, mode in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free is this one: the lower ones are open by now.
            os.set_inheritable(os.open(os.devnull, mode), True)
    if sys.stderr is None:
        sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), write_through=True)
    encoding, errors = (sys.stdout.encoding, sys.stdout.errors) if sys.stdout else ("utf-8", "strict")
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(_StandardOutput(1, "wb", closefd=False)),
        encoding,
        errors,
        line_buffering=os.isatty(1),
    )


@contextmanager
def output_named() -> Iterator[None]:
    """Let an `OSError` from writing to standard output within this block say so."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, STANDARD_OUTPUT) from error


class _StandardOutput(io.FileIO):
    def write(self, data: "ReadableBuffer", /) -> int:
        with output_named():
            return super().write(data)
