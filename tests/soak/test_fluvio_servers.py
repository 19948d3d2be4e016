"""Servers of a Fluvio cluster that are killed or paused at random, while a topic is appended to and read."""

import random
import signal
import time
from collections import Counter

import pytest

from engine.broker.fluvio.broker import FluvioBroker
from tests.engine.broker.fluvio.load import under_load
from tests.fluvio_cluster import CONTROLLER, FluvioCluster
from tests.soak.budget import MINUTES, SEED
from tests.waiting import wait_until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(MINUTES * 60 + 600)]

SETTLED = 150.0
"""Replicas compare with their leader once a minute."""


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
            load.goes_on()
    print(dict(done))
