"""Servers of a cluster that are down: nothing acknowledged is lost, and the connection says so."""

import signal
import socket
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from engine.broker.address import parse_address
from engine.broker.fluvio.broker import FluvioBroker
from engine.broker.remote_evaluation import RemoteStep
from engine.broker.topics import PartitionDescription
from engine.errors import BrokerError, BrokerUnreachableError, UnknownTopicError
from engine.records.batch import record_batch
from tests.engine.broker.fluvio.conftest import connected
from tests.engine.broker.fluvio.load import REPLICATED, under_load
from tests.fluvio_cluster import CONTROLLER, WATERMARK, FluvioCluster
from tests.fluvio_modules import passes_all
from tests.waiting import PATIENCE, wait_until


def test_reading_goes_on_at_the_next_leader(fluvio_nodes: FluvioCluster) -> None:
    with connected(fluvio_nodes, fetch_bytes="5000") as broker:
        topic = broker.topics.create("orders", 1, REPLICATED)
        for number in range(20):
            broker.log.append("orders", record_batch([b"%d" % number] * 250))
        with broker.log.open(topic, {0: 0}, ends={0: 4_750}, max_records=500) as reader:
            values: list[bytes | None] = []
            while len(values) < 4_750:
                if len(values) == 1_000:
                    fluvio_nodes.kill(fluvio_nodes.leader("orders"))
                batch = reader.read(60)
                assert batch is not None
                values += batch.records.column("value").to_pylist()
    assert values == [b"%d" % number for number in range(19) for _ in range(250)]


def test_records_are_read_on_while_the_sc_is_down(fluvio_nodes: FluvioCluster) -> None:
    with under_load(fluvio_nodes) as (load, followed, broker):
        fluvio_nodes.kill(CONTROLLER)
        wait_until(lambda: broker.connection().state == "reconnecting")
        assert "127.0.0.1" in broker.connection().problem
        load.goes_on()
        seen = len(followed.values)
        wait_until(lambda: len(followed.values) > seen)
        fluvio_nodes.restart(CONTROLLER)
        wait_until(lambda: broker.connection().state == "connected")


def test_a_paused_spu_is_named_and_read_on_from(fluvio_nodes: FluvioCluster) -> None:
    with connected(fluvio_nodes) as broker:
        topic = broker.topics.create("orders")
        broker.log.append("orders", record_batch([b"before"]))
        leader = fluvio_nodes.leader("orders")
        with broker.log.open(topic, {0: 0}) as reader:
            assert reader.read(PATIENCE) is not None
            fluvio_nodes.send(leader, signal.SIGSTOP)
            began = time.monotonic()
            wait_until(lambda: broker.connection().state == "reconnecting")
            assert broker.connection().since - began < PATIENCE
            with pytest.raises(BrokerError, match=r"cannot reach|not known"):
                broker.log.append("orders", record_batch([b"never known"]))
            fluvio_nodes.send(leader, signal.SIGCONT)
            broker.log.append("orders", record_batch([b"after"]))
            values: list[bytes | None] = []
            while b"after" not in values:
                batch = reader.read(PATIENCE)
                assert batch is not None
                values += batch.records.column("value").to_pylist()
            assert values.count(b"after") == 1
        wait_until(lambda: broker.connection().state == "connected")


def test_what_no_longer_runs_on_an_spu_that_is_down_is_no_problem(fluvio_nodes: FluvioCluster) -> None:
    with connected(fluvio_nodes) as broker:
        topic = broker.topics.create("orders")
        steps = [RemoteStep(wasm=passes_all())]
        with broker.remote.open(topic, {0: 0}, steps, accumulators={}) as reader:
            fluvio_nodes.kill(fluvio_nodes.leader("orders"))
            while broker.connection().state == "connected":
                assert reader.read(0.1) is None
        assert broker.connection().state == "connected"


