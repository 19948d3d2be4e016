"""Stored SmartStreams in a Kafka cluster, beyond the contract of every store."""

import queue
from collections.abc import Iterator

import pytest
from confluent_kafka import Producer

from engine.broker.address import parse_address
from engine.broker.kafka.broker import KafkaBroker
from engine.broker.module_store import LARGEST
from engine.errors import UnknownSmartStreamError
from tests.contract.kafka_implementation import SILENT
from tests.engine.runtime.wat_guests import by_hand
from tests.kafka_cluster import Cluster
from tests.waiting import PATIENCE, wait_for

DIGIT = by_hand("digit.wat")
TOPIC = "__smartstreams"


@pytest.fixture
def two(kafka: Cluster) -> Iterator[tuple[KafkaBroker, KafkaBroker]]:
    """Two connections to a cluster without modules."""
    address = parse_address(f"kafka://{kafka.bootstrap}")
    with KafkaBroker.connect(address) as one, KafkaBroker.connect(address) as other:
        for name in one.modules.names():
            one.modules.remove(name)
        yield one, other


def test_changes_come_from_other_clients(kafka: Cluster, two: tuple[KafkaBroker, KafkaBroker]) -> None:
    one, other = two
    changes: queue.Queue[float | None] = queue.Queue()
    one.modules.add("sf1", b"before the watch")
    watch = one.modules.watch("sf1", changes.put)
    other.modules.add("sf1", DIGIT)
    assert changes.get(timeout=PATIENCE) is not None
    assert one.modules.load("sf1") == DIGIT
    producer = Producer({"bootstrap.servers": kafka.bootstrap}, logger=SILENT)
    producer.produce(TOPIC, None, "sf1")
    producer.flush(PATIENCE)
    assert changes.get(timeout=PATIENCE) is None
    with pytest.raises(UnknownSmartStreamError):
        other.modules.load("sf1")
    watch.close()


def test_a_watch_survives_its_topic(two: tuple[KafkaBroker, KafkaBroker]) -> None:
    one, other = two
    changes: queue.Queue[float | None] = queue.Queue()
    one.modules.add("sf1", DIGIT)
    watch = one.modules.watch("sf1", changes.put)
    other.topics.delete(TOPIC)
    wait_for(other.modules.names, lambda names: names == [])
    other.modules.add("sf1", DIGIT)
    assert changes.get(timeout=PATIENCE) is not None
    assert one.modules.names() == ["sf1"]
    watch.close()


def test_the_largest_module_is_kept_whole(two: tuple[KafkaBroker, KafkaBroker]) -> None:
    one, other = two
    largest = DIGIT + bytes(LARGEST - len(DIGIT))
    one.modules.add("large", largest)
    assert other.modules.load("large") == largest
    other.modules.remove("large")
    assert one.modules.names() == []


def test_what_others_write_there_is_no_module_of_a_bad_name(
    kafka: Cluster, two: tuple[KafkaBroker, KafkaBroker]
) -> None:
    one, _ = two
    one.modules.add("sf1", DIGIT)
    producer = Producer({"bootstrap.servers": kafka.bootstrap}, logger=SILENT)
    for key in ("../sf1", b"\xff", ""):
        producer.produce(TOPIC, b"anything", key)
    producer.produce(TOPIC, b"not a module", "sf2")
    producer.flush(PATIENCE)
    assert [(found.name, found.kind) for found in one.modules.describe_all()] == [
        ("sf1", "filter"),
        ("sf2", "damaged"),
    ]
    for key in ("../sf1", b"\xff", ""):
        producer.produce(TOPIC, None, key)
    producer.flush(PATIENCE)
