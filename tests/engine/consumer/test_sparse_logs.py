"""A consumer over logs with gaps, tombstones, retention and deletion: on the broker in memory."""

import pytest

from engine.consumer.consumer import Consumer
from engine.errors import DeletedTopicError
from engine.records.batch import record_batch
from tests.contract.memory_broker import MemoryBroker


@pytest.fixture
def broker() -> MemoryBroker:
    """Thirty records in topic `t`, with their offsets as values."""
    opened = MemoryBroker()
    opened.topics.create("t")
    opened.log.append("t", record_batch([b"%d" % n for n in range(30)]))
    return opened


def consumed(consumer: Consumer) -> list[tuple[int, bytes | None]]:
    found = []
    while not consumer.finished:
        delivery = consumer.poll(0)
        if delivery is not None:
            values = delivery.records.column("value").to_pylist()
            found += list(zip(delivery.offsets.tolist(), values, strict=True))
    return found


def test_gaps_are_not_lost(broker: MemoryBroker) -> None:
    broker.compact("t", [0, *range(10, 20), 29])
    consumer = Consumer(broker, "t", positions={0: 0}, ends={0: 30})
    assert consumed(consumer) == [(n, b"%d" % n) for n in (*range(1, 10), *range(20, 29))]
    assert (consumer.lost, consumer.positions) == (0, {0: 30})


def test_an_end_inside_a_gap_is_reached(broker: MemoryBroker) -> None:
    broker.compact("t", range(12, 25))
    consumer = Consumer(broker, "t", positions={0: 5}, ends={0: 18})
    assert [offset for offset, _ in consumed(consumer)] == list(range(5, 12))
    assert consumer.positions == {0: 18}


def test_an_end_after_transaction_markers_is_reached(broker: MemoryBroker) -> None:
    broker.skip("t", 3)
    consumer = Consumer(broker, "t", positions={0: 28}, ends={0: 33})
    assert [offset for offset, _ in consumed(consumer)] == [28, 29]


def test_offsets_that_retention_removed_are_counted(broker: MemoryBroker) -> None:
    broker.compact("t", range(0, 30, 3))
    broker.retain("t", 20)
    consumer = Consumer(broker, "t", positions={0: 5}, ends={0: 30})
    assert [offset for offset, _ in consumed(consumer)] == [n for n in range(20, 30) if n % 3]
    assert consumer.lost == 15


def test_tombstones_are_delivered(broker: MemoryBroker) -> None:
    broker.log.append("t", record_batch([None, b"", None], keys=[b"a", None, b"b"]))
    consumer = Consumer(broker, "t", positions={0: 29}, ends={0: 33})
    assert consumed(consumer) == [(29, b"29"), (30, None), (31, b""), (32, None)]


def test_slow_reads_deliver_later(broker: MemoryBroker) -> None:
    consumer = Consumer(broker, "t", positions={0: 0}, ends={0: 30})
    with broker.slow():
        assert consumer.poll(0.01) is None
        assert not consumer.finished
    assert len(consumed(consumer)) == 30


def test_a_topic_deleted_while_it_is_read_is_an_error(broker: MemoryBroker) -> None:
    consumer = Consumer(broker, "t", positions={0: 0})
    assert consumer.poll(0) is not None
    broker.topics.delete("t")
    broker.topics.create("t")
    with pytest.raises(DeletedTopicError):
        consumer.poll(0)
