import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.topics import Compression, OffsetRange, TopicOptions
from engine.errors import BrokerClosedError, BrokerError, RecordTooLargeError, UnknownTopicError
from engine.records.batch import SCHEMA, record_batch
from tests.reading import read, values, wait

InThread = Callable[[Callable[[], object]], "Future[object]"]


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "ä", "a/b", "a\n", "x" * 250, "a'b"])
def test_a_name_that_cannot_be_is_refused_and_says_what_can(broker: EmbeddedBroker, name: str) -> None:
    with pytest.raises(BrokerError) as raised:
        broker.topics.create(name)
    assert "a-z" in raised.value.remedy
    assert "249" in raised.value.remedy


@pytest.mark.parametrize("partitions", [0, -1, 1025])
def test_numbers_of_partitions_that_cannot_be(broker: EmbeddedBroker, partitions: int) -> None:
    with pytest.raises(BrokerError, match="partitions"):
        broker.topics.create("a", partitions)


@pytest.mark.parametrize("limit", [-1, 1 << 63])
def test_retentions_that_cannot_be(broker: EmbeddedBroker, limit: int) -> None:
    with pytest.raises(BrokerError, match="bytes"):
        broker.topics.create("a", options=TopicOptions(retention_bytes=limit))
    with pytest.raises(BrokerError, match="milliseconds"):
        broker.topics.create("a", options=TopicOptions(retention_ms=limit))
    assert broker.topics.list() == []


def test_the_longest_name_and_the_most_partitions(broker: EmbeddedBroker) -> None:
    name = "x" * 249
    broker.topics.create(name, 1024)
    assert broker.log.append(name, record_batch([b"a"]), 1023).first == 0
    assert broker.log.offsets(name)[1023] == OffsetRange(0, 1)


def test_an_unknown_topic_names_the_nearest(broker: EmbeddedBroker) -> None:
    broker.topics.create("orders")
    broker.topics.create("logs")
    calls: list[Callable[[], object]] = [
        lambda: broker.topics.get("ordes"),
        lambda: broker.log.append("ordes", record_batch([b"a"])),
        lambda: broker.log.append("ordes", record_batch([])),
        lambda: read(broker, "ordes", 0, 0),
        lambda: broker.log.offsets("ordes")[0],
        lambda: wait(broker, "ordes", {0: 0}, 1),
    ]
    for call in calls:
        with pytest.raises(UnknownTopicError) as raised:
            call()
        assert raised.value.message == "there is no topic 'ordes'"
        assert "'orders'" in raised.value.remedy
        assert "'logs'" not in raised.value.remedy
        assert (raised.value.code, raised.value.subject) == ("unknown-topic", "ordes")


@pytest.mark.parametrize("partition", [-1, 2])
def test_a_partition_that_is_not_there(broker: EmbeddedBroker, partition: int) -> None:
    broker.topics.create("a", 2)
    for call in (
        lambda: broker.log.append("a", record_batch([b"a"]), partition),
        lambda: read(broker, "a", partition, 0),
        lambda: broker.log.page("a", partition, 0, 1),
    ):
        with pytest.raises(BrokerError, match="2 partitions, 0 to 1"):
            call()


def test_reading_outside_of_what_is_there(broker: EmbeddedBroker) -> None:
    broker.topics.create("a")
    empty = read(broker, "a", 0, 0)
    assert (len(empty), empty.first_offset, empty.records.schema) == (0, 0, SCHEMA)
    broker.log.append("a", record_batch([b"a"] * 3))
    assert read(broker, "a", 0, -5).first_offset == 0
    assert len(read(broker, "a", 0, 3)) == 0
    ahead = read(broker, "a", 0, 10)
    assert (len(ahead), ahead.first_offset) == (0, 10)
    assert len(read(broker, "a", 0, 10**30)) == 0
    assert not wait(broker, "a", {0: 10**30}, 0)


def test_a_record_that_is_too_large_is_named_and_none_is_appended(folder: Path) -> None:
    with EmbeddedBroker.open(folder, max_record_bytes=100) as broker:
        broker.topics.create("a")
        for records in (
            record_batch([b"a", b"x" * 101, b"b"]),
            record_batch([b"a", b"x" * 90, b"b"], keys=[None, b"k" * 11, None]),
            record_batch([b"a", b"x" * 90, b"b"], headers=[None, {"name": b"value", "more": b""}, None]),
        ):
            with pytest.raises(RecordTooLargeError) as raised:
                broker.log.append("a", records)
            assert "index 1" in raised.value.message
            assert "100" in raised.value.message
            assert raised.value.code == "record-too-large"
        assert broker.log.offsets("a")[0].end == 0
        assert broker.log.append("a", record_batch([b"x" * 100])).first == 0


