"""Programs that another thread can end, with everything that they started."""

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
"""For a program to end after its last descendants were killed; it usually takes a millisecond."""
_REAP_SECONDS = 0.001
_CHUNK = 1 << 16


class SupersededError(Exception):
    """A job was cancelled, since its result is not needed any more."""


class OverdueError(Exception):
    """A program was ended at its time limit."""


class Job:
    """Work that another thread may cancel, such as a build or the compilation of a module."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._group: int | None = None
        """Of the running program, until it is reaped."""
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """End the work and all processes that it started. Does not wait; further calls have no effect."""
        self._cancelled.set()
        with self._lock:
            if self._group is not None:
                _kill_gently(self._group)

    def check(self) -> None:
        """`SupersededError` if the job was cancelled."""
        if self._cancelled.is_set():
            raise SupersededError

    def wait(self, seconds: float) -> None:
        """Wait; `SupersededError` as soon as the job is cancelled."""
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

        Its standard input is the descriptor `stdin`. Each of its processes may use `memory` bytes, except on
        macOS, which has no such limit. `SupersededError` if the job was cancelled, and `OverdueError` if the
        program has not closed its output after `seconds`; either is raised once the program has ended.
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
                    # Ctrl-C reaches only this process: the program is in a group of its own.
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
            # In a group of its own, all of it can be killed; in "/", cargo finds no configuration of a user.
            process = subprocess.Popen(
                command,
                cwd="/",
                env=environ,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=errors,
                process_group=0,
                umask=0o077,
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
        """Wait for a program that has closed its output or was cancelled."""
        while True:
            # Reaped under the lock: after that, the id may belong to another process.
            with self._lock:
                if self._cancelled.is_set():
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                if process.poll() is not None:
                    self._group = None
                    return
            time.sleep(_REAP_SECONDS)


def _limit_memory(process: int, most: int | None) -> None:
    """Limit the bytes of a process and of each that it starts, by RLIMIT_DATA as in `compile_worker`."""
    if most is None or not hasattr(resource, "prlimit"):
        return
    hard = resource.prlimit(process, resource.RLIMIT_DATA)[1]
    limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(ProcessLookupError):
        resource.prlimit(process, resource.RLIMIT_DATA, (limit, hard))


def _kill_gently(group: int) -> None:
    """Kill the last descendants of a group's leader, so that the others end one after the other.

    cargo reaps the killed rustc, and ends. If both were killed at once, rustc would stay a zombie until init
    reaps it.
    """
    for process in _leaves(group):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _leaves(process: int) -> Iterator[int]:
    """The descendants of a process that have no children; the process itself if it has none."""
    children: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            children += map(int, (thread / "children").read_text().split())
    if not children:
        yield process
    for child in children:
        yield from _leaves(child)
