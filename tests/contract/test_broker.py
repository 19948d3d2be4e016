import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import cast

import pyarrow as pa
import pytest

from engine.broker.log import Broker, OffsetRange
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.codec import Codec
from engine.errors import BrokerClosedError, BrokerError, RecordTooLargeError, UnknownTopicError
from engine.records.batch import SCHEMA, record_batch

InThread = Callable[[Callable[[], object]], "Future[object]"]


def values_of(broker: Broker, topic: str, partition: int = 0) -> list[bytes]:
    offset, found = 0, []
    while len(batch := broker.read(topic, partition, offset)):
        assert batch.first_offset == offset
        found += batch.records.column("value").to_pylist()
        offset = batch.next_offset
    return found


def test_is_a_broker(broker: EmbeddedBroker) -> None:
    same: Broker = broker
    assert same.topics() == []


def test_topics_are_listed_by_name(broker: EmbeddedBroker) -> None:
    second = broker.create_topic("logs", partitions=3)
    first = broker.create_topic("Orders.v1_a-b")
    assert broker.topics() == [first, second]
    assert broker.topic("logs") == second
    assert second.partitions == 3
    assert second.created > 1_600_000_000_000


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "ä", "a/b", "a\n", "x" * 250, "a'b"])
def test_a_name_that_cannot_be_is_refused_and_says_what_can(broker: EmbeddedBroker, name: str) -> None:
    with pytest.raises(BrokerError) as raised:
        broker.create_topic(name)
    assert "letters" in raised.value.remedy
    assert "249" in raised.value.remedy


@pytest.mark.parametrize("partitions", [0, -1, 1025])
def test_numbers_of_partitions_that_cannot_be(broker: EmbeddedBroker, partitions: int) -> None:
    with pytest.raises(BrokerError, match="partitions"):
        broker.create_topic("a", partitions)


@pytest.mark.parametrize("limit", [-1, 1 << 63])
def test_retentions_that_cannot_be(broker: EmbeddedBroker, limit: int) -> None:
    with pytest.raises(BrokerError, match="bytes"):
        broker.create_topic("a", retention_bytes=limit)
    with pytest.raises(BrokerError, match="milliseconds"):
        broker.create_topic("a", retention_ms=limit)
    assert broker.topics() == []


def test_the_longest_name_and_the_most_partitions(broker: EmbeddedBroker) -> None:
    name = "x" * 249
    broker.create_topic(name, 1024)
    assert broker.append(name, record_batch([b"a"]), 1023) == 0
    assert broker.offsets(name, 1023) == OffsetRange(0, 1)


def test_a_topic_that_exists_is_not_created_again(broker: EmbeddedBroker) -> None:
    broker.create_topic("a")
    with pytest.raises(BrokerError, match="'a' exists"):
        broker.create_topic("a", 2)
    assert broker.topic("a").partitions == 1


