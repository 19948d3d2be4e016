"""The dashboard in a real terminal: records from another process, sizes, keys, and the end."""

import os
import re
import signal
import sys

import pytest

from tests.e2e.conftest import PROGRAM, World
from tests.terminal import Terminal

TOP = re.compile(r"\A.*(fluvio-tui|raw)")
"""The first line of the screen, small or large."""
RESIZED = """
import fcntl, os, signal, struct, termios
from textual.app import App
from textual.widgets import Static
from tui.dashboard.app.terminal.driver import LastingDriver

class Interrupted(LastingDriver):
    def _get_terminal_size(self):
        size = super()._get_terminal_size()
        if size == (40, 10):
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
            os.kill(os.getpid(), signal.SIGWINCH)
        return size

class Sized(App):
    def compose(self):
        yield Static()
    def on_resize(self, event):
        self.query_one(Static).update(f"{event.size.width} columns")

Sized(driver_class=Interrupted).run()
"""
"""A terminal that gets another size just after the program has read one."""


def test_a_record_from_another_process_appears(world: World) -> None:
    world.produce("t", "first")
    terminal = world.open("watch", "t")
    terminal.wait_for("first")
    world.produce("t", "second")
    terminal.wait_for("second")


def test_one_more_record_writes_a_part_of_the_screen(world: World) -> None:
    columns, rows = 200, 50
    order = '{{"id":{},"city":"Lisboa","level":"info","note":"as all others before it, and after it"}}'
    world.produce("t", *map(order.format, range(1000, 1250)))
    terminal = world.open("watch", "t", columns=columns, rows=rows)
    terminal.wait_for(lambda text: "249 1249" in text and "newest 250" in text and "same in all" in text)
    # What is written of the first screens comes in parts, of which more may follow.
    world.produce("t", order.format(1250))
    terminal.wait_for(lambda text: "250 1250" in text and "newest 251" in text)
    since = len(terminal.raw)
    world.produce("t", order.format(1251))
    terminal.wait_for(lambda text: "251 1251" in text and "newest 252" in text)
    assert len(terminal.raw) - since < columns * rows


def test_a_topic_without_records_says_how_to_produce(world: World) -> None:
    world.run("topic", "create", "empty")
    shown = ("no records yet", "fluvio-tui produce empty")
    world.open("watch", "empty").wait_for(lambda text: all(part in text for part in shown))


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 10), (200, 50)])
def test_any_size_and_back(world: World, columns: int, rows: int) -> None:
    world.produce("t", *(f"value {number}" for number in range(200)))
    terminal = world.open("watch", "t")
    terminal.wait_for("value 199")
    # The terminal cuts lines off at its top and adds them at its bottom, until the program has drawn.
    for size in ((columns, rows), (120, 34)):
        terminal.resize(*size)
        terminal.wait_for(lambda text: TOP.search(text) and "value 199" in text.splitlines()[-2])


def test_a_size_that_ends_before_it_is_drawn(world: World) -> None:
    world.produce("t", *(f"value {number}" for number in range(200)))
    terminal = world.open("watch", "t")
    terminal.wait_for("value 199")
    for _ in range(5):
        # The terminal cuts lines off at once, and the program may see no other size than before.
        terminal.resize(40, 10)
        terminal.resize(120, 34)
        terminal.wait_for(lambda text: "value 171" in text and "value 199" in text.splitlines()[-2])


def test_of_two_sizes_in_a_row_the_newer_one_holds() -> None:
    with Terminal([sys.executable, "-c", RESIZED]) as terminal:
        terminal.wait_for("120 columns")
        terminal.resize(40, 10)
        terminal.wait_for("100 columns")


def test_scrolling_back_pauses_and_end_follows_again(world: World) -> None:
    world.produce("t", *(f"value {number}" for number in range(200)))
    terminal = world.open("watch", "t")
    terminal.wait_for("value 199")
    terminal.type("\x1b[5~")
    held = terminal.wait_for(lambda text: "paused" in text and "value 199" not in text)
    top = next(line for line in held.splitlines() if "value" in line)
    world.produce("t", *(f"newer {number}" for number in range(17)))
    screen = terminal.wait_for("17 new")
    assert next(line for line in screen.splitlines() if "value" in line) == top
    assert "newer" not in screen
    terminal.type("\x1b[F")
    terminal.wait_for(lambda text: "newer 16" in text and "paused" not in text)


def test_escape_sequences_in_records_are_harmless(world: World) -> None:
    world.produce("t", "before", "\x1b[2J\x1b]0;owned\x07\x1b[31mred", "after")
    terminal = world.open("watch", "t")
    terminal.wait_for(lambda text: all(part in text for part in ("before", "owned", "after")))
    assert b"\x1b]0;owned" not in terminal.raw


def test_quitting_restores_the_terminal_and_leaves_no_process(world: World) -> None:
    world.produce("t", "value")
    terminal = world.open_installed("watch", "t")
    terminal.wait_for("value")
    terminal.type("q")
    assert terminal.wait() == 0
    assert terminal.modes == terminal.before
    assert b"\x1b[?1049l" in terminal.raw
    assert b"\x1b[?25h" in terminal.raw
    assert "Traceback" not in terminal.raw.decode(errors="replace")
    world.left_nothing()


def test_ctrl_z_goes_to_the_shell_and_fg_draws_everything_anew(world: World) -> None:
    world.produce("t", "a value")
    terminal = world.open_shell()
    terminal.type(f"{PROGRAM} watch t\r")
    terminal.wait_for("a value")
    terminal.type("\x1a")
    terminal.wait_for("Stopped")
    since = len(terminal.raw)
    terminal.type("fg\r")
    terminal.wait_for_output(b"a value", since)
    terminal.type("q")
    terminal.wait_for_output(b"\x1b[?1049l", since)
    # What is typed before the shell has the terminal again is the program's, and lost.
    terminal.wait_for_output(b"bash-", terminal.raw.index(b"\x1b[?1049l", since))
    terminal.type("exit $((40 + 2))\r")
    assert terminal.wait() == 42
    world.left_nothing()


