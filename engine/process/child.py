"""A program that ends with this one, with everything that it started."""

import math
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import engine

_HOME = str(Path(engine.__file__).parents[1])
_SUPERVISOR = (
    f"import sys; sys.path.append({_HOME!r}); from engine.process.supervisor import main; sys.exit(main())"
)
_STATUS_BYTES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLimits:
    """What a program may use, and each program that it starts."""

    cpu_seconds: float = math.inf
    """Of CPU time, in whole seconds, rounded up; it is ended by SIGXCPU."""
    memory: int | None = None
    """In bytes; macOS does not enforce it."""


class Child:
    """A program under a supervisor (`engine.process.supervisor`), in a session of its own."""

    def __init__(
        self,
        command: Sequence[str | Path],
        environ: Mapping[str, str],
        streams: tuple[int, int, int],
        limits: ProcessLimits,
        held: Sequence[int] = (),
    ) -> None:
        """Start it in the folder "/", where cargo finds no configuration of a user.

        The program is named by its whole path, its standard streams by descriptors. Its supervisor keeps the
        descriptors `held` open until the last process has ended. `OSError` if it cannot be started.
        """
        stdin, stdout, stderr = streams
        self._line, theirs = socket.socketpair()
        cpu_seconds = math.ceil(limits.cpu_seconds) if math.isfinite(limits.cpu_seconds) else 0
        arguments = (theirs.fileno(), ",".join(map(str, held)), cpu_seconds, limits.memory or 0, *command)
        try:
            with theirs:
                self._supervisor = subprocess.Popen(
                    [sys.executable, "-I", "-S", "-c", _SUPERVISOR, *map(str, arguments)],
                    cwd="/",
                    env=environ,
                    stdin=stdin,
                    stdout=stdout,
                    stderr=stderr,
                    pass_fds=[theirs.fileno(), *held],
                    start_new_session=True,
                )
        except BaseException:
            self._line.close()
            raise

    def end(self) -> None:
        """End the program and all that it started, from any thread. Does not wait; may be called again."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)

    def wait(self, seconds: float = math.inf) -> int:
        """Wait until it and all that it started have ended; its status, as of `Popen.returncode`.

        `OSError` if it could not be run, `TimeoutError` after so many seconds without a program's end.
        """
        self._line.settimeout(seconds if math.isfinite(seconds) else None)
        status = self._line.recv(_STATUS_BYTES)
        self._line.settimeout(None)
        while self._line.recv(_STATUS_BYTES):
            pass
        return _read_status(status)

    def close(self) -> None:
        """End it if it runs, and release what it holds."""
        self.end()
        with suppress(OSError):
            self._line.settimeout(None)
            while self._line.recv(_STATUS_BYTES):
                pass
        # Of a supervisor that was killed, whose program is in the same group.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._supervisor.pid, signal.SIGKILL)
        self._supervisor.wait()
        self._line.close()


def _read_status(status: bytes) -> int:
    words = status.split()
    if not words:
        # The supervisor was ended from outside.
        return -signal.SIGKILL
    if words[0] == b"errno":
        number = int(words[1])
        raise OSError(number, os.strerror(number))
    return int(words[0])
