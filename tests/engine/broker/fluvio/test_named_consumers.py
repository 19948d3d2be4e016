"""Named consumers of a cluster, beside Fluvio's own command line."""

from dataclasses import replace

import pytest

from engine.broker.address import parse_address
from engine.broker.fluvio.broker import FluvioBroker
from engine.broker.fluvio.cluster import Cluster, ClusterView
from engine.records.batch import record_batch
from tests.fluvio_cluster import FluvioCluster
from tests.waiting import wait_until


def test_fluvio_goes_on_where_a_consumer_stopped_here(broker: FluvioBroker, fluvio: FluvioCluster) -> None:
    broker.topics.create("logs")
    broker.log.append("logs", record_batch([b"a", b"b", b"c"]))
    with broker.consumers.claim("c1", "logs") as claim:
        claim.commit({0: 2})
    assert "c1" in fluvio.cli("consumer", "list")
    assert fluvio.cli("consume", "logs", "-d", "--consumer", "c1").split() == ["c"]


def test_a_consumer_goes_on_here_where_it_stopped_in_fluvio(
    broker: FluvioBroker, fluvio: FluvioCluster
) -> None:
    broker.topics.create("logs")
    broker.log.append("logs", record_batch([b"a", b"b", b"c"]))

    def position() -> dict[int, int]:
        # Fluvio's command line may end before it has saved its position.
        fluvio.cli("consume", "logs", "-B", "-d", "--consumer", "c1")
        with broker.consumers.claim("c1", "logs") as claim:
            return claim.positions()

    wait_until(lambda: position() == {0: 3})


def test_a_position_beyond_the_end_is_of_an_earlier_topic(
    broker: FluvioBroker, fluvio: FluvioCluster
) -> None:
    broker.topics.create("logs")
    broker.log.append("logs", record_batch([b"a", b"b", b"c"]))
    with broker.consumers.claim("c1", "logs") as claim:
        claim.commit({0: 3})
    fluvio.cli("topic", "delete", "logs")
    wait_until(lambda: not broker.topics.list())
    broker.topics.create("logs")
    with broker.consumers.claim("c1", "logs") as claim:
        assert claim.positions() == {}


def test_positions_are_listed_though_the_controller_forgets_a_partition(
    broker: FluvioBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(cluster: Cluster, *_: object, **__: object) -> ClusterView:
        return replace(refresh(cluster), partitions={})

    broker.topics.create("logs")
    with broker.consumers.claim("c1", "logs") as claim:
        claim.commit({0: 3})
    refresh = Cluster.refresh
    monkeypatch.setattr(Cluster, "refresh", forgetful)
    assert [(one.topic, one.offset) for one in broker.consumers.saved_positions()] == [("logs", 3)]


def test_a_commit_outlives_the_connection(fluvio_nodes: FluvioCluster) -> None:
    with FluvioBroker.connect(parse_address(fluvio_nodes.address)) as broker:
        broker.topics.create("logs")
        broker.log.append("logs", record_batch([b"a", b"b", b"c"]))
        with broker.consumers.claim("c1", "logs") as claim:
            claim.commit({0: 1})
            leader = fluvio_nodes.leader("logs")
            fluvio_nodes.kill(leader)
            fluvio_nodes.restart(leader)
            claim.commit({0: 2})
            assert claim.positions() == {0: 2}
