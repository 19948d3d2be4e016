import sqlite3
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.consumer.consumer import Consumer
from engine.errors import DamagedBatchError, UnknownTopicError
from engine.records.batch import now_ms, record_batch


def test_reading_stops_at_the_ends(tmp_path: Path) -> None:
    with EmbeddedBroker.open(tmp_path, durable=False) as broker:
        broker.topics.create("t", 2)
        for partition in range(2):
            broker.log.append("t", record_batch([b"%d" % n for n in range(10)]), partition)
        consumer = Consumer(broker, "t", positions={0: 3, 1: 9}, ends={0: 6, 1: 9})
        delivery = consumer.poll(0)
        assert delivery is not None
        assert delivery.offsets.tolist() == [3, 4, 5]
        assert consumer.finished


def test_end_overtaken_by_retention_is_reached(tmp_path: Path) -> None:
    with EmbeddedBroker.open(tmp_path, durable=False) as broker:
        broker.topics.create("t")
        for number in range(4):
            broker.log.append("t", record_batch([b"%d" % number] * 10))
        consumer = Consumer(broker, "t", positions={0: 5}, ends={0: 15})
        broker.log.trim("t", 0, 30)
        assert broker.log.offsets("t")[0].start == 30
        assert not consumer.finished
        assert consumer.poll(0) is None
        assert consumer.finished
        assert consumer.lost == 10


def damage(folder: Path, base: int) -> None:
    connection = sqlite3.connect(folder / "log.db")
    with connection:
        connection.execute("UPDATE batches_1_0 SET payload = x'' WHERE base = ?", (base,))
    connection.close()


def test_damaged_records_are_skipped_with_on_damage(tmp_path: Path) -> None:
    with EmbeddedBroker.open(tmp_path, durable=False) as broker:
        broker.topics.create("t")
        for number in range(4):
            broker.log.append("t", record_batch([b"%d" % number] * 10))
    damage(tmp_path, 10)
    damage(tmp_path, 30)
    told: list[DamagedBatchError] = []
    with EmbeddedBroker.open(tmp_path, durable=False) as broker:
        consumer = Consumer(broker, "t", positions={0: 12}, ends={0: 35}, on_damage=told.append)
        found = []
        while not consumer.finished:
            delivery = consumer.poll(0)
            found += delivery.offsets.tolist() if delivery else []
        strict = Consumer(broker, "t", positions={0: 5})
        assert strict.poll(0) is not None
        with pytest.raises(DamagedBatchError):
            strict.poll(0)
    assert found == list(range(20, 30))
    assert (consumer.damaged, consumer.lost) == (8 + 5, 0)
    assert [(error.start, error.stop) for error in told] == [(10, 20), (30, 40)]


@pytest.mark.parametrize("records", [3, 20])
def test_another_topic_of_the_same_name_is_not_read(tmp_path: Path, records: int) -> None:
    with EmbeddedBroker.open(tmp_path, durable=False) as broker:
        broker.topics.create("t")
        broker.log.append("t", record_batch([b""] * 10))
        consumer = Consumer(broker, "t", positions={0: 0})
        assert consumer.poll(0) is not None
        before = broker.topics.get("t")
        broker.topics.delete("t")
        while now_ms() == before.created:
            pass
        broker.topics.create("t")
        broker.log.append("t", record_batch([b""] * records))
        for late in (consumer, Consumer(broker, before, positions={0: 0})):
            with pytest.raises(UnknownTopicError, match="deleted while it was in use"):
                late.poll(0)