def test_servers_that_are_paused_are_named_soon(fluvio_nodes: FluvioCluster) -> None:
    with connected(fluvio_nodes) as broker:
        topic = broker.topics.create("orders")
        leader = fluvio_nodes.leader("orders")
        steps = [RemoteStep(wasm=passes_all())]

        def pause(node: int) -> None:
            fluvio_nodes.send(node, signal.SIGSTOP)
            named = f"127.0.0.1:{fluvio_nodes.nodes[node].port}"
            wait_until(lambda: named in broker.connection().problem)
            fluvio_nodes.send(node, signal.SIGCONT)
            wait_until(lambda: broker.connection().state == "connected")

        with broker.log.open(topic, {0: 0}) as reader:
            assert reader.read(0) is None
            pause(CONTROLLER)
            pause(leader)
        with broker.remote.open(topic, {0: 0}, steps, accumulators={}) as spu_reader:
            fluvio_nodes.send(leader, signal.SIGSTOP)
            while broker.connection().state == "connected":
                assert spu_reader.read(0.1) is None
            fluvio_nodes.send(leader, signal.SIGCONT)


def test_all_servers_down_and_up_again(fluvio_nodes: FluvioCluster) -> None:
    with connected(fluvio_nodes) as broker:
        topic = broker.topics.create("orders", 1, REPLICATED)
        broker.log.append("orders", record_batch([b"before"]))
        with broker.log.open(topic, {0: 0}) as reader:
            assert reader.read(PATIENCE) is not None
            wait_until(lambda: fluvio_nodes.in_step("orders", 1))
            for node in [*fluvio_nodes.nodes]:
                fluvio_nodes.kill(node)
            wait_until(lambda: broker.connection().state == "reconnecting")
            assert reader.read(0.1) is None
            with pytest.raises(BrokerUnreachableError, match="cannot reach"):
                broker.topics.list()
            fluvio_nodes.restart(*fluvio_nodes.nodes)
            wait_until(lambda: broker.connection().state == "connected")
            broker.log.append("orders", record_batch([b"after"]))
            batch = reader.read(PATIENCE)
            assert batch is not None
            assert (batch.first_offset, batch.value(0)) == (1, b"after")


def test_replicas_that_never_catch_up_are_named(fluvio_nodes: FluvioCluster) -> None:
    """The new leader does not know of the last record that all replicas have: nothing is acknowledged."""
    with connected(fluvio_nodes) as broker:
        topic = broker.topics.create("orders", 1, REPLICATED)
        broker.log.append("orders", record_batch([b"known"]))
        with broker.log.open(topic, {0: 0}) as reader:
            last, leader = held_up(fluvio_nodes, broker)
            others = sorted({*fluvio_nodes.nodes} - {CONTROLLER, leader})
            named = f"SPUs {others[0]}, {others[1]} do not follow SPU {leader}, which leads it"
            wait_until(lambda: named in broker.connection().problem)
            for spu in others:
                fluvio_nodes.restart_without_watermark(spu, "orders")
            values: list[bytes | None] = []
            while last not in values:
                batch = reader.read(PATIENCE)
                assert batch is not None
                values += batch.records.column("value").to_pylist()
            assert values[0] == b"known"
            assert len({*values}) == len(values)
        wait_until(lambda: broker.connection().state == "connected")


def held_up(cluster: FluvioCluster, broker: FluvioBroker) -> tuple[bytes, int]:
    """Let an SPU lead that knows of no record which all have; a record that nobody acknowledges, its leader.

    An SPU that is started earlier may be elected instead, and later than the cluster seems to be ready.
    """
    for number in range(20):
        wait_until(lambda: not cluster.behind("orders"))
        leader, last = cluster.leader("orders"), b"%d" % number
        for node in [*cluster.nodes]:
            cluster.kill(node)
        (watermark,) = cluster.nodes[leader].folder.glob(f"log/*/orders-0/{WATERMARK}")
        watermark.write_bytes(bytes(8))
        cluster.restart(*cluster.nodes)
        try:
            broker.log.append("orders", record_batch([last]))
        except BrokerError as error:
            if f"do not follow SPU {leader}, which leads it: it is not known" in error.message:
                return last, leader
    raise AssertionError("another SPU was elected each time")


