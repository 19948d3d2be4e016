"""Work that another thread may cancel, with the programs that it runs."""

import math
import os
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from engine.file_lock import FileLock
from engine.process.child import Child, ProcessLimits, Standby

_NO_LIMITS = ProcessLimits()
_LOOK_SECONDS = 0.1
"""Between looks at what a program has written."""


class SupersededError(Exception):
    """A job was cancelled, since its result is not needed any more."""


class OverdueError(Exception):
    """A program was ended at its time limit."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A program that has ended."""

    status: int
    """As of `Popen.returncode`."""
    output: bytes
    errors: bytes


class Job:
    """Work that another thread may cancel, such as a build or the compilation of a module."""

    def __init__(
        self, report: Callable[[str], None] = lambda _: None, standby: Standby | None = None
    ) -> None:
        """`report` gets, from the thread that works, what is waited for or done first; empty if nothing.

        A supervisor in `standby` runs the first program.
        """
        self._report = report
        self._standby = standby
        self._reported = ""
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """End the work and all processes that it started. Does not wait; further calls have no effect."""
        self._cancelled.set()
        with self._lock:
            if self._child is not None:
                self._child.end()

    def check(self) -> None:
        """`SupersededError` if the job was cancelled."""
        if self._cancelled.is_set():
            raise SupersededError

    def wait(self, seconds: float) -> None:
        """Wait; `SupersededError` as soon as the job is cancelled."""
        self._cancelled.wait(seconds)
        self.check()

    def report(self, doing: str) -> None:
        """Say what the job waits for or does first, as shown; empty once it does its work."""
        if doing != self._reported:
            self._reported = doing
            self._report(doing)

    def run(
        self,
        command: Sequence[str | Path],
        environ: Mapping[str, str],
        *,
        stdin: int | None = None,
        seconds: float = math.inf,
        limits: ProcessLimits = _NO_LIMITS,
        lock: FileLock | None = None,
        held: Sequence[FileLock] = (),
        on_errors: Callable[[bytes], None] | None = None,
    ) -> Ended:
        """Run a program to its end, and that of all that it started.

        The first word of `command` is its whole path, and its standard input is the descriptor `stdin`, else
        empty.
        `lock` is released once the last process has ended, even if this program is stopped or killed before.
        Nor can another program acquire those that are `held` before that.
        `SupersededError` if the job was cancelled, and `OverdueError` if the program runs longer than
        `seconds`; either is raised once it has ended. `OSError` if it cannot be run.
        `on_errors` gets parts of what it writes to standard error while it runs.
        """
        with (
            Path(os.devnull).open("rb") as nothing,
            tempfile.TemporaryFile() as output,
            tempfile.TemporaryFile() as errors,
        ):
            streams = nothing.fileno() if stdin is None else stdin, output.fileno(), errors.fileno()
            with closing(lock) if lock is not None else nullcontext():
                locks = [*held, *([] if lock is None else [lock])]
                child = self._start(partial(Child, command, environ, streams, limits), locks)
            try:
                status = _wait(child, seconds, errors.fileno(), on_errors)
            except TimeoutError:
                raise OverdueError from None
            finally:
                with self._lock:
                    self._child = None
                child.close()
            self.check()
            output.seek(0)
            errors.seek(0)
            return Ended(status, output.read(), errors.read())

    def _start(self, start: Callable[..., Child], locks: Sequence[FileLock]) -> Child:
        with self._lock:
            self.check()
            waiting = None if self._standby is None else self._standby.take()
            self._child = start([lock.fileno() for lock in locks], supervisor=waiting)
            return self._child


def _wait(child: Child, seconds: float, errors: int, on_errors: Callable[[bytes], None] | None) -> int:
    if on_errors is None:
        return child.wait(seconds)
    deadline, at = time.monotonic() + seconds, 0
    while True:
        left = deadline - time.monotonic()
        try:
            return child.wait(min(max(left, 0), _LOOK_SECONDS))
        except TimeoutError:
            if left <= 0:
                raise
        part = os.pread(errors, os.fstat(errors).st_size - at, at)
        at += len(part)
        if part:
            on_errors(part)
