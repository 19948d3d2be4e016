"""Output to terminals that are slow, stalled or closed."""

import asyncio
import contextlib
import os
import pty
import tty
from collections.abc import Callable, Iterator

import pytest

from tests.waiting import PATIENCE
from tui.dashboard.app.terminal.output import CANCEL, MOST_LEFT, TerminalOutput

FRAME = "x" * 5_000 + "\n"
FRAMES = 4 * MOST_LEFT // len(FRAME)
Work = Callable[["Bench"], None]


class Bench:
    """A terminal and the output to it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.master, self.terminal = pty.openpty()
        tty.setraw(self.terminal)
        self.loop = loop
        self.caught_up = asyncio.Event()
        self.output = TerminalOutput(self.terminal, loop, self.caught_up.set)

    def read(self) -> bytes:
        """What the terminal gets, until there is nothing more for a moment."""
        found = b""
        os.set_blocking(self.master, False)
        try:
            while data := os.read(self.master, 1 << 16):
                found += data
        except BlockingIOError:
            return found
        return found

    async def read_all(self, reached: asyncio.Event) -> bytes:
        """What the terminal gets until something is reached."""
        found = b""
        async with asyncio.timeout(PATIENCE):
            while not reached.is_set():
                found += self.read()
                await asyncio.sleep(0)
        return found + self.read()

    def close(self) -> None:
        self.output.close()
        os.close(self.terminal)


@pytest.fixture(params=["opened again", "blocking"])
def bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    if request.param == "blocking":

        def unnamed(_descriptor: int) -> str:
            raise FileNotFoundError("no name here")

        monkeypatch.setattr("os.ttyname", unnamed)
    loop = asyncio.new_event_loop()
    bench = Bench(loop)
    yield bench
    bench.close()
    loop.close()


def test_stalled_terminal_delays_no_write_and_catches_up_with_whole_frames(bench: Bench) -> None:
    for _ in range(FRAMES):
        bench.output.write(FRAME)
    assert not bench.output.drain(0.01)
    got = bench.loop.run_until_complete(bench.read_all(bench.caught_up)).decode()
    count = got.count("\n")
    assert MOST_LEFT // len(FRAME) < count < FRAMES
    assert got == FRAME * count
    bench.output.write("again")
    assert bench.output.drain(PATIENCE)
    assert bench.read() == b"again"


def test_terminal_that_is_given_up_gets_what_restores_it(bench: Bench) -> None:
    for _ in range(FRAMES):
        bench.output.write(FRAME)
    bench.output.discard()
    bench.output.write("restored")
    assert bench.output.drain(PATIENCE)
    assert bench.read().endswith(CANCEL + b"restored")


def test_full_terminal_is_given_up_though_nothing_waits_for_it(bench: Bench) -> None:
    os.set_blocking(bench.terminal, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(bench.terminal, b" ")
    os.set_blocking(bench.terminal, True)
    assert not bench.output.drain(0.01)
    bench.output.discard()
    bench.output.write("restored")
    assert bench.output.drain(PATIENCE)
    assert bench.read().endswith(CANCEL + b"restored")


def test_closed_terminal_takes_everything_in_silence(bench: Bench) -> None:
    os.close(bench.master)
    for _ in range(3):
        bench.output.write(FRAME)
        assert bench.output.drain(0)
    os.write(bench.terminal, b"a message that no one reads")


def test_text_that_has_no_encoding_is_escaped(bench: Bench) -> None:
    bench.output.write("a\udc80b")
    assert bench.read() == b"a\\udc80b"