def test_an_unknown_topic_names_the_nearest(broker: EmbeddedBroker) -> None:
    broker.create_topic("orders")
    broker.create_topic("logs")
    calls: list[Callable[[], object]] = [
        lambda: broker.topic("ordes"),
        lambda: broker.append("ordes", record_batch([b"a"])),
        lambda: broker.append("ordes", record_batch([])),
        lambda: broker.read("ordes", 0, 0),
        lambda: broker.offsets("ordes", 0),
        lambda: broker.wait("ordes", {0: 0}, 1),
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
    broker.create_topic("a", 2)
    for call in (
        lambda: broker.append("a", record_batch([b"a"]), partition),
        lambda: broker.read("a", partition, 0),
        lambda: broker.offsets("a", partition),
    ):
        with pytest.raises(BrokerError, match="2 partitions, 0 to 1"):
            call()


def test_what_is_appended_is_read_back_whole(broker: EmbeddedBroker) -> None:
    broker.create_topic("a")
    records = record_batch(
        [b"", b"\xff\x00", "grün".encode(), b"x" * 5000],
        keys=[None, b"", b"\xfe", b"k"],
        timestamps=[5, -1, 0, 2**62],
        headers=[{"a": b"1", "ü": b"\x00"}, None, {}, (("twice", b"1"), ("twice", b"2"))],
    )
    assert broker.append("a", records) == 0
    batch = broker.read("a", 0, 0)
    assert batch.records.equals(records)
    assert batch.records.schema.equals(SCHEMA)
    assert batch.record(3).headers == (("twice", b"1"), ("twice", b"2"))
    assert (batch.partition, batch.first_offset, batch.next_offset) == (0, 0, 4)


def test_slices_are_appended_as_what_they_show(broker: EmbeddedBroker) -> None:
    broker.create_topic("a")
    count = 100
    whole = record_batch(
        [b"v%d" % index for index in range(count)],
        keys=[b"k%d" % index if index % 3 else None for index in range(count)],
        headers=[{"h": b"x" * index} if index % 2 else None for index in range(count)],
    )
    for start, length in ((3, 7), (50, 1), (91, 9), (10, 0)):
        before = broker.offsets("a", 0).end
        assert broker.append("a", whole.slice(start, length)) == before
        assert broker.read("a", 0, before).records.equals(whole.slice(start, length))


def test_small_appends_are_joined_into_one_batch(broker: EmbeddedBroker) -> None:
    broker.create_topic("a")
    for number in range(20):
        assert (
            broker.append("a", record_batch([b"%d" % (2 * number), b"%d" % (2 * number + 1)])) == 2 * number
        )
    batch = broker.read("a", 0, 5)
    assert batch.first_offset == 5
    assert batch.records.column("value").to_pylist() == [b"%d" % number for number in range(5, 40)]


def test_read_keeps_to_its_limits(broker: EmbeddedBroker) -> None:
    broker.create_topic("a")
    broker.append("a", record_batch([b"x" * 1000] * 100))
    broker.append("a", record_batch([b"y" * 1000] * 100))
    assert len(broker.read("a", 0, 95, max_records=3)) == 3
    assert len(broker.read("a", 0, 95, max_records=10)) <= 10
    assert len(broker.read("a", 0, 10, max_bytes=5500)) == 5
    assert len(broker.read("a", 0, 10, max_bytes=1)) == 1
    assert len(broker.read("a", 0, 10, max_records=0)) == 1


def test_reading_outside_of_what_is_there(broker: EmbeddedBroker) -> None:
    broker.create_topic("a")
    empty = broker.read("a", 0, 0)
    assert (len(empty), empty.first_offset, empty.records.schema) == (0, 0, SCHEMA)
    broker.append("a", record_batch([b"a"] * 3))
    assert broker.read("a", 0, -5).first_offset == 0
    assert len(broker.read("a", 0, 3)) == 0
    ahead = broker.read("a", 0, 10)
    assert (len(ahead), ahead.first_offset) == (0, 10)
    assert len(broker.read("a", 0, 10**30)) == 0
    assert not broker.wait("a", {0: 10**30}, 0)


def test_an_append_of_nothing_is_the_end_offset(broker: EmbeddedBroker) -> None:
    broker.create_topic("a")
    broker.append("a", record_batch([b"a"] * 3))
    assert broker.append("a", record_batch([])) == 3
    assert broker.offsets("a", 0) == OffsetRange(0, 3)


def test_a_large_append_has_gap_free_offsets(broker: EmbeddedBroker) -> None:
    broker.create_topic("a")
    values = [b"%d" % index * (1 + index % 700) for index in range(40_000)]
    assert broker.append("a", record_batch(values)) == 0
    assert values_of(broker, "a") == values
    assert broker.read("a", 0, 31_415, max_records=1).value(0) == values[31_415]


def test_partitions_have_offsets_of_their_own(broker: EmbeddedBroker) -> None:
    broker.create_topic("a", 2)
    broker.append("a", record_batch([b"zero"]), 0)
    broker.append("a", record_batch([b"one", b"two"]), 1)
    assert values_of(broker, "a", 0) == [b"zero"]
    assert values_of(broker, "a", 1) == [b"one", b"two"]
    assert broker.offsets("a", 1) == OffsetRange(0, 2)


def test_a_record_that_is_too_large_is_named_and_none_is_appended(folder: Path) -> None:
    with EmbeddedBroker.open(folder, max_record_bytes=100) as broker:
        broker.create_topic("a")
        for records in (
            record_batch([b"a", b"x" * 101, b"b"]),
            record_batch([b"a", b"x" * 90, b"b"], keys=[None, b"k" * 11, None]),
            record_batch([b"a", b"x" * 90, b"b"], headers=[None, {"name": b"value", "more": b""}, None]),
        ):
            with pytest.raises(RecordTooLargeError) as raised:
                broker.append("a", records)
            assert "index 1" in raised.value.message
            assert "100" in raised.value.message
            assert raised.value.code == "record-too-large"
        assert broker.offsets("a", 0).end == 0
        assert broker.append("a", record_batch([b"x" * 100])) == 0


def test_a_record_may_be_as_large_as_the_default_limit(broker: EmbeddedBroker) -> None:
    broker.create_topic("a")
    value = bytes(range(256)) * 65536
    broker.append("a", record_batch([b"before"]))
    broker.append("a", record_batch([value]))
    batch = broker.read("a", 0, 1)
    assert batch.value(0) == value
    with pytest.raises(RecordTooLargeError, match="16,777,217"):
        broker.append("a", record_batch([value + b"x"]))


def test_batches_of_other_columns_are_refused(broker: EmbeddedBroker) -> None:
    broker.create_topic("a")
    with pytest.raises(ValueError, match="SCHEMA"):
        broker.append("a", pa.record_batch({"value": [b"a"]}))
    nulls = pa.RecordBatch.from_arrays(
        [
            pa.nulls(1, column.type) if column.name == "value" else array
            for column, array in zip(SCHEMA, record_batch([b"a"]).columns, strict=True)
        ],
        schema=SCHEMA,
    )
    with pytest.raises(ValueError, match="value"):
        broker.append("a", nulls)
    assert broker.offsets("a", 0).end == 0


def test_everything_is_there_after_opening_again(folder: Path) -> None:
    with EmbeddedBroker.open(folder) as broker:
        topic = broker.create_topic("a", 2)
        broker.append("a", record_batch([b"1", b"2"]), 1)
    with EmbeddedBroker.open(folder) as broker:
        assert broker.topics() == [topic]
        assert broker.append("a", record_batch([b"3"]), 1) == 2
        assert values_of(broker, "a", 1) == [b"1", b"2", b"3"]


def test_not_durable_is_the_same_but_for_the_disk(folder: Path) -> None:
    with EmbeddedBroker.open(folder, durable=False) as broker:
        broker.create_topic("a")
        broker.append("a", record_batch([b"1"]))
    with EmbeddedBroker.open(folder) as broker:
        assert values_of(broker, "a") == [b"1"]


def test_uncompressed_topics(broker: EmbeddedBroker) -> None:
    broker.create_topic("a", codec="none")
    broker.append("a", record_batch([b"same"] * 1000))
    assert values_of(broker, "a") == [b"same"] * 1000


@pytest.mark.parametrize(("topics", "processes"), [("lz4", "none"), ("none", "lz4"), ("lz4", None)])
def test_a_process_may_choose_how_it_compresses(folder: Path, topics: Codec, processes: Codec | None) -> None:
    with EmbeddedBroker.open(folder) as broker, EmbeddedBroker.open(folder, codec=processes) as other:
        broker.create_topic("a", codec=topics)
        broker.append("a", record_batch([b"same"] * 1000))
        other.append("a", record_batch([b"other"] * 1000))
        assert values_of(broker, "a") == values_of(other, "a") == [b"same"] * 1000 + [b"other"] * 1000
    connection = sqlite3.connect(folder / "log.db")
    stored = [codec for (codec,) in connection.execute("SELECT codec FROM batches_1_0 ORDER BY base")]
    connection.close()
    assert stored == [topics, processes or topics]


def test_a_codec_that_is_none_is_refused(folder: Path, broker: EmbeddedBroker) -> None:
    unknown = cast("Codec", "lzma")
    with pytest.raises(ValueError, match="lz4, none"):
        EmbeddedBroker.open(folder, codec=unknown)
    with pytest.raises(ValueError, match="lz4, none"):
        broker.create_topic("a", codec=unknown)


def test_trim_keeps_offsets_and_the_last_batch(broker: EmbeddedBroker) -> None:
    broker.create_topic("a")
    for _ in range(200):
        broker.append("a", record_batch([b"x"] * 10))
    assert broker.trim("a", 0, 95) == OffsetRange(90, 2000)
    assert broker.read("a", 0, 0).first_offset == 90
    assert broker.trim("a", 0, 10**30) == OffsetRange(1990, 2000)
    assert broker.append("a", record_batch([b"x"])) == 2000


def test_closing_twice_and_using_it_afterwards(folder: Path) -> None:
    broker = EmbeddedBroker.open(folder)
    broker.create_topic("a")
    broker.close()
    broker.close()
    for call in (
        lambda: broker.topics(),
        lambda: broker.append("a", record_batch([b"a"])),
        lambda: broker.read("a", 0, 0),
        lambda: broker.wait("a", {0: 0}, 1),
        lambda: broker.create_topic("b"),
    ):
        with pytest.raises(BrokerClosedError):
            call()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("log-")]
    assert not (folder / "log.db-wal").exists()


