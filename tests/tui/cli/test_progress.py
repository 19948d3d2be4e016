"""The bar that `produce` shows in a terminal, in a real one."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from engine import units
from tests.terminal import Terminal
from tests.tui.cli.conftest import Program

LINE = b"a line that is as long as lines often are, and the next one no different from it: 0123456789 0123\n"
BAR = re.compile(rb"\r\x1b\[K *\d+% \[#*-*\] [\d.]+ [KM]iB of ([\d.]+ [KM]iB), [\d.]+ [KM]iB/s, \d+ s left")
GONE = b"\r\x1b[K"

Open = Callable[..., Terminal]


@pytest.fixture
def produce(program: Program) -> Iterator[Open]:
    """Runs `produce logs` in a terminal."""
    program.topic("logs")
    with ExitStack() as stack:

        def start(*arguments: str | Path, shell: str = "") -> Terminal:
            command = program.command("produce", "logs", *arguments)
            if shell:
                command = ["sh", "-c", shell, "sh", *command]
            return stack.enter_context(Terminal(command, env=program.environment, cwd=program.cwd))

        yield start


@pytest.fixture
def large(program: Program) -> Path:
    """A file that takes a while."""
    path = program.cwd / "large"
    path.write_bytes(LINE * 400_000)
    return path


def ended(terminal: Terminal, said: str, status: int = 0) -> bytes:
    """What was written in all, once the program has ended."""
    terminal.wait_for(said)
    assert terminal.wait() == status
    return bytes(terminal.raw)


def test_bar_shows_the_share_of_all_files_and_is_cleared(
    produce: Open, program: Program, large: Path
) -> None:
    (program.cwd / "small").write_bytes(LINE * 10_000)
    terminal = produce("small", large, large)
    raw = ended(terminal, "810,000 records")
    bars = list(BAR.finditer(raw))
    assert bars
    assert {bar.group(1) for bar in bars} == {units.size(810_000 * len(LINE)).encode()}
    assert raw[bars[-1].end() :].startswith(GONE + b"810,000 records (")
    assert terminal.text.strip().startswith("810,000 records ("), "the bar is still there"


def test_interrupted_bar_is_cleared(produce: Open, program: Program, large: Path) -> None:
    terminal = produce(*[large] * 50)
    terminal.wait_for("s left")
    os.kill(terminal.process.pid, signal.SIGINT)
    raw = ended(terminal, "acknowledged", 128 + signal.SIGINT)
    assert re.search(re.escape(GONE) + rb"[\d,]+ records \(", raw)
    assert terminal.text.count("%") == 0


@pytest.mark.parametrize(
    "arguments, shell",
    [
        (["--rate", "1000000000", "large"], ""),
        (["-"], '"$@" <large'),
        (["large", "-"], '"$@" <large'),
        (["large"], '"$@" 2>&1 | cat'),
    ],
    ids=["at a rate", "from standard input", "from a file and standard input", "to a pipe"],
)
@pytest.mark.usefixtures("large")
def test_no_bar_without_a_terminal_or_a_known_size(produce: Open, arguments: list[str], shell: str) -> None:
    raw = ended(produce(*arguments, shell=shell), "acknowledged")
    assert re.match(rb"[48]00,000 records \(", raw)


def test_narrow_terminal_cuts_the_bar(produce: Open, large: Path) -> None:
    raw = ended(produce(large, large, shell='stty columns 20; "$@"'), "acknowledged")
    bars = [part for part in raw.split(GONE) if b"%" in part]
    assert bars
    assert {len(bar) for bar in bars} == {19}
