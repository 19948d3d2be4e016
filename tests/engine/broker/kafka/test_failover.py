"""Three nodes, of which some are killed or paused while records are produced and read."""

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from typing import TypeVar

import pytest

from engine.broker.connection import Connection
from engine.broker.kafka.broker import KafkaBroker
from engine.broker.kafka.clients import Clients
from engine.broker.kafka.modules.store import MODULES
from engine.broker.kafka.topics import KafkaTopics
from engine.broker.topics import TopicOptions
from engine.errors import BrokerError, BrokerUnreachableError
from engine.live.topic_workbench import TopicWorkbench
from engine.records.batch import record_batch
from tests.engine.broker.kafka.conftest import connect
from tests.engine.runtime.wat_guests import by_hand
from tests.kafka_cluster import Cluster
from tests.waiting import PATIENCE, wait_for, wait_until

SASL = {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN", "sasl_username": "user"}
InThread = Callable[[Callable[[], object]], "Future[object]"]
T = TypeVar("T")


@pytest.fixture(autouse=True)
def ready(kafka_nodes: Cluster) -> None:
    """Wait for what was restarted before."""
    kafka_nodes.wait_ready()


@pytest.fixture
def broker(kafka_nodes: Cluster) -> Iterator[KafkaBroker]:
    with connect(kafka_nodes.bootstrap, socket_timeout_ms="3000") as opened:
        yield opened


class Load:
    """Produces and reads numbers, in two threads, until it is stopped."""

    def __init__(self, broker: KafkaBroker, topic: str, in_thread: InThread) -> None:
        self._broker = broker
        self._topic = broker.topics.create(topic, options=TopicOptions(replicas=3))
        self._stop = threading.Event()
        self.acknowledged: list[tuple[int, int]] = []
        """Number and offset."""
        self.read: list[tuple[int, int]] = []
        self._threads = [in_thread(self._produce)]
        self._threads.append(in_thread(self._read))

    def _produce(self) -> None:
        number = 0
        while not self._stop.is_set():
            appended = self._broker.log.append(self._topic.name, record_batch([b"%d" % number]))
            self.acknowledged.append((number, appended.first))
            number += 1

    def _read(self) -> None:
        with self._broker.log.open(self._topic, {0: 0}) as reader:
            while not (self._threads[0].done() and len(self.read) >= len(self.acknowledged)):
                batch = reader.read(0.2)
                if batch is not None:
                    values = batch.records.column("value").to_pylist()
                    self.read += zip(map(int, values), batch.offset_array().tolist(), strict=True)

    def go_on(self) -> None:
        """Wait until more is acknowledged and read."""
        acknowledged, read = len(self.acknowledged), len(self.read)
        wait_until(lambda: len(self.acknowledged) > acknowledged + 50 and len(self.read) > read + 50, 60)

    def finish(self) -> None:
        """Stop, and check that each record was read once, in order, where it was acknowledged."""
        self._stop.set()
        for thread in self._threads:
            thread.result(60)
        assert self.read == self.acknowledged
        assert [number for number, _ in self.read] == list(range(len(self.read)))


def test_nothing_is_lost_when_leaders_are_killed_stopped_and_paused(
    kafka_nodes: Cluster, broker: KafkaBroker, in_thread: InThread
) -> None:
    load = Load(broker, "failover", in_thread)
    try:
        load.go_on()
        leader = leader_in_sync(kafka_nodes)
        kafka_nodes.kill(leader)
        load.go_on()
        kafka_nodes.restart(leader)
        leader = leader_in_sync(kafka_nodes)
        kafka_nodes.stop(leader)
        load.go_on()
        kafka_nodes.restart(leader)
        leader = leader_in_sync(kafka_nodes)
        kafka_nodes.send(leader, signal.SIGSTOP)
        try:
            found = wait_for(broker.connection, lambda one: one.state == "reconnecting")
            assert found.problem
            load.go_on()
        finally:
            kafka_nodes.send(leader, signal.SIGCONT)
        wait_for(broker.connection, lambda one: one.state == "connected")
    finally:
        load.finish()


def leader_in_sync(cluster: Cluster) -> int:
    """The node that leads, once another one can take its place."""
    cluster.wait_in_sync("failover")
    return cluster.leader("failover")


def test_a_cluster_dies_and_comes_back_with_another_password(kafka_nodes: Cluster, topic: str) -> None:
    with (
        connect(kafka_nodes.bootstrap, message_timeout_ms="4000") as broker,
        connect(kafka_nodes.sasl_bootstrap, **SASL, sasl_password="password") as signed_in,
    ):
        known = broker.topics.create(topic, options=TopicOptions(replicas=3))
        broker.log.append(topic, record_batch([b"kept"]))
        with closing(TopicWorkbench(broker, topic)) as shown, signed_in.log.open(known, {0: 0}) as reader:
            shown.start(lambda: None)
            wait_until(lambda: reader.read(0.1) is not None)
            first, second, third = sorted(range(3), key=lambda node: node != kafka_nodes.leader(topic))
            kafka_nodes.kill(second)
            kafka_nodes.kill(first)
            with pytest.raises(BrokerError, match="not known whether 1 of 1 records were stored"):
                broker.log.append(topic, record_batch([b"in doubt"]))
            wait_for(lambda: connection(shown), lambda one: one.state == "reconnecting" and one.problem)
            assert window(shown)[0] == b"kept"
            kafka_nodes.kill(third)
            with pytest.raises(BrokerUnreachableError, match="does not answer"):
                connect(kafka_nodes.bootstrap)
            kafka_nodes.change_password("another")
            kafka_nodes.restart(first, second, third)
            end = broker.log.append(topic, record_batch([b"later"])).last + 1
            found = wait_for(lambda: window(shown), lambda values: values[-1] == b"later")
            wait_for(lambda: connection(shown), lambda one: one.state == "connected")
            with pytest.raises(BrokerError, match=r"refuses the connection: .*Invalid username or password"):
                wait_until(lambda: reader.read(0.1) is not None)
        assert signed_in.connection().state == "failed"
        connect(kafka_nodes.sasl_bootstrap, **SASL, sasl_password="another").close()
    assert found[0] == b"kept"
    assert len(found) == end or b"in doubt" not in found


def connection(shown: TopicWorkbench) -> Connection:
    """What the dashboard shows of a broker."""
    status = shown.snapshot().broker
    assert status is not None
    return status.connection


def window(shown: TopicWorkbench) -> list[bytes | None]:
    """The values that the dashboard has."""
    found = shown.snapshot().window
    return [found.record(row).value for row in range(found.first_row, found.end_row)]


def test_a_client_finds_the_next_controller(kafka_nodes: Cluster, broker: KafkaBroker, topic: str) -> None:
    broker.topics.create(topic, options=TopicOptions(replicas=3))
    clients = Clients("the cluster", {"bootstrap.servers": kafka_nodes.bootstrap}, {})
    controller = clients.admin.list_topics(timeout=PATIENCE).controller_id
    kafka_nodes.kill(controller)
    try:
        found = wait_for(lambda: answered(lambda: KafkaTopics(clients).get(topic)), bool)
        assert found is not None and found.name == topic
    finally:
        clients.close()
        kafka_nodes.restart(controller)


def test_modules_outlive_their_leader(kafka_nodes: Cluster, broker: KafkaBroker) -> None:
    module = by_hand("digit.wat")
    broker.modules.add("sf1", module)
    leader = kafka_nodes.leader(MODULES)
    with connect(kafka_nodes.bootstrap, socket_timeout_ms="3000") as other:
        kafka_nodes.kill(leader)
        try:
            wait_for(lambda: answered(lambda: other.modules.load("sf1")), bool)
            assert other.modules.load("sf1") == module
            other.modules.add("sf2", module)
            assert other.modules.names() == ["sf1", "sf2"]
        finally:
            kafka_nodes.restart(leader)


def answered(ask: Callable[[], T]) -> T | None:
    """What the cluster answers, once it does."""
    try:
        return ask()
    except BrokerUnreachableError:
        return None
