"""Servers of a Fluvio cluster that are killed or paused at random, while a topic is appended to and read."""

import random
import re
import signal
import time
from collections import Counter

import pytest

from engine.broker.fluvio.broker import FluvioBroker
from tests.engine.broker.fluvio.load import Load, under_load
from tests.fluvio_cluster import CONTROLLER, FluvioCluster, FluvioClusterError
from tests.soak.budget import MINUTES, SEED
from tests.waiting import wait_until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(MINUTES * 60 + 600)]

SETTLED = 150.0
CAUGHT_UP = 100.0
"""Replicas compare with their leader once a minute, and an append is refused after 15 seconds."""


def kill_leader(cluster: FluvioCluster, _: FluvioBroker) -> None:
    """The SC may elect another SPU meanwhile, or none."""
    leader = cluster.leader("orders")
    if leader > 0:
        cluster.kill(leader)
        cluster.restart(leader)


def kill_controller(cluster: FluvioCluster, broker: FluvioBroker) -> None:
    cluster.kill(CONTROLLER)
    wait_until(lambda: broker.connection().state == "reconnecting", SETTLED)
    cluster.restart(CONTROLLER)


def kill_all(cluster: FluvioCluster, _: FluvioBroker) -> None:
    for node in [*cluster.nodes]:
        cluster.kill(node)
    cluster.restart(*cluster.nodes)


def pause_leader(cluster: FluvioCluster, broker: FluvioBroker) -> None:
    leader = cluster.leader("orders")
    if leader > 0:
        cluster.send(leader, signal.SIGSTOP)
        wait_until(lambda: broker.connection().state == "reconnecting", SETTLED)
        cluster.send(leader, signal.SIGCONT)


ACTIONS = (kill_leader, kill_controller, kill_all, pause_leader)


def test_what_was_acknowledged_is_read_once_in_order(fluvio_nodes: FluvioCluster) -> None:
    print(f"SOAK_SEED={SEED}")
    chance, deadline, done = random.Random(SEED), time.monotonic() + MINUTES * 60, Counter[str]()
    with under_load(fluvio_nodes) as (load, _, broker):
        while time.monotonic() < deadline:
            action = chance.choice(ACTIONS)
            done[action.__name__] += 1
            action(fluvio_nodes, broker)
            if not load.went_on(CAUGHT_UP):
                done["replicas that never catch up"] += 1
                bring_in_step(fluvio_nodes, broker, load)
    print(dict(done))


def bring_in_step(cluster: FluvioCluster, broker: FluvioBroker, load: Load) -> None:
    """Do what docs/fluvio.md says of replicas that never catch up, if it is that.

    Fluvio's own program cannot append then, and this one names the SPUs that Fluvio's list shows behind.
    """
    value = b"by Fluvio's own program, after %d" % len(load.acknowledged)
    load.refused.append(value)
    with pytest.raises(FluvioClusterError, match="exceeded the timeout"):
        cluster.cli("produce", "orders", "--isolation", "read_committed", stdin=value)
    wait_until(lambda: cluster.behind("orders") == not_following(broker) != set())
    for spu in cluster.behind("orders"):
        cluster.restart_without_watermark(spu, "orders")
    load.goes_on()


def not_following(broker: FluvioBroker) -> set[int]:
    """The SPUs that the program says to be behind."""
    found = re.search(r"SPUs? ([\d, ]+) do(es)? not follow", broker.connection().problem)
    return {int(spu) for spu in found[1].split(", ")} if found else set()
