"""Runs the command line in processes forked from one that has imported everything.

Starting Python and importing what a command needs takes 0.3 s of a processor; a fork takes a tenth of that.
What is forked is a process like any other, with its own standard streams, environment, folder and status.

`python -m tests.fork_server FD` is the server. A request on the socket FD names arguments, environment and
folder, and brings four descriptors: standard input, output and error, and a socket for the process's number
and status.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
PRELOADED = ("engine", "tui.cli", "tui.config")
_REQUEST_BYTES = 1 << 20


class ForkServer:
    """Starts processes of the command line; `close` ends the server, not what it started."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.fork_server", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
            )

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
        ours, theirs = socket.socketpair()
        request = json.dumps([list(arguments), dict(environment), str(folder)]).encode()
        handed = [pipes[0][0], pipes[1][1], pipes[2][1], theirs.fileno()]
        socket.send_fds(self._requests, [request], handed)
        for descriptor in handed[:3]:
            os.close(descriptor)
        theirs.close()
        ours.settimeout(seconds)
        with ours, ours.makefile() as reports, ThreadPoolExecutor(3) as threads:
            number = int(reports.readline())
            threads.submit(_write, pipes[0][1], stdin)
            out, err = (threads.submit(_read, pipe[0]) for pipe in pipes[1:])
            try:
                status = int(reports.readline())
            except TimeoutError:
                os.kill(number, signal.SIGKILL)
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
    _preload()
    # Nobody waits for those that report.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, _REQUEST_BYTES, 4)
        if not request:
            sys.exit()
        if os.fork() == 0:
            requests.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _report(descriptors)
            _become(json.loads(request), descriptors[:3])
            return
        for descriptor in descriptors:
            os.close(descriptor)


def _preload() -> None:
    """Import what commands import when they run, except the dashboard."""
    for package in PRELOADED:
        folder = ROOT / package.replace(".", "/")
        for path in sorted(folder.rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            if "worker" not in name:
                import_module(name)


def _report(descriptors: list[int]) -> None:
    """Fork once more: the parent reports the child's number and status, and only the child returns."""
    *streams, descriptor = descriptors
    number = os.fork()
    if number:
        for stream in streams:
            os.close(stream)
        with socket.socket(fileno=descriptor) as reports:
            reports.sendall(f"{number}\n".encode())
            _, status = os.waitpid(number, 0)
            reports.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os._exit(0)
    os.close(descriptor)


def _become(request: tuple[list[str], dict[str, str], str], streams: list[int]) -> None:
    arguments, environment, folder = request
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    sys.argv = ["fluvio-tui", *arguments]


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
    import_module("tui.cli").main()
