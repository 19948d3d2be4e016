"""The dashboard on a Fluvio cluster whose servers go down and come back."""

import pytest

from engine.files import replace_file
from tests.e2e.conftest import World
from tests.fluvio_cluster import FluvioCluster


def test_a_cluster_that_is_down_for_a_while(world: World, fluvio_nodes: FluvioCluster) -> None:
    world.env["FLUVIO_TUI_BROKER"] = fluvio_nodes.address
    world.produce("fruit", "apple")
    terminal = world.open("watch", "fruit")
    terminal.wait_for(lambda text: "apple" in text and fluvio_nodes.address in text)
    for node in [*fluvio_nodes.nodes]:
        fluvio_nodes.kill(node)
    terminal.wait_for(lambda text: "reconnecting since" in text and "apple" in text)
    fluvio_nodes.restart(*fluvio_nodes.nodes)
    terminal.wait_for(lambda text: "reconnecting" not in text and fluvio_nodes.address in text)
    world.produce("fruit", "plum")
    terminal.wait_for(lambda text: "plum" in text and "apple" in text)


SOURCE = """#[smartstream(filter)]
fn f(value: &str) -> bool { value.contains('a') }
"""


@pytest.mark.cargo
def test_a_pane_on_the_spus(world: World, fluvio: FluvioCluster) -> None:
    world.env["FLUVIO_TUI_BROKER"] = fluvio.address
    world.produce("basket", "apple", "plum")
    source = world.filter("sf1.rs", SOURCE)
    terminal = world.open("watch", "basket", "-f", "sf1.rs", "--run-on", "spu")
    terminal.wait_for(lambda text: "sf1 · on SPUs" in text and "live v1" in text and "50.0%" in text)
    # What the version before has evaluated stays. In one step, so that no save in between takes a number.
    replace_file(source, SOURCE.replace("'a'", "'p'").encode())
    terminal.wait_for(lambda text: "live v2" in text)
    world.produce("basket", "pear", "banana")
    terminal.wait_for(lambda text: "50.0%" in text and text.count("pear") == 2 and text.count("banana") == 1)
    replace_file(source, SOURCE.replace("fn f(", "fn f").encode())
    terminal.wait_for(lambda text: "STALE v2" in text and "does not build" in text)
    terminal.type("\tP")
    replace_file(source, SOURCE.replace("'a'", "'p'").encode())
    terminal.wait_for(lambda text: "on SPUs" not in text and "live" in text and "75.0%" in text)