def test_a_record_may_be_as_large_as_the_default_limit(broker: EmbeddedBroker) -> None:
    broker.topics.create("a")
    value = bytes(range(256)) * 65536
    broker.log.append("a", record_batch([b"before"]))
    broker.log.append("a", record_batch([value]))
    batch = read(broker, "a", 0, 1)
    assert batch.value(0) == value
    with pytest.raises(RecordTooLargeError, match="16,777,217"):
        broker.log.append("a", record_batch([value + b"x"]))


def test_everything_is_there_after_opening_again(folder: Path) -> None:
    with EmbeddedBroker.open(folder) as broker:
        topic = broker.topics.create("a", 2)
        broker.log.append("a", record_batch([b"1", b"2"]), 1)
    with EmbeddedBroker.open(folder) as broker:
        assert broker.topics.list() == [topic]
        assert broker.log.append("a", record_batch([b"3"]), 1).first == 2
        assert values(broker, "a", 1) == [b"1", b"2", b"3"]


def test_not_durable_is_the_same_but_for_the_disk(folder: Path) -> None:
    with EmbeddedBroker.open(folder, durable=False) as broker:
        broker.topics.create("a")
        broker.log.append("a", record_batch([b"1"]))
    with EmbeddedBroker.open(folder) as broker:
        assert values(broker, "a") == [b"1"]


def test_uncompressed_topics(broker: EmbeddedBroker) -> None:
    broker.topics.create("a", options=TopicOptions(compression="none"))
    broker.log.append("a", record_batch([b"same"] * 1000))
    assert values(broker, "a") == [b"same"] * 1000


@pytest.mark.parametrize(("topics", "processes"), [("lz4", "none"), ("none", "lz4"), ("lz4", None)])
def test_a_process_may_choose_how_it_compresses(
    folder: Path, topics: Compression, processes: Compression | None
) -> None:
    with EmbeddedBroker.open(folder) as broker, EmbeddedBroker.open(folder, compression=processes) as other:
        broker.topics.create("a", options=TopicOptions(compression=topics))
        broker.log.append("a", record_batch([b"same"] * 1000))
        other.log.append("a", record_batch([b"other"] * 1000))
        assert values(broker, "a") == values(other, "a") == [b"same"] * 1000 + [b"other"] * 1000
    connection = sqlite3.connect(folder / "log.db")
    stored = [codec for (codec,) in connection.execute("SELECT codec FROM batches_1_0 ORDER BY base")]
    connection.close()
    assert stored == [topics, processes or topics]


def test_a_codec_that_is_none_is_refused(folder: Path, broker: EmbeddedBroker) -> None:
    with pytest.raises(BrokerError, match="cannot compress with zstd"):
        EmbeddedBroker.open(folder, compression="zstd")
    with pytest.raises(BrokerError, match="cannot compress with zstd"):
        broker.topics.create("a", options=TopicOptions(compression="zstd"))


def test_trim_keeps_offsets_and_the_last_batch(broker: EmbeddedBroker) -> None:
    broker.topics.create("a")
    for _ in range(200):
        broker.log.append("a", record_batch([b"x"] * 10))
    assert broker.log.trim("a", 0, 95) == OffsetRange(90, 2000)
    assert read(broker, "a", 0, 0).first_offset == 90
    assert broker.log.trim("a", 0, 10**30) == OffsetRange(1990, 2000)
    assert broker.log.append("a", record_batch([b"x"])).first == 2000


def test_closing_twice_and_using_it_afterwards(folder: Path) -> None:
    before = set(threading.enumerate())
    broker = EmbeddedBroker.open(folder)
    broker.topics.create("a")
    broker.close()
    broker.close()
    for call in (
        lambda: broker.topics.list(),
        lambda: broker.log.append("a", record_batch([b"a"])),
        lambda: read(broker, "a", 0, 0),
        lambda: wait(broker, "a", {0: 0}, 1),
        lambda: broker.topics.create("b"),
    ):
        with pytest.raises(BrokerClosedError):
            call()
    assert set(threading.enumerate()) <= before
    assert not (folder / "log.db-wal").exists()
