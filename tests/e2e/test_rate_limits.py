"""Several consumers of one filter in a real terminal, each at a position and a rate limit of its own."""

import re

import pytest

from engine.files import replace_file
from tests.e2e.conftest import World
from tests.engine.runtime.wat_guests import by_hand

EVERYTHING = "#[smartstream(filter)]\npub fn everything(_: &[u8]) -> bool { true }\n"


def behind(text: str, limit: str) -> int:
    """How far behind the consumer with a rate limit is; -1 without one."""
    found = re.search(rf"{limit}(?: · ([\d,]+) behind)?", text)
    return int((found[1] or "0").replace(",", "")) if found else -1


@pytest.mark.cargo
def test_the_demo_shows_three_consumers_that_catch_up_or_do_not(world: World) -> None:
    folder = world.folder / "mine"
    options = ("demo", "--consumers", "--rate", "700", "--filters", folder)
    terminal = world.open(*options, columns=200, rows=24)
    text = terminal.wait_for(lambda text: text.count("live v1") == 3, 90)
    assert all(f"{number} errors_only" in text for number in (1, 2, 3))
    terminal.wait_for(lambda text: behind(text, "limit 350/s") > 700)
    terminal.wait_for(lambda text: 0 <= behind(text, "limit 1.4k/s") < 200)
    # One save, in one step, and each consumer goes on where it is.
    replace_file(folder / "errors_only.rs", EVERYTHING.encode())
    text = terminal.wait_for(lambda text: text.count("live v2") == 3 and text.count("now pass") == 3)
    assert behind(text, "limit 350/s") > 700
    terminal.type("3++++")
    terminal.wait_for(lambda text: behind(text, "limit 350/s") < 0 and text.count("behind") < 2)
    terminal.type("c")
    terminal.wait_for("settings of 3 errors_only")
    terminal.type("hold\x1b[B\r")
    terminal.wait_for(lambda text: behind(text, "limit 0/s") > 700 and "nothing evaluated yet" in text)
    terminal.type("q")
    assert terminal.wait() == 0
    world.left_nothing()


def test_watch_opens_its_panes_with_a_rate_limit(world: World) -> None:
    world.produce("fruit", "apple 1", "plum 2", "pear")
    digit = world.folder / "digit.bin"
    digit.write_bytes(by_hand("digit.wat"))
    world.run("smartstream", "add", "sf1", "--file", str(digit))
    terminal = world.open("watch", "fruit", "-s", "sf1", "-s", "sf1", "--rate-limit", "hold")
    terminal.wait_for(lambda text: text.count("limit 0/s · 3 behind") == 2 and text.count("apple 1") == 1)
    terminal.type("1c")
    terminal.wait_for("settings of 1 @sf1")
    terminal.type("max\r")
    terminal.wait_for(lambda text: text.count("limit 0/s · 3 behind") == 1 and text.count("apple 1") == 2)