def test_stopped_from_outside_it_goes_on_and_quits_as_ever(world: World) -> None:
    world.produce("t", "a value")
    terminal = world.open("watch", "t")
    terminal.wait_for("a value")
    since = len(terminal.raw)
    os.kill(terminal.process.pid, signal.SIGSTOP)
    os.kill(terminal.process.pid, signal.SIGCONT)
    terminal.wait_for_output(b"\x1b[?1049h", since)
    terminal.wait_for_output(b"a value", terminal.raw.index(b"\x1b[?1049h", since))
    terminal.type("q")
    assert terminal.wait() == 0
    assert terminal.modes == terminal.before


@pytest.mark.cargo
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_with_everything_in_order(world: World, number: signal.Signals) -> None:
    world.produce("t", "value")
    path = world.filter("f.rs", "#[smartstream(filter)]\npub fn f(_: &[u8]) -> bool { true }\n")
    terminal = world.open_installed("watch", "t", "-f", path)
    terminal.wait_for("value")
    os.kill(terminal.process.pid, number)
    assert terminal.wait() in (0, 128 + number)
    assert terminal.modes == terminal.before
    assert b"\x1b[?1049l" in terminal.raw
    world.left_nothing()


@pytest.mark.cargo
def test_a_pane_is_added_and_closed(world: World) -> None:
    world.produce("t", "apple", "pear")
    path = world.filter("pears.rs", '#[smartstream(filter)]\npub fn f(v: &[u8]) -> bool { v == b"pear" }\n')
    terminal = world.open("watch", "t")
    terminal.wait_for("apple")
    terminal.type("a")
    terminal.wait_for("add a filter")
    terminal.type(f"{path}\r")
    terminal.wait_for(lambda text: "live v1" in text and text.count("1 pear ") == 2, 60)
    terminal.type("x")
    terminal.wait_for(lambda text: "live v1" not in text)


def test_a_record_is_produced_by_hand(world: World) -> None:
    world.produce("t", "first")
    terminal = world.open("watch", "t")
    terminal.wait_for("first")
    terminal.type("p")
    terminal.wait_for("a record to t")
    terminal.type("by hand")
    terminal.wait_for("by hand")
    terminal.type("\x13")
    terminal.wait_for(lambda text: "produced offset 1 of partition 0" in text and "1 by hand" in text)
    assert world.run("consume", "t", "-B", "-d") == "first\nby hand\n"


@pytest.mark.cargo
def test_another_topic_opens_with_the_same_filter(world: World) -> None:
    world.produce("fruit", "apple", "pear")
    world.produce("trees", "oak", "pear tree")
    path = world.filter(
        "pears.rs", '#[smartstream(filter)]\npub fn f(v: &[u8]) -> bool { v.starts_with(b"pear") }\n'
    )
    terminal = world.open("watch", "fruit", "-f", path)
    terminal.wait_for(lambda text: "live v1" in text and text.count("pear ") >= 2, 60)
    terminal.type("t")
    terminal.wait_for("2 records · open")
    terminal.type("tre\r")
    terminal.wait_for(lambda text: "live v1" in text and text.count("pear tree") == 2 and "oak" in text, 60)
    terminal.type("q")
    assert terminal.wait() == 0
    assert terminal.modes == terminal.before
    world.left_nothing()
    # Each topic is left with what it had, and that is there again without its being named.
    for topic in ("fruit", "trees"):
        again = world.open("watch", topic)
        again.wait_for("1 pears")
        again.type("q")
        assert again.wait() == 0


@pytest.mark.cargo
def test_the_demo_shows_a_stream_three_filters_and_where_they_are(world: World) -> None:
    terminal = world.open("demo", "--filters", world.folder / "mine", columns=160, rows=44)
    terminal.wait_for(lambda text: text.count("live v1") == 3, 90)
    terminal.wait_for(str(world.folder / "mine")[-20:])
    terminal.wait_for("trap")
    terminal.type("q")
    assert terminal.wait() == 0
    world.left_nothing()


def test_without_a_toolchain_a_pane_says_what_is_missing_and_the_rest_works(world: World) -> None:
    world.env["FLUVIO_TUI_CARGO"] = str(world.folder / "no-cargo")
    world.produce("t", "apple")
    path = world.filter("f.rs", "#[smartstream(filter)]\npub fn f(_: &[u8]) -> bool { true }\n")
    terminal = world.open("watch", "t", "-f", path)
    shown = ("apple", "failed", "no Rust toolchain", "fluvio-tui doctor --fix")
    terminal.wait_for(lambda text: all(part in text for part in shown))
    world.produce("t", "pear")
    terminal.wait_for("pear")


def test_an_editor_that_is_not_there_is_named_and_the_screen_comes_back(world: World) -> None:
    world.env.update({"FLUVIO_TUI_CARGO": str(world.folder / "no-cargo"), "VISUAL": "/no/editor"})
    world.produce("t", "apple")
    path = world.filter("f.rs", "#[smartstream(filter)]\npub fn f(_: &[u8]) -> bool { true }\n")
    terminal = world.open("watch", "t", "-f", path)
    terminal.wait_for("no Rust toolchain")
    terminal.type("1e")
    terminal.wait_for(lambda text: "cannot start the editor /no/editor" in text and "apple" in text)