def test_an_append_names_the_replica_that_is_down(fluvio_nodes: FluvioCluster) -> None:
    with connected(fluvio_nodes) as broker:
        broker.topics.create("orders", 1, REPLICATED)
        broker.log.append("orders", record_batch([b"a"]))
        leader = fluvio_nodes.leader("orders")
        down = next(spu for spu in fluvio_nodes.nodes if spu not in (leader, CONTROLLER))
        fluvio_nodes.kill(down)
        wait_until(lambda: down not in fluvio_nodes.online())
        with ThreadPoolExecutor(1) as thread:
            appending = thread.submit(broker.log.append, "orders", record_batch([b"b"]))
            wait_until(lambda: f"SPU {down} is offline" in broker.connection().problem)
            fluvio_nodes.restart(down)
            with suppress(BrokerError):  # a busy machine may take longer than an append waits
                appending.result()
        assert broker.connection().state == "connected"


def test_a_partition_that_the_sc_has_lost_is_named(fluvio_nodes: FluvioCluster) -> None:
    """As after the SC was killed while it wrote that file."""
    with connected(fluvio_nodes) as broker:
        broker.topics.create("orders")
    fluvio_nodes.kill(CONTROLLER)
    fluvio_nodes.nodes[CONTROLLER].folder.joinpath("metadata/Partition/orders-0.yaml").write_bytes(b"")
    fluvio_nodes.restart(CONTROLLER)
    lost = "the SC does not know partition 0 of topic 'orders'"
    with connected(fluvio_nodes) as broker, pytest.raises(BrokerUnreachableError, match=lost):
        broker.log.append("orders", record_batch([b"a"]))


def test_partitions_without_a_leader_are_described(fluvio_nodes: FluvioCluster) -> None:
    with connected(fluvio_nodes) as broker:
        broker.topics.create("orders", 3)
        for partition in range(3):
            broker.log.append("orders", record_batch([b"a"]), partition)
        down = fluvio_nodes.leader("orders", 1)
        fluvio_nodes.kill(down)
        wait_until(lambda: described(broker)[1].leader is None)
        assert [one.partition for one in described(broker)] == [0, 1, 2]
        assert [one.leader is None for one in described(broker)] == [False, True, False]
        assert described(broker)[0].offsets.end == 1
        with pytest.raises(BrokerUnreachableError, match=f"leads .*: SPU {down} is offline"):
            broker.log.append("orders", record_batch([b"a"]), 1)


def described(broker: FluvioBroker) -> Sequence[PartitionDescription]:
    return broker.topics.describe("orders")[0].partitions


def test_a_topic_that_another_client_deleted_is_missed(fluvio: FluvioCluster, topic_name: str) -> None:
    with connected(fluvio) as broker:
        topic = broker.topics.create(topic_name)
        with broker.log.open(topic, {0: 0}) as reader:
            assert reader.read(0) is None
            fluvio.cli("topic", "delete", topic_name)
            with pytest.raises(UnknownTopicError, match="deleted"):
                reader.read(PATIENCE)
        with pytest.raises(UnknownTopicError):
            broker.log.append(topic_name, record_batch([b"a"]))


def test_a_port_that_never_answers_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = parse_address(f"fluvio://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(BrokerUnreachableError, match="does not answer"):
            FluvioBroker.connect(address)


def test_a_closed_port_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(BrokerUnreachableError, match="connection refused"):
        FluvioBroker.connect(parse_address(f"fluvio://127.0.0.1:{port}"))


def test_a_server_that_speaks_something_else_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1_000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        answering = threading.Thread(target=answer)
        answering.start()
        with pytest.raises(BrokerError, match=r"does not speak Fluvio|cannot reach"):
            FluvioBroker.connect(parse_address(f"fluvio://127.0.0.1:{port}"))
        answering.join()