def test_wait_sees_what_is_there(broker: EmbeddedBroker) -> None:
    broker.create_topic("a", 2)
    assert not broker.wait("a", {0: 0, 1: 0}, 0)
    broker.append("a", record_batch([b"a"]), 1)
    assert broker.wait("a", {0: 0, 1: 0}, 0)
    assert not broker.wait("a", {0: 0, 1: 1}, 0.01)


def test_wait_returns_when_a_record_arrives(broker: EmbeddedBroker, in_thread: InThread) -> None:
    broker.create_topic("a")
    for offset in range(20):
        waiting = in_thread(lambda offset=offset: broker.wait("a", {0: offset}, 30))
        broker.append("a", record_batch([b"a"]))
        assert waiting.result(30) is True


def test_wait_looks_at_the_positions_it_was_given(broker: EmbeddedBroker, in_thread: InThread) -> None:
    broker.create_topic("a", 2)
    broker.create_topic("b")
    waiting = in_thread(lambda: broker.wait("a", {1: 1}, 30))
    broker.append("b", record_batch([b"other topic"]))
    broker.append("a", record_batch([b"other partition"]), 0)
    broker.append("a", record_batch([b"before the position"]), 1)
    assert not waiting.done()
    broker.append("a", record_batch([b"this one"]), 1)
    assert waiting.result(30) is True


