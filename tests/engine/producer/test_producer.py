import numpy as np
import pytest

from engine.errors import DeletedTopicError
from engine.producer.producer import Producer
from engine.records.batch import ANY_PARTITION, record_batch
from tests.contract.memory_broker import MemoryBroker
from tests.reading import values


@pytest.fixture
def broker() -> MemoryBroker:
    opened = MemoryBroker()
    opened.topics.create("t", 2)
    return opened


def test_each_record_goes_to_its_partition(broker: MemoryBroker) -> None:
    producer = Producer(broker.log, broker.topics.get("t"))
    records = record_batch([b"0", b"12", b"345", None], keys=[b"a", None, b"a", None])
    appended = producer.append(records)
    assert sorted(part for partition in range(2) for part in values(broker, "t", partition) if part) == [
        b"0",
        b"12",
        b"345",
    ]
    assert sum(part.last - part.first + 1 for part in appended) == 4
    keyed = {part.partition for part in producer.append(record_batch([b"x", b"y"], keys=[b"a", b"a"]))}
    assert len(keyed) == 1
    assert (producer.records, producer.bytes) == (6, 8)


def test_partitions_may_be_named(broker: MemoryBroker) -> None:
    producer = Producer(broker.log, broker.topics.get("t"))
    producer.append(record_batch([b"1", b"0", b"1"]), np.array([1, 0, 1]))
    assert [values(broker, "t", partition) for partition in range(2)] == [[b"0"], [b"1", b"1"]]
    producer.append(record_batch([b"1", b"any"]), np.array([1, ANY_PARTITION]))
    assert values(broker, "t", 1)[:3] == [b"1", b"1", b"1"]


def test_a_rate_limit_slices_what_is_appended(broker: MemoryBroker) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        return len(pauses) < 4

    topic = broker.topics.create("slow")
    producer = Producer(broker.log, topic, rate_limit=0.001, pause=pause)
    appended = producer.append(record_batch([b"1", b"2", b"3"]))
    # one slice is due at the start; the next ones are minutes away, and pause does not wait
    assert [(part.first, part.last) for part in appended] == [(0, 0)]
    assert pauses[0] == 0
    assert all(seconds > 100 for seconds in pauses[1:])
    assert producer.records == 1


def test_a_topic_that_is_deleted_ends_the_producer(broker: MemoryBroker) -> None:
    producer = Producer(broker.log, broker.topics.get("t"))
    broker.topics.delete("t")
    with pytest.raises(DeletedTopicError):
        producer.append(record_batch([b"x"]))
