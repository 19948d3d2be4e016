"""What topics hold, in one look."""

from collections.abc import Callable
from concurrent.futures import Future

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.topics import OffsetRange, TopicOptions
from engine.errors import UnknownTopicError
from engine.records.batch import record_batch


def test_bytes_are_those_that_are_still_stored(broker: EmbeddedBroker) -> None:
    broker.topics.create("a", 2, TopicOptions(compression="none"))
    assert [(held.offsets, held.bytes) for held in broker.topics.describe("a")[0].partitions] == [
        (OffsetRange(0, 0), 0)
    ] * 2
    for _ in range(3):
        broker.log.append("a", record_batch([b"x" * 1000]), 1)
    (whole,) = broker.topics.describe("a")
    broker.log.trim("a", 1, 2)
    (left,) = broker.topics.describe("a")
    assert (whole.records, left.records) == (3, 1)
    assert whole.partitions[1].bytes == 3 * left.partitions[1].bytes > 3000
    with pytest.raises(UnknownTopicError):
        broker.topics.describe("b")


def test_topics_that_come_and_go_are_in_it_or_not(
    broker: EmbeddedBroker, in_thread: Callable[[Callable[[], object]], "Future[object]"], impatient: None
) -> None:
    def come_and_go() -> None:
        for number in range(40):
            broker.topics.create(f"topic-{number}", 3)
            broker.log.append(f"topic-{number}", record_batch([b"a"]), 2)
            broker.topics.delete(f"topic-{number}")

    done = in_thread(come_and_go)
    while not done.done():
        assert all(held.records in (0, 1) for held in broker.topics.describe())
    assert done.result() is None
    assert broker.topics.describe() == []
