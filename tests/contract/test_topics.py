from collections.abc import Callable

import pytest

from engine.broker.broker import Broker
from engine.broker.topics import TopicOptions
from engine.errors import BrokerClosedError, BrokerError, UnknownTopicError
from engine.records.batch import record_batch
from tests.contract.implementations import Implementation
from tests.reading import read, values


def test_topics_are_listed_by_name(broker: Broker) -> None:
    second = broker.topics.create("logs", partitions=3)
    first = broker.topics.create("a-1")
    assert broker.topics.list() == [first, second]
    assert broker.topics.get("logs") == second
    assert (second.name, second.partitions) == ("logs", 3)
    assert second.created is None or second.created > 1_600_000_000_000


def test_a_topic_is_described_with_options_and_offsets(broker: Broker) -> None:
    options = TopicOptions(retention_bytes=1 << 30, retention_ms=86_400_000, compression="none")
    topic = broker.topics.create("logs", 2, options)
    other = broker.topics.create("other")
    broker.log.append("logs", record_batch([b"a", b"b"]), 1)
    (found,) = broker.topics.describe("logs")
    assert (found.topic, found.records) == (topic, 2)
    kept = found.options
    assert (kept.retention_bytes, kept.retention_ms, kept.compression) == (1 << 30, 86_400_000, "none")
    assert [partition.partition for partition in found.partitions] == [0, 1]
    assert [(p.offsets.start, p.offsets.end) for p in found.partitions] == [(0, 0), (0, 2)]
    assert [each.topic for each in broker.topics.describe()] == [topic, other]


def test_an_existing_topic_is_not_created_again(broker: Broker) -> None:
    broker.topics.create("a")
    with pytest.raises(BrokerError, match="'a' already exists"):
        broker.topics.create("a", 2)
    assert broker.topics.get("a").partitions == 1


def test_a_topic_created_again_is_another_one(broker: Broker) -> None:
    before = broker.topics.create("a")
    broker.log.append("a", record_batch([b"old"]))
    broker.topics.delete("a")
    after = broker.topics.create("a")
    assert before.id != after.id
    broker.log.append("a", record_batch([b"new"]))
    assert values(broker, "a") == [b"new"]


def test_an_unknown_topic_is_an_error(broker: Broker) -> None:
    broker.topics.create("orders")
    calls: list[Callable[[], object]] = [
        lambda: broker.topics.get("ordes"),
        lambda: broker.topics.delete("ordes"),
        lambda: broker.topics.describe("ordes"),
        lambda: broker.log.append("ordes", record_batch([b"a"])),
        lambda: broker.log.append("ordes", record_batch([])),
        lambda: broker.log.offsets("ordes"),
        lambda: broker.log.offset_at("ordes", 5, {0: 0}),
        lambda: broker.log.page("ordes", 0, 5, 5),
        lambda: broker.consumers.claim("c1", "ordes"),
    ]
    for call in calls:
        with pytest.raises(UnknownTopicError, match="there is no topic 'ordes'"):
            call()


@pytest.mark.parametrize("partition", [-1, 2])
def test_an_unknown_partition_is_an_error(broker: Broker, partition: int) -> None:
    broker.topics.create("a", 2)
    calls: list[Callable[[], object]] = [
        lambda: broker.log.append("a", record_batch([b"a"]), partition),
        lambda: broker.log.offset_at("a", 5, {partition: 0}),
        lambda: broker.log.page("a", partition, 0, 1),
        lambda: read(broker, "a", partition, 0),
    ]
    for call in calls:
        with pytest.raises(BrokerError, match="partition"):
            call()


def test_a_closed_broker_says_so(implementation: Implementation) -> None:
    broker = implementation.broker
    topic = broker.topics.create("a")
    reader = broker.log.open(topic, {0: 0})
    broker.close()
    broker.close()
    calls: list[Callable[[], object]] = [
        broker.topics.list,
        lambda: broker.topics.create("b"),
        lambda: broker.log.append("a", record_batch([b"a"])),
        lambda: broker.log.offsets("a"),
        lambda: reader.read(1),
        broker.consumers.saved_positions,
    ]
    for call in calls:
        with pytest.raises(BrokerClosedError):
            call()


def test_replicas_need_a_cluster(broker: Broker) -> None:
    if broker.features.replicas:
        pytest.skip("it has replicas")
    broker.topics.create("one", options=TopicOptions(replicas=1))
    with pytest.raises(BrokerError, match="cannot have 2 replicas"):
        broker.topics.create("two", options=TopicOptions(replicas=2))
    (found,) = broker.topics.describe("one")
    assert [(p.leader, p.replicas, p.in_sync) for p in found.partitions] == [(None, (), ())]
