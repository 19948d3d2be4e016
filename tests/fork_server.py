"""Runs the program in processes forked from one that has imported everything.

Starting Python and importing what a command needs takes 0.3 s of a processor, and 1 s for the dashboard; a
fork takes a tenth of that. What is forked is a process like any other, with its own standard streams,
environment, folder and status. But /proc names the server's command line and environment, and the encoding of
its streams is the server's.

`python -m tests.fork_server FD` is the server. A request on the socket FD names arguments, environment,
folder and whether to take the terminal, and brings four descriptors: standard input, output and error, and a
socket for the process's number and status.
"""

import contextlib
import fcntl
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMANDS = ("engine", "tui.cli", "tui.config")
DASHBOARD = ("tui.dashboard",)
_REQUEST_BYTES = 1 << 20


class Forked:
    """A process that was forked; its methods are those of `subprocess.Popen`."""

    def __init__(self, reports: socket.socket) -> None:
        self._reports = reports
        self.pid = int(reports.recv(32))
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; its status. `TimeoutError` if it still runs then."""
        if self.returncode is None:
            self._reports.settimeout(timeout)
            self.returncode = int(self._reports.recv(32))
            self._reports.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkServer:
    """Starts processes of the program; `close` ends the server, not what it started."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.fork_server", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
            )

    def start(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        streams: Sequence[int],
        terminal: bool = False,
    ) -> Forked:
        """Start the program with three descriptors, which are copied.

        With `terminal` they are a terminal's, which becomes that of the program and of its new session.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request = json.dumps([list(arguments), dict(environment), str(folder), terminal]).encode()
        with theirs:
            socket.send_fds(self._requests, [request], [*streams, theirs.fileno()])
        return Forked(ours)

    def run(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        stdin: bytes,
        seconds: float,
    ) -> tuple[int, bytes, bytes]:
        """Run a command to its end, and return status, output and errors; killed after `seconds`."""
        pipes = [os.pipe() for _ in range(3)]
        streams = [pipes[0][0], pipes[1][1], pipes[2][1]]
        process = self.start(arguments, environment=environment, folder=folder, streams=streams)
        for descriptor in streams:
            os.close(descriptor)
        with ThreadPoolExecutor(3) as threads:
            threads.submit(_write, pipes[0][1], stdin)
            out, err = (threads.submit(_read, pipe[0]) for pipe in pipes[1:])
            try:
                status = process.wait(seconds)
            except TimeoutError:
                process.kill()
                raise
            return status, out.result(seconds), err.result(seconds)

    def close(self) -> None:
        """End the server."""
        self._requests.close()
        self._process.wait()


def _write(descriptor: int, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), open(descriptor, "wb") as stream:
        stream.write(data)


def _read(descriptor: int) -> bytes:
    with open(descriptor, "rb") as stream:
        return stream.read()


def _serve(requests: socket.socket) -> None:
    """Fork for each request; returns in the forked process, once it is what was asked for."""
    _preload(COMMANDS)
    # Nobody waits for those that report.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, _REQUEST_BYTES, 4)
        if not request:
            sys.exit()
        arguments, environment, folder, terminal = json.loads(request)
        if terminal:
            _preload(DASHBOARD)
        if os.fork() == 0:
            requests.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            *streams, reports = descriptors
            _report(streams, socket.socket(fileno=reports), terminal=terminal)
            _become(arguments, environment, folder)
            return
        for descriptor in descriptors:
            os.close(descriptor)


def _preload(packages: Sequence[str]) -> None:
    """Import all modules of these packages."""
    for package in packages:
        folder = ROOT / package.replace(".", "/")
        for path in sorted(folder.rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            if "worker" not in name:
                import_module(name)
    # What is collected in a forked process would be copied.
    gc.freeze()


def _report(streams: Sequence[int], reports: socket.socket, *, terminal: bool) -> None:
    """Fork once more: the parent reports the child's status, and only the child returns."""
    with reports:
        if number := os.fork():
            for stream in streams:
                os.close(stream)
            _, status = os.waitpid(number, 0)
            reports.send(str(os.waitstatus_to_exitcode(status)).encode())
            os._exit(0)
        for number, descriptor in enumerate(streams):
            os.dup2(descriptor, number)
            os.close(descriptor)
        if terminal:
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        reports.send(str(os.getpid()).encode())


def _become(arguments: list[str], environment: dict[str, str], folder: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    sys.argv = ["fluvio-tui", *arguments]


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
    import_module("tui.cli").main()
