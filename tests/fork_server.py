"""Runs the program in processes forked from one that has imported everything.

Starting Python and importing what a command needs takes 0.3 s of a processor, and 1 s for the dashboard; a
fork takes a tenth of that. What is forked is a process like any other, with its own standard streams,
environment, folder and status. But /proc names the server's command line and environment, and the encoding of
its streams is the server's.

`python -m tests.fork_server FD` is the server. A request on the socket FD names a module with a `main`,
arguments, environment, folder and whether to take the terminal, and brings four descriptors: standard input,
output and error, and a socket for the process's number and status.

`ForkServer.command` is for shells: a program that lets the server fork what it stands for.
"""

import atexit
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
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import IO
from uuid import uuid4

ROOT = Path(__file__).parents[1]
PROGRAM = "tui.cli"
COMMANDS = ("engine", "tui.cli", "tui.config")
DASHBOARD = ("tui.dashboard",)
_REQUEST_BYTES = 1 << 20
_COMMAND = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
    server.connect({address!r})
    request = json.dumps([{module!r}, sys.argv[1:], dict(os.environ), os.getcwd(), False])
    socket.send_fds(server, [request.encode()], [0, 1, 2])
    server.recv(32)  # its number
    status = int(server.recv(32))
sys.exit(status if status >= 0 else 128 - status)
"""


class Forked:
    """A process that was forked; what it has is as in `subprocess.Popen`."""

    def __init__(self, reports: socket.socket, pipes: Sequence[int | None] = (None,) * 3) -> None:
        """`pipes` are this side of its standard input, output and error."""
        self._reports = reports
        self.pid = int(reports.recv(32))
        self.returncode: int | None = None
        self.stdin, self.stdout, self.stderr = map(_opened, pipes, ("wb", "rb", "rb"))
        self._read = (bytearray(), bytearray())
        self._threads: list[threading.Thread] = []

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._reports.settimeout(timeout)
            try:
                self.returncode = int(self._reports.recv(32))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0) from None
            self._reports.close()
        return self.returncode

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def communicate(self, input: bytes = b"", timeout: float | None = None) -> tuple[bytes, bytes]:
        if not self._threads:
            self._threads = [threading.Thread(target=self._write, args=(input,), daemon=True)]
            for stream, found in zip((self.stdout, self.stderr), self._read, strict=True):
                self._threads.append(threading.Thread(target=_drain, args=(stream, found), daemon=True))
            for thread in self._threads:
                thread.start()
        for thread in self._threads:
            thread.join(timeout)
            if thread.is_alive():
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        self.wait(timeout)
        return bytes(self._read[0]), bytes(self._read[1])

    def _write(self, data: bytes) -> None:
        if self.stdin is not None and not self.stdin.closed:
            with contextlib.suppress(BrokenPipeError), self.stdin:
                self.stdin.write(data)

    def close(self) -> None:
        """Close the pipes."""
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            # As `subprocess.Popen` does: it may have ended meanwhile.
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

    def open_terminal(
        self, arguments: Sequence[str], terminal: int, *, environment: Mapping[str, str], folder: Path
    ) -> Forked:
        """Start the program in a session of its own with this terminal."""
        return Forked(self._fork(PROGRAM, arguments, environment, folder, [terminal] * 3, terminal=True))

    def start(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        stdin: int = subprocess.PIPE,
        module: str = PROGRAM,
    ) -> Forked:
        """Start `main` of a module, with pipes; `stdin` is as for `subprocess.Popen`."""
        out, err = os.pipe(), os.pipe()
        theirs, ours = stdin, None
        if stdin == subprocess.PIPE:
            theirs, ours = os.pipe()
        elif stdin == subprocess.DEVNULL:
            theirs = os.open(os.devnull, os.O_RDONLY)
        reports = self._fork(module, arguments, environment, folder, [theirs, out[1], err[1]])
        for descriptor in (out[1], err[1], *(() if theirs == stdin else (theirs,))):
            os.close(descriptor)
        return Forked(reports, [ours, out[0], err[0]])

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
        process = self.start(arguments, environment=environment, folder=folder)
        try:
            out, err = process.communicate(stdin, seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        process.close()
        return process.wait(), out, err

    @contextlib.contextmanager
    def command(self, path: Path) -> Iterator[None]:
        """Put a program at `path` that runs `fluvio-tui`, forked, with its own streams and environment."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            # Paths of tests are longer than names of sockets may be: this one is no file.
            address = f"\0{uuid4().hex}"
            listener.bind(address)
            listener.listen()
            path.write_text(_COMMAND.format(python=sys.executable, address=address, module=PROGRAM))
            path.chmod(0o700)
            relay = threading.Thread(target=self._relay, args=(listener,))
            relay.start()
            try:
                yield
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                relay.join()

    def _relay(self, listener: socket.socket) -> None:
        """Pass on requests, until the listener is shut down; their senders get the reports."""
        while True:
            try:
                sender, _ = listener.accept()
            except OSError:
                return
            with sender:
                request, streams, _, _ = socket.recv_fds(sender, _REQUEST_BYTES, 3)
                socket.send_fds(self._requests, [request], [*streams, sender.fileno()])
            for stream in streams:
                os.close(stream)

    def close(self) -> None:
        """End the server."""
        self._requests.close()
        self._process.wait()

    def _fork(
        self,
        module: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        streams: Sequence[int],
        *,
        terminal: bool = False,
    ) -> socket.socket:
        """Where the process reports to; the streams are copied."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request = [module, list(arguments), dict(environment), str(folder), terminal]
        with theirs:
            socket.send_fds(self._requests, [json.dumps(request).encode()], [*streams, theirs.fileno()])
        return ours


def _opened(pipe: int | None, mode: str) -> IO[bytes] | None:
    return None if pipe is None else os.fdopen(pipe, mode)


def _drain(stream: IO[bytes], found: bytearray) -> None:
    while data := stream.read1(1 << 16):
        found += data


def _serve(requests: socket.socket) -> str:
    """Fork for each request; returns in the forked process, once it is set up; the module to run."""
    _preload(COMMANDS)
    # Nobody waits for those that report.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, _REQUEST_BYTES, 4)
        if not request:
            sys.exit()
        module, arguments, environment, folder, terminal = json.loads(request)
        if terminal:
            _preload(DASHBOARD)
        if os.fork() == 0:
            requests.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            *streams, reports = descriptors
            _report(streams, socket.socket(fileno=reports), terminal=terminal)
            _become(arguments, environment, folder)
            return module
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


class _Ending:
    """Ends a process once all else is done, but for taking its modules apart, which would copy them first."""

    status: int | None = None

    def __call__(self) -> None:
        if self.status is not None:
            # Python itself says what cannot be written.
            with contextlib.suppress(OSError, ValueError):
                for stream in filter(None, (sys.stdout, sys.stderr)):
                    stream.flush()
                os._exit(self.status)


if __name__ == "__main__":
    ending = _Ending()
    # What is registered first is called last.
    atexit.register(ending)
    module = import_module(_serve(socket.socket(fileno=int(sys.argv[1]))))
    try:
        module.main()
    except SystemExit as end:
        if isinstance(end.code, int | None):
            ending.status = end.code or 0
        raise
