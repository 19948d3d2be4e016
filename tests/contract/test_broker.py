import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import cast

import pyarrow as pa
import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.topics import Compression, OffsetRange, TopicOptions
from engine.errors import BrokerClosedError, BrokerError, RecordTooLargeError, UnknownTopicError
from engine.records.batch import SCHEMA, record_batch
from tests.reading import read, values, wait

InThread = Callable[[Callable[[], object]], "Future[object]"]


def test_topics_are_listed_by_name(broker: EmbeddedBroker) -> None:
    second = broker.topics.create("logs", 3)
    first = broker.topics.create("Orders.v1_a-b")
    assert broker.topics.list() == [first, second]
    assert broker.topics.get("logs") == second
    assert second.partitions == 3
    assert second.created > 1_600_000_000_000


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "ä", "a/b", "a\n", "x" * 250, "a'b"])
def test_a_name_that_cannot_be_is_refused_and_says_what_can(broker: EmbeddedBroker, name: str) -> None:
    with pytest.raises(BrokerError) as raised:
        broker.topics.create(name)
    assert "letters" in raised.value.remedy
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


def test_a_topic_that_exists_is_not_created_again(broker: EmbeddedBroker) -> None:
    broker.topics.create("a")
    with pytest.raises(BrokerError, match="'a' already exists"):
        broker.topics.create("a", 2)
    assert broker.topics.get("a").partitions == 1


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


def test_what_is_appended_is_read_back_whole(broker: EmbeddedBroker) -> None:
    broker.topics.create("a")
    records = record_batch(
        [b"", b"\xff\x00", "grün".encode(), b"x" * 5000],
        keys=[None, b"", b"\xfe", b"k"],
        timestamps=[5, -1, 0, 2**62],
        headers=[{"a": b"1", "ü": b"\x00"}, None, {}, (("twice", b"1"), ("twice", b"2"))],
    )
    assert broker.log.append("a", records).first == 0
    batch = read(broker, "a", 0, 0)
    assert batch.records.equals(records)
    assert batch.records.schema.equals(SCHEMA)
    assert batch.record(3).headers == (("twice", b"1"), ("twice", b"2"))
    assert (batch.partition, batch.first_offset, batch.next_offset) == (0, 0, 4)


def test_slices_are_appended_as_what_they_show(broker: EmbeddedBroker) -> None:
    broker.topics.create("a")
    count = 100
    whole = record_batch(
        [b"v%d" % index for index in range(count)],
        keys=[b"k%d" % index if index % 3 else None for index in range(count)],
        headers=[{"h": b"x" * index} if index % 2 else None for index in range(count)],
    )
    for start, length in ((3, 7), (50, 1), (91, 9), (10, 0)):
        before = broker.log.offsets("a")[0].end
        assert broker.log.append("a", whole.slice(start, length)).first == before
        assert read(broker, "a", 0, before).records.equals(whole.slice(start, length))


def test_small_appends_are_joined_into_one_batch(broker: EmbeddedBroker) -> None:
    broker.topics.create("a")
    for number in range(20):
        assert (
            broker.log.append("a", record_batch([b"%d" % (2 * number), b"%d" % (2 * number + 1)])).first
            == 2 * number
        )
    batch = read(broker, "a", 0, 5)
    assert batch.first_offset == 5
    assert batch.records.column("value").to_pylist() == [b"%d" % number for number in range(5, 40)]


def test_read_keeps_to_its_limits(broker: EmbeddedBroker) -> None:
    broker.topics.create("a")
    broker.log.append("a", record_batch([b"x" * 1000] * 100))
    broker.log.append("a", record_batch([b"y" * 1000] * 100))
    assert len(read(broker, "a", 0, 95, max_records=3)) == 3
    assert len(read(broker, "a", 0, 95, max_records=10)) <= 10
    assert len(read(broker, "a", 0, 10, max_bytes=5500)) == 5
    assert len(read(broker, "a", 0, 10, max_bytes=1)) == 1
    assert len(read(broker, "a", 0, 10, max_records=0)) == 1


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


def test_an_append_of_nothing_is_the_end_offset(broker: EmbeddedBroker) -> None:
    broker.topics.create("a")
    broker.log.append("a", record_batch([b"a"] * 3))
    assert broker.log.append("a", record_batch([])).first == 3
    assert broker.log.offsets("a")[0] == OffsetRange(0, 3)


def test_a_large_append_has_gap_free_offsets(broker: EmbeddedBroker) -> None:
    broker.topics.create("a")
    expected = [b"%d" % index * (1 + index % 700) for index in range(40_000)]
    assert broker.log.append("a", record_batch(expected)).first == 0
    assert values(broker, "a") == expected
    assert read(broker, "a", 0, 31_415, max_records=1).value(0) == expected[31_415]


def test_partitions_have_offsets_of_their_own(broker: EmbeddedBroker) -> None:
    broker.topics.create("a", 2)
    broker.log.append("a", record_batch([b"zero"]), 0)
    broker.log.append("a", record_batch([b"one", b"two"]), 1)
    assert values(broker, "a", 0) == [b"zero"]
    assert values(broker, "a", 1) == [b"one", b"two"]
    assert broker.log.offsets("a")[1] == OffsetRange(0, 2)


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


