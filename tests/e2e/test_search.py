"""Searching with patterns that take a backtracking matcher for ever."""

import signal

import pytest

from tests.e2e.conftest import World

CTRL_R = "\x12"


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
    terminal.wait_for("follow the newest")
    terminal.type("\x1b")
    terminal.wait_for(lambda text: "follow the newest" not in text)
    # The whole value, with all of its places.
    terminal.type("\r")
    terminal.wait_for("300 B")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.wait() == 128 + signal.SIGTERM
    assert terminal.modes == terminal.before


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
