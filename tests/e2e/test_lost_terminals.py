"""Terminals that nobody reads, and terminals that are closed under the program."""

import signal
import sys
from collections.abc import Callable

import pytest

from tests.e2e.conftest import PROGRAM, World
from tests.terminal import Terminal

CONTINUED = """
import os, signal
from textual.app import App
from tui.dashboard.app.terminal.driver import LastingDriver

class Brief(App):
    def on_mount(self):
        self.exit()

Brief(driver_class=LastingDriver).run()
os.kill(os.getpid(), signal.SIGCONT)
"""
"""Closing a terminal continues its processes, at any time: here after the dashboard and before the end."""
RECORDS = 300
NEWEST = f"value {RECORDS - 1}"
UP, END = "\x1b[A", "\x1b[F"
ENDS = (0, 128 + signal.SIGTERM, 128 + signal.SIGHUP, -signal.SIGHUP)
"""Statuses of a program that was asked to end, or lost its terminal; the last while Python itself ends."""

Ask = Callable[[Terminal], None]
ASKS: list[Ask] = [lambda terminal: terminal.type("q"), lambda terminal: terminal.process.terminate()]


@pytest.fixture
def watched(world: World) -> Terminal:
    world.produce("t", *(f"value {number}" for number in range(RECORDS)))
    terminal = world.open("watch", "t", columns=200, rows=60)
    terminal.wait_for(NEWEST)
    return terminal


def stall(terminal: Terminal) -> None:
    """Read nothing more, and let the program draw."""
    terminal.stall()
    terminal.type(UP * 100)


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
@pytest.mark.parametrize("ask", ASKS, ids=["q", "SIGTERM"])
def test_quitting_waits_for_no_terminal(world: World, watched: Terminal, ask: Ask, closed: bool) -> None:
    stall(watched)
    ask(watched)
    if closed:
        watched.hang_up()
    assert watched.wait() in ENDS
    world.left_nothing()
    assert len(world.run("consume", "t", "-B", "-d").splitlines()) == RECORDS


def test_end_of_input_ends_the_dashboard_without_a_signal(world: World) -> None:
    world.produce("t", NEWEST)
    terminal = world.open_shell()
    terminal.type(f"trap '' HUP; exec {PROGRAM} watch t\r")
    terminal.wait_for(NEWEST)
    terminal.hang_up()
    assert terminal.wait() == 0
    world.left_nothing()


def test_program_is_continued_after_its_dashboard() -> None:
    with Terminal([sys.executable, "-c", CONTINUED]) as terminal:
        assert terminal.wait() == 0, terminal.text


def test_terminal_that_is_read_again_shows_everything(watched: Terminal) -> None:
    stall(watched)
    watched.type("?")
    watched.resume()
    watched.wait_for("type to filter")
    watched.type("\x1b")
    watched.wait_for(lambda text: "type to filter" not in text)
    watched.type(END)
    shown = [f"value {number}" for number in range(RECORDS - 50, RECORDS)]
    watched.wait_for(lambda text: all(row in text for row in shown))
    watched.type("q")
    assert watched.wait() == 0
    assert watched.modes == watched.before


def test_stalled_terminal_gets_its_modes_and_its_screen_back(watched: Terminal) -> None:
    stall(watched)
    watched.type("q")
    assert watched.wait() == 0
    assert watched.modes == watched.before
    since = len(watched.raw)
    watched.resume()
    for mode in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1003l", b"\x1b[?2004l"):
        watched.wait_for_output(mode, since)
