"""`consume` goes on when its topic is deleted and created again, or has more partitions than before."""

import signal
from collections.abc import Iterator

import pytest

from engine.broker.broker import Broker
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.consumer.consumer import Consumer
from engine.records.batch import record_batch
from tests.contract.memory_broker import MemoryBroker
from tests.tui.cli.conftest import Program, read_until
from tests.waiting import wait_for
from tui.cli.run.consuming.topic_follower import TopicFollower

CREATED_AGAIN = "topic logs was deleted and created again: reading the new one from its beginning"


@pytest.fixture
def broker() -> Iterator[MemoryBroker]:
    with MemoryBroker() as broker:
        broker.topics.create("logs", 2)
        yield broker


def append(broker: Broker, value: bytes, partition: int = 0) -> None:
    broker.log.append("logs", record_batch([value]), partition)


def values(consumer: Consumer, follower: TopicFollower, count: int) -> list[bytes]:
    """The next records, in any order of partitions."""
    found: list[bytes] = []
    for _ in range(20):
        follower.look_soon()
        follower.look(consumer)
        delivery = consumer.poll(0)
        if delivery is not None:
            found += delivery.records.column("value").to_pylist()
        if len(found) >= count:
            break
    return sorted(found)


@pytest.mark.parametrize("waits", [False, True])
def test_consume_goes_on_with_the_new_topic(program: Program, waits: bool) -> None:
    program.topic("logs", b"old 1", b"old 2")
    process = program.start("consume", "logs", "-B", "-c", "c1")
    read_until(process.stdout, b"old 2\n")
    with EmbeddedBroker.open(program.data) as broker:
        broker.topics.delete("logs")
    if waits:
        read_until(process.stderr, b"topic logs was deleted: waiting for another one of that name\n")
    with EmbeddedBroker.open(program.data) as broker:
        broker.topics.create("logs", 2)
        append(broker, b"new 0")
        read_until(process.stdout, b"new 0\n")
        append(broker, b"new 1", 1)
        read_until(process.stdout, b"new 1\n")
        wait_for(broker.consumers.saved_positions, lambda saved: [one.offset for one in saved] == [1, 1])
    outcome = program.finish(process, signal.SIGTERM)
    assert outcome.err.count(CREATED_AGAIN) == 1
    assert program.ok("consumer", "list").out.count(b"c1") == 2


def test_partitions_of_its_own_choice_are_read_in_the_new_topic(broker: MemoryBroker) -> None:
    follower = TopicFollower(broker, broker.topics.get("logs"), None)
    with Consumer(broker, "logs", positions={1: 0}) as consumer:
        broker.topics.delete("logs")
        broker.topics.create("logs", 3)
        for partition in range(3):
            append(broker, b"%d" % partition, partition)
        assert values(consumer, follower, 1) == [b"1"]
        assert consumer.positions == {1: 1}


def test_partitions_that_are_added_are_read(broker: MemoryBroker, capsys: pytest.CaptureFixture[str]) -> None:
    follower = TopicFollower(broker, broker.topics.get("logs"), None)
    chosen = TopicFollower(broker, broker.topics.get("logs"), None)
    append(broker, b"a")
    with (
        Consumer(broker, "logs", positions={0: 0, 1: 0}) as consumer,
        Consumer(broker, "logs", positions={0: 0}) as one,
    ):
        assert values(consumer, follower, 1) == [b"a"]
        broker.add_partitions("logs", 4)
        for partition in range(4):
            append(broker, b"b%d" % partition, partition)
        assert values(consumer, follower, 4) == [b"b0", b"b1", b"b2", b"b3"]
        assert values(one, chosen, 2) == [b"a", b"b0"]
        assert one.positions == {0: 2}
    assert capsys.readouterr().err.count("topic logs has 4 partitions now: reading all of them") == 1
