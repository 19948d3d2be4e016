"""What a workbench does beside judging: records by hand, and the order of its filters."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.embedded.broker import EmbeddedBroker
from engine.errors import RecordTooLargeError, UnknownTopicError
from engine.records import record_batch
from engine.workbench import TopicWorkbench, moved
from engine.workbenches import BrokerWorkbenches, TopicContents


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker.open(tmp_path / "data", durable=False, max_record_bytes=100) as broker:
        yield broker


def test_a_record_by_hand_goes_where_its_key_asks_for(broker: EmbeddedBroker) -> None:
    broker.create_topic("t", partitions=3)
    workbench = TopicWorkbench(broker, "t")
    keyed = [workbench.append(b"k", b"%d" % number) for number in range(3)]
    assert len({appended.partition for appended in keyed}) == 1
    assert [appended.offset for appended in keyed] == [0, 1, 2]
    record = broker.read("t", keyed[0].partition, 2).record(0)
    assert (record.key, record.value) == (b"k", b"2")
    keyless = {workbench.append(None, b"").partition for _ in range(3)}
    assert keyless == {0, 1, 2}
    with pytest.raises(RecordTooLargeError):
        workbench.append(None, b"x" * 101)


@pytest.mark.parametrize(
    ("consumer", "step", "order"),
    [(2, 1, [1, 3, 2]), (2, -1, [2, 1, 3]), (1, -1, [1, 2, 3]), (3, 1, [1, 2, 3]), (9, 1, [1, 2, 3])],
)
def test_a_consumer_moves_but_not_round_the_end(consumer: int, step: int, order: list[int]) -> None:
    assert list(moved({1: "", 2: "", 3: ""}, consumer, step)) == order


def test_topics_have_their_sizes_and_open(broker: EmbeddedBroker) -> None:
    broker.create_topic("b", partitions=2)
    broker.create_topic("a")
    for partition in range(2):
        broker.append("b", record_batch([b"x"] * 3), partition)
    workbenches = BrokerWorkbenches(broker)
    assert workbenches.topics() == (TopicContents("a", 0), TopicContents("b", 6))
    workbench = workbenches.open("b")
    assert workbench.snapshot().topic == "b"
    workbench.close()
    with pytest.raises(UnknownTopicError):
        workbenches.open("c")
