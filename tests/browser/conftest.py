"""A server of dashboards, and a browser to look at them."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.chromium import Chromium, chromium, find_chromium
from tests.e2e.conftest import World, world
from tests.tui.cli.conftest import read_until
from tests.waiting import PATIENCE

__all__ = ["world"]

REQUIRED = "FLUVIO_TUI_REQUIRE_CHROMIUM"


@dataclass
class Served:
    """A server that is running."""

    process: subprocess.Popen[bytes]
    address: str
    """With the token."""

    @property
    def port(self) -> str:
        return self.address.partition("?")[0].rpartition(":")[2].strip("/")

    @property
    def token(self) -> str:
        return self.address.partition("token=")[2]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it with a signal; its exit status."""
        self.process.send_signal(number)
        self.process.communicate(timeout=PATIENCE)
        return self.process.returncode


@pytest.fixture
def serve(world: World) -> Iterator[Callable[..., Served]]:
    """Start the server with a command of the program's."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*command: str | Path) -> Served:
        root = str(Path(__file__).parents[2])
        process = subprocess.Popen(
            [sys.executable, "-m", "tui", "serve", "--port", "0", *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env={**world.env, "PYTHONPATH": root},
            cwd=world.folder,
        )
        started.append(process)
        return Served(process, read_until(process.stdout, b"\n").decode().strip())

    yield start
    for process in started:
        process.kill()
        with contextlib.suppress(ValueError):
            process.communicate(timeout=PATIENCE)


@pytest.fixture
def browser() -> Iterator[Chromium]:
    path = find_chromium()
    if path is None:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail("Chromium is not installed")
        pytest.skip("needs Chromium, which is not installed")
    with chromium(path) as running:
        yield running
