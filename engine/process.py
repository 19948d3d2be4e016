"""Runs a program so that another thread can end it, with everything that it started."""

import math
import os
import resource
import selectors
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_TICK_SECONDS = 0.1
_GRACE_SECONDS = 0.2
"""How long a program may take to end after its last descendants were killed; a millisecond is usual."""
_REAP_SECONDS = 0.001
_CHUNK = 1 << 16


class SupersededError(Exception):
    """The build was ended because nobody wants its result any more."""


class OverdueError(Exception):
    """The program was ended because it ran for longer than it may."""


class Job:
    """One build, or one compilation of a module, which another thread may end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._group: int | None = None
        """The process group of the program that runs, until it is reaped."""
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """End the build and all that it started. May be called at any time, and again; does not wait."""
        self._cancelled.set()
        with self._lock:
            if self._group is not None:
                _kill_gently(self._group)

    def check(self) -> None:
        """`SupersededError` where the build was cancelled."""
        if self._cancelled.is_set():
            raise SupersededError

    def wait(self, seconds: float) -> None:
        """Let time pass; `SupersededError` as soon as the build is cancelled."""
        self._cancelled.wait(seconds)
        self.check()

    def run(
        self,
        command: Sequence[str | Path],
        environ: Mapping[str, str],
        *,
        stdin: int = subprocess.DEVNULL,
        seconds: float = math.inf,
        memory: int | None = None,
    ) -> tuple[int, bytes, bytes]:
        """Run a program to its end: its exit status, standard output and standard error.

        It reads the descriptor `stdin`. Each of its processes may use `memory` bytes; macOS keeps none to
        that. `SupersededError` where the build was cancelled, and `OverdueError` where the program has not
        closed its output after `seconds`; once it has ended.
        """
        with tempfile.TemporaryFile() as errors:
            with self._start(command, environ, stdin, errors.fileno()) as process:
                _limit_memory(process.pid, memory)
                try:
                    output = self._read(process, time.monotonic() + seconds)
                except OverdueError:
                    os.killpg(process.pid, signal.SIGKILL)
                    raise
                except BaseException:
                    # Ctrl-C reaches this process alone, the program is in a group of its own.
                    self._cancelled.set()
                    raise
                finally:
                    self._finish(process)
            self.check()
            errors.seek(0)
            return process.returncode, output, errors.read()

    def _start(
        self, command: Sequence[str | Path], environ: Mapping[str, str], stdin: int, errors: int
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            self.check()
            # A group of its own, so that all of it can be killed. From "/" and not from where the person is,
            # cargo finds no configuration of theirs.
            process = subprocess.Popen(
                command,
                cwd="/",
                env=environ,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=errors,
                process_group=0,
            )
            self._group = process.pid
            return process

    def _read(self, process: subprocess.Popen[bytes], overdue: float) -> bytes:
        assert process.stdout is not None
        chunks: list[bytes] = []
        deadline = None
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while True:
                if selector.select(_TICK_SECONDS):
                    chunk = os.read(process.stdout.fileno(), _CHUNK)
                    if not chunk:
                        return b"".join(chunks)
                    chunks.append(chunk)
                if time.monotonic() > overdue:
                    raise OverdueError
                if self._cancelled.is_set():
                    deadline = deadline or time.monotonic() + _GRACE_SECONDS
                    if time.monotonic() > deadline:
                        os.killpg(process.pid, signal.SIGKILL)

    def _finish(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for a program that has closed its output, or was cancelled."""
        while True:
            # Reaped under the lock: its number may be another's a moment later, which nobody may kill.
            with self._lock:
                if self._cancelled.is_set():
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                if process.poll() is not None:
                    self._group = None
                    return
            time.sleep(_REAP_SECONDS)


def _limit_memory(process: int, most: int | None) -> None:
    """Let a process, and each that it starts, have no more bytes than that; RLIMIT_DATA as in `compiler`."""
    if most is None or not hasattr(resource, "prlimit"):
        return
    hard = resource.prlimit(process, resource.RLIMIT_DATA)[1]
    limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(ProcessLookupError):
        resource.prlimit(process, resource.RLIMIT_DATA, (limit, hard))


def _kill_gently(group: int) -> None:
    """Kill what the leader of a group started last, so that the others end one after the other.

    cargo reaps the rustc that was killed, and ends. Killed together, rustc would be left to init, and stay
    in the list of processes until init gets round to it.
    """
    for process in _leaves(group):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _leaves(process: int) -> Iterator[int]:
    """The descendants of a process without children; itself where it has none, or where it cannot be told."""
    children = list(_children(process))
    if not children:
        yield process
    for child in children:
        yield from _leaves(child)


def _children(process: int) -> Iterator[int]:
    with suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            yield from map(int, (thread / "children").read_text().split())
