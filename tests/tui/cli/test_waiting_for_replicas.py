"""What the command line says while a replica of a Fluvio cluster holds records up."""

from tests.fluvio_cluster import CONTROLLER, FluvioCluster
from tests.tui.cli.conftest import Program, read_until
from tests.waiting import wait_until


def test_produce_and_consume_say_what_they_wait_for(program: Program, fluvio_nodes: FluvioCluster) -> None:
    broker = ("--broker", fluvio_nodes.address)
    program.ok(*broker, "topic", "create", "orders", "--replicas", "3")
    program.ok(*broker, "produce", "orders", stdin=b"first\n")
    down = next(spu for spu in fluvio_nodes.nodes if spu not in (CONTROLLER, fluvio_nodes.leader("orders")))
    fluvio_nodes.kill(down)
    wait_until(lambda: down not in fluvio_nodes.online())
    consuming = program.start(*broker, "consume", "orders", "-B")
    read_until(consuming.stdout, b"first\n")
    producing = program.start(*broker, "produce", "orders")
    assert producing.stdin is not None
    producing.stdin.write(b"second\n")
    producing.stdin.flush()
    for process in (producing, consuming):
        said = read_until(process.stderr, b"SPU %d is offline\n" % down)
        assert b"waiting for broker fluvio://" in said
    fluvio_nodes.restart(down)
    assert read_until(consuming.stdout, b"second\n") == b"second\n"
