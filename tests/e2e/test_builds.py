"""An earlier build of a filter takes over: with real cargo, in a real terminal."""

import pytest

from tests.e2e.conftest import World
from tests.e2e.test_reload import FRUIT, atomic_rename, filtered, source

pytestmark = pytest.mark.cargo


def test_back_to_the_first_save_forward_again_and_over_by_a_save(world: World) -> None:
    world.produce("fruit", *FRUIT)
    path = world.filter("chosen.rs", source("apple"))
    terminal = world.open("watch", "fruit", "-f", path)
    terminal.wait_for("live v1", 60)
    # In one step, so that no save in between takes a number.
    atomic_rename(path, source("banana"))
    terminal.wait_for("live v2")
    terminal.type("1b")
    terminal.wait_for(lambda text: all(part in text for part in ("first build", "chosen.rs saved", "+3 −3")))
    terminal.type("j\r")
    terminal.wait_for("v1 of 2")
    terminal.type("k\r")
    terminal.wait_for("1 chosen  v2  ⏎")
    terminal.type("j\r\x1b")
    terminal.wait_for("◂ earlier v1 of 2")
    terminal.wait_for(lambda _: filtered(terminal) == ["apple 0", "apple 1", "apple 2"])
    atomic_rename(path, source("cherry"))
    terminal.wait_for("live v3")
    terminal.wait_for(lambda _: filtered(terminal) == ["cherry 0", "cherry 1", "cherry 2"])