@pytest.mark.parametrize("end", ["interrupt", "close"])
def test_those_who_wait_return(folder: Path, in_thread: InThread, end: str) -> None:
    with EmbeddedBroker.open(folder) as broker:
        broker.create_topic("a")
        waiting = [in_thread(lambda: broker.wait("a", {0: 0}, 30)) for _ in range(3)]
        while not all(future.done() for future in waiting):  # an interrupt ends only those who wait already
            getattr(broker, end)()
        results = [future.exception() or future.result() for future in waiting]
    # who comes after the end of the broker is told so
    assert all(result is False or isinstance(result, BrokerClosedError) for result in results)


def test_the_offset_of_a_time(broker: EmbeddedBroker) -> None:
    broker.create_topic("a", 2)
    for stamps in ([10, 20], [40, 30, 50], [25]):
        broker.append("a", record_batch([b""] * len(stamps), timestamps=stamps), 1)
    first = [broker.offset_at("a", 1, time) for time in (-5, 10, 11, 21, 40, 41, 51, 1 << 70)]
    assert first == [0, 0, 1, 2, 2, 4, 6, 6]
    assert broker.offset_at("a", 0, 10) == 0


def test_the_offset_of_a_time_from_an_offset_on(broker: EmbeddedBroker) -> None:
    broker.create_topic("a")
    for stamps in ([10, 90, 20], [40, 30], [25]):
        broker.append("a", record_batch([b""] * len(stamps), timestamps=stamps))
    assert [broker.offset_at("a", 0, 25, start) for start in (-1, 1, 2, 4, 5, 6, 1 << 70)] == [
        1,
        1,
        3,
        4,
        5,
        6,
        6,
    ]
    broker.trim("a", 0, 3)
    assert broker.offset_at("a", 0, 5) == 3
    with pytest.raises(UnknownTopicError):
        broker.offset_at("b", 0, 5)
