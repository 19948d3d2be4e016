"""Stored SmartStreams in a real terminal: in panes beside inline ones, and replaced under them."""

import pytest

from tests.e2e.conftest import World
from tests.engine.runtime.wat_guests import by_hand

INLINE = """\
#[smartstream(filter)]
pub fn plums(value: &[u8]) -> bool {
    value == b"plum"
}
"""
STORED = """\
/// Passes apples.
#[smartstream(filter)]
pub fn apples(value: &[u8]) -> bool {
    value.starts_with(b"apple")
}
"""


@pytest.mark.cargo
def test_a_replaced_smartstream_changes_its_pane(world: World) -> None:
    world.produce("fruit", "apple one", "plum", "pear 2")
    inline = world.filter("plums.rs", INLINE)
    source = world.filter("apples.rs", STORED)
    built = str(world.folder / "apples.wasm")
    world.run("smartstream", "build", str(source), "-o", built)
    world.run("smartstream", "add", "sf1", "--file", built)
    terminal = world.open("watch", "fruit", "-f", inline, "-s", "sf1", columns=160)
    terminal.wait_for(lambda text: text.count("live v1") == 2, 60)
    terminal.wait_for(lambda text: text.count("apple one") == 2 and text.count("pear 2") == 1)
    digit = world.folder / "digit.bin"
    digit.write_bytes(by_hand("digit.wat"))
    world.run("smartstream", "add", "sf1", "--file", str(digit))
    terminal.wait_for("live v2")
    terminal.wait_for(lambda text: text.count("apple one") == 1 and text.count("pear 2") == 2)
    world.run("smartstream", "remove", "sf1")
    terminal.wait_for(lambda text: "STALE v2" in text and "sf1.wasm does not load" in text)
    world.produce("fruit", "plum 3")
    terminal.wait_for(lambda text: text.count("plum 3") == 2)


def test_an_unknown_name_opens_no_dashboard(world: World) -> None:
    world.produce("fruit", "apple")
    terminal = world.open("watch", "fruit", "-s", "sf1")
    assert terminal.wait() == 1
    terminal.wait_for("there is no SmartStream 'sf1'")
    assert b"\x1b[?1049h" not in terminal.raw
