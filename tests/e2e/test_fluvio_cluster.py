"""The dashboard on a Fluvio cluster whose servers go down and come back."""

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
