"""Searching with patterns that take a backtracking matcher for ever."""

import random
import signal

import pytest

from tests.e2e.conftest import World

CTRL_R, BACKSPACE = "\x12", "\x7f"


@pytest.mark.parametrize("value", ["a" * 300, "a" * 299 + "b"], ids=["no match", "match"])
def test_a_pattern_that_backtracks_hangs_nothing(world: World, value: str) -> None:
    world.produce("t", value, "c" * 300, value)
    terminal = world.open("watch", "t")
    terminal.wait_for("ccc")
    terminal.type(f"/{CTRL_R}(a+)+b|c")
    terminal.wait_for(f"{3 if 'b' in value else 1} record")
    terminal.type("\r")
    terminal.wait_for("previous")
    terminal.type("?")
    terminal.wait_for("type to filter")
    terminal.type("\x1b")
    terminal.wait_for(lambda text: "type to filter" not in text)
    # The whole value, with all of its places.
    terminal.type("\r")
    terminal.wait_for("300 B")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.wait() == 128 + signal.SIGTERM
    assert terminal.modes == terminal.before


def test_a_slow_search_shows_progress_and_gives_way(world: World) -> None:
    text = "".join(random.Random(1).choices("ab", k=2_000))
    world.produce("t", *[text] * 5_000)
    terminal = world.open("watch", "t")
    terminal.wait_for("5,000 records")
    # Linear, but minutes for all of these.
    slow = "(x|.{0,900}b.{5})c"
    terminal.type(f"/{CTRL_R}{slow}")
    terminal.wait_for("of 5,000 · searched")
    terminal.type("\x1b")
    terminal.wait_for(lambda text: "regex /" not in text)
    terminal.type("/ab+c?")
    terminal.wait_for("5,000 records of 5,000  ")
    terminal.type(BACKSPACE * 5 + slow)
    terminal.wait_for("of 5,000 · searched")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.wait() == 128 + signal.SIGTERM


def test_look_around_is_refused_in_one_line(world: World) -> None:
    world.produce("t", "apple pie")
    terminal = world.open("watch", "t", columns=80, rows=24)
    terminal.wait_for("apple pie")
    terminal.type(f"/{CTRL_R}apple(?= pie)")
    terminal.wait_for("look-around '(?=' is not supported")
    terminal.type("\x1b")
    terminal.wait_for(lambda text: "look-around" not in text)
    terminal.type("q")
    assert terminal.wait() == 0
