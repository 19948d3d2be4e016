"""A progress bar for reading files, on a line of standard error that is cleared at the end."""

import os
import stat
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from engine import units

PERIOD_SECONDS = 0.1
"""Between two drawings; shorter work shows no bar."""

_BAR = 24
CLEAR = "\r\x1b[K"
"""Empties the line that the cursor is on."""


def terminal_columns() -> int:
    """How wide the terminal of standard error is, as far as it says so."""
    with suppress(OSError):
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    return 80


class Progress:
    """A context manager that shows the bar if standard error is a terminal and the total size is known.

    Not `click.progressbar`, which hides the cursor: it would stay hidden after Ctrl-Z or a kill.
    """

    def __init__(self, files: Sequence[str | None]) -> None:
        """`files` are read in this order; None is standard input, whose size is unknown."""
        self._total = _total(files) if sys.stderr is not None and sys.stderr.isatty() else 0
        self._done = 0
        self._started = self._drawn = time.monotonic()
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            _write(CLEAR)

    def read(self, descriptor: int) -> None:
        """Note that a file has been read up to the descriptor's position."""
        now = time.monotonic()
        if self._total and now - self._drawn >= PERIOD_SECONDS:
            self._drawn = now
            self._shown = True
            done = self._done + os.lseek(descriptor, 0, os.SEEK_CUR)
            # Cut off: a second line would not be cleared.
            _write(CLEAR + self._line(done, now - self._started)[: terminal_columns() - 1])

    def finish(self, descriptor: int) -> None:
        if self._total:
            self._done += os.lseek(descriptor, 0, os.SEEK_CUR)

    def _line(self, done: int, seconds: float) -> str:
        share = min(done / self._total, 1.0)  # a file may grow meanwhile
        bar = ("#" * round(share * _BAR)).ljust(_BAR, "-")
        speed = f"{units.size(int(done / seconds))}/s"
        left = max(self._total - done, 0) * seconds / max(done, 1)
        amount = f"{units.size(done)} of {units.size(self._total)}"
        return f"{share:4.0%} [{bar}] {amount}, {speed}, {left:.0f} s left"


def _total(files: Sequence[str | None]) -> int:
    """Bytes of all files; 0 if any is not a regular file."""
    found = [Path(file).stat() for file in files if file is not None]
    if len(found) < len(files) or not all(stat.S_ISREG(status.st_mode) for status in found):
        return 0
    return sum(status.st_size for status in found)


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