def test_batches_of_other_columns_are_refused(broker: EmbeddedBroker) -> None:
    broker.topics.create("a")
    with pytest.raises(ValueError, match="SCHEMA"):
        broker.log.append("a", pa.record_batch({"value": [b"a"]}))
    nulls = pa.RecordBatch.from_arrays(
        [
            pa.nulls(1, column.type) if column.name == "value" else array
            for column, array in zip(SCHEMA, record_batch([b"a"]).columns, strict=True)
        ],
        schema=SCHEMA,
    )
    with pytest.raises(ValueError, match="value"):
        broker.log.append("a", nulls)
    assert broker.log.offsets("a")[0].end == 0


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
    unknown = cast("Compression", "lzma")
    with pytest.raises(ValueError, match="lz4, none"):
        EmbeddedBroker.open(folder, compression=unknown)
    with pytest.raises(ValueError, match="lz4, none"):
        broker.topics.create("a", options=TopicOptions(compression=unknown))


def test_trim_keeps_offsets_and_the_last_batch(broker: EmbeddedBroker) -> None:
    broker.topics.create("a")
    for _ in range(200):
        broker.log.append("a", record_batch([b"x"] * 10))
    assert broker.log.trim("a", 0, 95) == OffsetRange(90, 2000)
    assert read(broker, "a", 0, 0).first_offset == 90
    assert broker.log.trim("a", 0, 10**30) == OffsetRange(1990, 2000)
    assert broker.log.append("a", record_batch([b"x"])).first == 2000


def test_closing_twice_and_using_it_afterwards(folder: Path) -> None:
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
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("log-")]
    assert not (folder / "log.db-wal").exists()


def test_wait_sees_what_is_there(broker: EmbeddedBroker) -> None:
    broker.topics.create("a", 2)
    assert not wait(broker, "a", {0: 0, 1: 0}, 0)
    broker.log.append("a", record_batch([b"a"]), 1)
    assert wait(broker, "a", {0: 0, 1: 0}, 0)
    assert not wait(broker, "a", {0: 0, 1: 1}, 0.01)


def test_wait_returns_when_a_record_arrives(broker: EmbeddedBroker, in_thread: InThread) -> None:
    broker.topics.create("a")
    for offset in range(20):
        waiting = in_thread(lambda offset=offset: wait(broker, "a", {0: offset}, 30))
        broker.log.append("a", record_batch([b"a"]))
        assert waiting.result(30) is True


def test_wait_looks_at_the_positions_it_was_given(broker: EmbeddedBroker, in_thread: InThread) -> None:
    broker.topics.create("a", 2)
    broker.topics.create("b")
    waiting = in_thread(lambda: wait(broker, "a", {1: 1}, 30))
    broker.log.append("b", record_batch([b"other topic"]))
    broker.log.append("a", record_batch([b"other partition"]), 0)
    broker.log.append("a", record_batch([b"before the position"]), 1)
    assert not waiting.done()
    broker.log.append("a", record_batch([b"this one"]), 1)
    assert waiting.result(30) is True


def test_waiting_readers_return_when_the_broker_is_closed(folder: Path, in_thread: InThread) -> None:
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a")
        waiting = [in_thread(lambda: wait(broker, "a", {0: 0}, 30)) for _ in range(3)]
        broker.close()
        results = [future.exception(30) or future.result() for future in waiting]
    # one that begins to read after the end of the broker gets an error
    assert all(result is False or isinstance(result, BrokerClosedError) for result in results)


def test_an_interrupt_ends_the_reader_that_it_is_for(broker: EmbeddedBroker, in_thread: InThread) -> None:
    topic = broker.topics.create("a")
    with broker.log.open(topic, {0: 0}) as reader, broker.log.open(topic, {0: 0}) as other:
        waiting, going_on = in_thread(lambda: reader.read(30)), in_thread(lambda: other.read(30))
        reader.interrupt()
        assert waiting.result(10) is None
        assert not going_on.done()
        broker.log.append("a", record_batch([b"a"]))
        assert going_on.result(10) is not None


def test_an_interrupt_before_a_read_ends_it_at_once(broker: EmbeddedBroker) -> None:
    topic = broker.topics.create("a")
    broker.log.append("a", record_batch([b"a"]))
    with broker.log.open(topic, {0: 0}) as reader:
        reader.interrupt()
        assert reader.read(30) is None
        assert reader.read(30) is not None


def test_the_offset_of_a_time(broker: EmbeddedBroker) -> None:
    broker.topics.create("a", 2)
    for stamps in ([10, 20], [40, 30, 50], [25]):
        broker.log.append("a", record_batch([b""] * len(stamps), timestamps=stamps), 1)
    first = [broker.log.offset_at("a", time, {1: 0})[1] for time in (-5, 10, 11, 21, 40, 41, 51, 1 << 70)]
    assert first == [0, 0, 1, 2, 2, 4, 6, 6]
    assert broker.log.offset_at("a", 10, {0: 0})[0] == 0


def test_the_offset_of_a_time_from_an_offset_on(broker: EmbeddedBroker) -> None:
    broker.topics.create("a")
    for stamps in ([10, 90, 20], [40, 30], [25]):
        broker.log.append("a", record_batch([b""] * len(stamps), timestamps=stamps))
    assert [broker.log.offset_at("a", 25, {0: start})[0] for start in (-1, 1, 2, 4, 5, 6, 1 << 70)] == [
        1,
        1,
        3,
        4,
        5,
        6,
        6,
    ]
    broker.log.trim("a", 0, 3)
    assert broker.log.offset_at("a", 5, {0: 0})[0] == 3
    with pytest.raises(UnknownTopicError):
        broker.log.offset_at("b", 5, {0: 0})[0]
