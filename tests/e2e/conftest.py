"""The program in a real terminal, with a data folder and a build cache of the test's own."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fork_server import ForkServer
from tests.processes import processes
from tests.terminal import Terminal
from tests.waiting import PATIENCE, wait_for
from tui.dashboard.app.session_state import Memory

PROGRAM = Path(sys.executable).parent / "fluvio-tui"
"""The installed program."""


class World:
    """A data folder, filter files, and programs that use them."""

    def __init__(self, folder: Path, cache: Path, forks: ForkServer, stack: ExitStack) -> None:
        self.folder = folder
        self._forks = forks
        self.env = {
            **{
                name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TEXTUAL_THEME")
            },
            "FLUVIO_TUI_DATA": str(folder / "data"),
            "FLUVIO_TUI_CACHE": str(cache),
            "HOME": str(folder),
            "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup")),
            "TERM": "xterm-256color",
        }
        self._stack = stack
        Memory(folder / "data").keep_taught()

    def run(self, *arguments: str, text: str = "") -> str:
        """Run a command to its end, which must be a good one; its standard output."""
        status, out, err = self._forks.run(
            arguments, environment=self.env, folder=self.folder, stdin=text.encode(), seconds=2 * PATIENCE
        )
        assert status == 0, err.decode()
        return out.decode()

    def produce(self, topic: str, *values: str) -> None:
        """Produce values from another process."""
        self.run("produce", topic, "--create", text="".join(f"{value}\n" for value in values))

    def filter(self, name: str, source: str) -> Path:
        """Write a filter's file."""
        path = self.folder / name
        path.write_text(source)
        return path

    def open(self, *arguments: str | Path, columns: int = 120, rows: int = 34) -> Terminal:
        """Start the program in a terminal; it is closed at the end of the test."""
        return self._open(list(map(str, arguments)), columns, rows, self._forks)

    def open_installed(self, *arguments: str | Path) -> Terminal:
        """Like `open`, but start the installed program, for what a forked one does not show."""
        return self._open([str(PROGRAM), *map(str, arguments)], 120, 34)

    def open_shell(self, columns: int = 120, rows: int = 34) -> Terminal:
        """Start a shell with job control in a terminal; it is closed at the end of the test."""
        return self._open(["bash", "--norc", "--noprofile", "-i"], columns, rows)

    def _open(self, command: list[str], columns: int, rows: int, forks: ForkServer | None = None) -> Terminal:
        terminal = Terminal(command, columns=columns, rows=rows, env=self.env, cwd=self.folder, forks=forks)
        return self._stack.enter_context(terminal)

    def processes(self) -> list[str]:
        """The names of running programs that were started in this world, by their environment.

        A forked program is not among them, but those that it started are.
        """
        mark = f"FLUVIO_TUI_DATA={self.folder}"
        return [process.name for process in processes() if mark in process.environment]

    def left_nothing(self) -> None:
        """Wait until no program that was started in this world is left: killed ones take a moment to go."""
        wait_for(self.processes, lambda left: not left)


@pytest.fixture
def world(tmp_path: Path, build_cache: Path, forks: ForkServer) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(tmp_path, build_cache, forks, stack)
