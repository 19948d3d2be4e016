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
from engine.process.supervisor import LENGTH

_HOME = str(Path(engine.__file__).parents[1])
_MAIN = (
    f"import sys; sys.path.append({_HOME!r}); from engine.process.supervisor import main; sys.exit(main())"
)
_STATUS_BYTES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLimits:
    """What a program may use, and each program that it starts."""

    cpu_seconds: float = math.inf
    """Of CPU time, in whole seconds, rounded up; it is ended by SIGXCPU."""
    memory: int | None = None
    """In bytes; none on macOS."""


class Supervisor:
    """A process that waits for the program that it is to run (`engine.process.supervisor`).

    It starts in the folder "/", where cargo finds no configuration of a user, in a session of its own.
    """

    def __init__(self, main: str = _MAIN) -> None:
        """`main` is its code. `OSError` if it cannot be started."""
        self.line, theirs = socket.socketpair()
        try:
            with theirs:
                self.process = subprocess.Popen(
                    [sys.executable, "-I", "-S", "-c", main, str(theirs.fileno())],
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
        except BaseException:
            self.line.close()
            raise

    def run(
        self,
        command: Sequence[str | Path],
        environ: Mapping[str, str],
        descriptors: Sequence[int],
        limits: ProcessLimits,
    ) -> None:
        """Ask it to run a program. The first descriptors are the program's streams, the others it keeps open
        until the last process has ended. `OSError` if it is gone.
        """
        cpu_seconds = math.ceil(limits.cpu_seconds) if math.isfinite(limits.cpu_seconds) else 0
        settings = (f"{name}={value}" for name, value in environ.items())
        words = (cpu_seconds, limits.memory or 0, len(command), *command, *settings)
        request = b"\0".join(os.fsencode(str(word)) for word in words)
        socket.send_fds(self.line, [f"{len(request):0{LENGTH}}".encode()], descriptors)
        self.line.sendall(request)

    def close(self) -> None:
        """End its program if that runs, and release what it holds."""
        with suppress(OSError):
            self.line.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            self.line.settimeout(None)
            while self.line.recv(_STATUS_BYTES):
                pass
        # Of a supervisor that was killed, whose program is in the same group.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.line.close()


class Standby:
    """At most one supervisor that waits, so that the start of one is no part of a build. For one thread."""

    def __init__(self) -> None:
        self._waiting: Supervisor | None = None
        self._taken = False

    def prepare(self) -> None:
        """Let another one wait, if one was taken since the last time."""
        if self._taken and self._waiting is None:
            # Without it, one is started when it is needed.
            with suppress(OSError):
                self._waiting = Supervisor()

    def take(self) -> Supervisor | None:
        """The one that waits, which belongs to the caller from now on."""
        taken, self._waiting, self._taken = self._waiting, None, True
        return taken

    def close(self) -> None:
        """Let none wait."""
        if self._waiting is not None:
            self._waiting.close()
            self._waiting = None


class Child:
    """A program under a supervisor, which ends with this one."""

    def __init__(
        self,
        command: Sequence[str | Path],
        environ: Mapping[str, str],
        streams: tuple[int, int, int],
        limits: ProcessLimits,
        held: Sequence[int] = (),
        *,
        supervisor: Supervisor | None = None,
    ) -> None:
        """Start it, under a `supervisor` that waits or a fresh one, in the folder "/".

        The program is named by its whole path, its standard streams by descriptors. Its supervisor keeps the
        descriptors `held` open until the last process has ended. `OSError` if it cannot be started.
        """
        descriptors = (*streams, *held)
        self._supervisor = supervisor or Supervisor()
        try:
            self._supervisor.run(command, environ, descriptors, limits)
        except OSError:
            # It waited, and was ended from outside; of a fresh one, `wait` tells.
            self._supervisor.close()
            self._supervisor = Supervisor()
            with suppress(OSError):
                self._supervisor.run(command, environ, descriptors, limits)

    def end(self) -> None:
        """End the program and all that it started, from any thread. Does not wait; may be called again."""
        with suppress(OSError):
            self._supervisor.line.shutdown(socket.SHUT_WR)

    def wait(self, seconds: float = math.inf) -> int:
        """Wait until it and all that it started have ended; its status, as of `Popen.returncode`.

        `OSError` if it could not be run, `TimeoutError` after this many seconds without a program's end.
        """
        line, status = self._supervisor.line, b""
        line.settimeout(seconds if math.isfinite(seconds) else None)
        # It is reset where a supervisor was ended before it had read everything.
        with suppress(ConnectionResetError):
            status = line.recv(_STATUS_BYTES)
            line.settimeout(None)
            while line.recv(_STATUS_BYTES):
                pass
        return _read_status(status)

    def close(self) -> None:
        """End it if it runs, and release what it holds."""
        self._supervisor.close()


def _read_status(status: bytes) -> int:
    words = status.split()
    if not words:
        # The supervisor was ended from outside.
        return -signal.SIGKILL
    if words[0] == b"errno":
        number = int(words[1])
        raise OSError(number, os.strerror(number))
    return int(words[0])
