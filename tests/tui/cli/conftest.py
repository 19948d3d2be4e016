import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.records.batch import record_batch
from tests.fork_server import Forked, ForkServer
from tests.waiting import PATIENCE
from tui.cli.root import fluvio_tui


@dataclass(frozen=True)
class Outcome:
    status: int
    out: bytes
    err: str


@dataclass
class Program:
    """Runs the command line, each time in a process of its own, which `run` and `start` fork."""

    data: Path
    cwd: Path
    forks: ForkServer
    started: list[Forked | subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        root = str(Path(__file__).parents[3])
        return {**os.environ, "FLUVIO_TUI_DATA": str(self.data), "PYTHONPATH": root, "TERM": "dumb"}

    def write_modules(self, modules: Mapping[str, bytes]) -> Path:
        """Write modules to files by their names without `.wasm`; return the folder."""
        for name, wasm in modules.items():
            (self.cwd / f"{name}.wasm").write_bytes(wasm)
        return self.cwd

    def start(self, *arguments: str | Path, stdin: int = subprocess.PIPE) -> Forked:
        process = self.forks.start(
            [str(argument) for argument in arguments],
            environment=self.environment,
            folder=self.cwd,
            stdin=stdin,
        )
        self.started.append(process)
        return process

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "tui", *map(str, arguments)]

    def launch(self, command: list[str], stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment,
            cwd=self.cwd,
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str | Path, stdin: bytes = b"") -> Outcome:
        status, out, err = self.forks.run(
            [str(argument) for argument in arguments],
            environment=self.environment,
            folder=self.cwd,
            stdin=stdin,
            seconds=PATIENCE,
        )
        return Outcome(status, out, err.decode())

    def topic(self, name: str, *values: bytes) -> None:
        """Make a topic that holds values, without starting a process for it."""
        with EmbeddedBroker.open(self.data, durable=False) as broker:
            broker.topics.create(name)
        self.append(name, *values)

    def append(self, name: str, *values: bytes) -> None:
        with EmbeddedBroker.open(self.data, durable=False) as broker:
            broker.log.append(name, record_batch(values))

    def python(self, script: str) -> Outcome:
        """Run a script of the test's own, with the program's environment."""
        return self.finish(self.launch([sys.executable, script]))

    def ok(self, *arguments: str | Path, stdin: bytes = b"") -> Outcome:
        outcome = self.run(*arguments, stdin=stdin)
        assert outcome.status == 0, outcome.err
        return outcome

    def finish(
        self, process: Forked | subprocess.Popen[bytes], number: signal.Signals | None = None
    ) -> Outcome:
        """Send a signal, if one is named, and wait for the end."""
        if number is not None:
            process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
        return Outcome(process.returncode, out, err.decode())

    def close(self) -> None:
        for process in self.started:
            process.kill()
            process.wait(PATIENCE)
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream:
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()


@pytest.fixture
def program(tmp_path: Path, forks: ForkServer) -> Iterator[Program]:
    running = Program(tmp_path / "data", tmp_path, forks)
    yield running
    running.close()


@dataclass
class InProcess:
    """Runs the command line in this process, for what needs none of its own: that saves half a second."""

    data: Path
    captured: pytest.CaptureFixture[bytes]

    def run(self, *arguments: str | Path) -> Outcome:
        self.captured.readouterr()
        try:
            fluvio_tui.main(["--data", str(self.data), *map(str, arguments)], "fluvio-tui")
        except SystemExit as end:
            status = end.code
        assert isinstance(status, int)
        out, err = self.captured.readouterr()
        return Outcome(status, out, err.decode())

    def ok(self, *arguments: str | Path) -> Outcome:
        outcome = self.run(*arguments)
        assert outcome.status == 0, outcome.err
        return outcome


@pytest.fixture
def here(program: Program, capfdbinary: pytest.CaptureFixture[bytes]) -> InProcess:
    """The command line on the data of `program`, without a process of its own."""
    return InProcess(program.data, capfdbinary)


def read_until(stream: IO[bytes] | None, wanted: bytes) -> bytes:
    """Read from a running program until it has written `wanted`."""
    assert stream is not None
    found = b""
    deadline = time.monotonic() + PATIENCE
    while wanted not in found:
        ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"{wanted!r} did not come; {found!r} did"
        part = os.read(stream.fileno(), 1 << 16)
        assert part, f"the program ended before it wrote {wanted!r}; it wrote {found!r}"
        found += part
    return found
