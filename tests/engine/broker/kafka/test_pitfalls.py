"""Where Kafka's client surprises: a test for each pitfall, by its number in the notes on the adapter."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest
from confluent_kafka import Message, Producer, TopicPartition

from engine.broker.kafka import reader as reader_module
from engine.broker.kafka import settings
from engine.broker.kafka.broker import KafkaBroker
from engine.broker.kafka.decode import batch_of
from engine.broker.kafka.key_hash import murmur2
from engine.broker.log import Reader
from engine.errors import (
    BrokerUnreachableError,
    ConsumerInUseError,
    DeletedTopicError,
    UnknownTopicError,
)
from engine.records.batch import Batch, record_batch
from tests.engine.broker.kafka.conftest import SILENT, connect
from tests.kafka_cluster import Cluster
from tests.reading import read, spans, values
from tests.waiting import PATIENCE, wait_for

InThread = Callable[[Callable[[], object]], "Future[object]"]


def fill(broker: KafkaBroker, topic: str, count: int, text: str = "") -> None:
    broker.log.append(topic, record_batch([f"{text}{n}".encode() for n in range(count)]))


def everything(reader: Reader) -> list[Batch]:
    found = []
    while (batch := reader.read(0)) is not None:
        found.append(batch)
    return found


def test_1_a_jump_does_not_wait_for_records(broker: KafkaBroker, topic: str) -> None:
    broker.topics.create(topic)
    fill(broker, topic, 500)
    jumps = []
    for before in range(40, 500, 20):
        started = time.monotonic()
        page = broker.log.page(topic, 0, before, 20)
        jumps.append(time.monotonic() - started)
        assert list(page.offsets) == list(range(before - 20, before))
    # By default each takes half a second, also on an idle machine.
    assert min(jumps) < 0.4


def test_2_a_read_does_not_wait_for_more_than_there_is(broker: KafkaBroker, topic: str) -> None:
    broker.topics.create(topic)
    fill(broker, topic, 3)
    started = time.monotonic()
    with broker.log.open(broker.topics.get(topic), {0: 0}) as reader:
        batch = reader.read(2 * PATIENCE)
    assert batch is not None
    assert time.monotonic() - started < PATIENCE


def test_3_what_is_fetched_ahead_is_bounded_for_each_consumer() -> None:
    for config in (settings.CONSUMER, settings.PAGES):
        assert int(config["queued.max.messages.kbytes"]) <= 8_192
        assert "queued.max.messages.kbytes" not in settings.PRODUCER
        assert int(config["fetch.queue.backoff.ms"]) <= 5


def test_4_messages_are_taken_in_moderate_lists(
    broker: KafkaBroker, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[int] = []

    def counted(partition: int, messages: Sequence[Message]) -> Batch:
        decoded.append(len(messages))
        return batch_of(partition, messages)

    monkeypatch.setattr(reader_module, "batch_of", counted)
    broker.topics.create(topic)
    fill(broker, topic, 6_000)
    with broker.log.open(broker.topics.get(topic), {0: 0}, max_records=5_000) as reader:
        found = everything(reader)
    assert sum(map(len, found)) == sum(decoded) == 6_000
    assert max(map(len, found)) <= 5_000
    assert max(decoded) <= 2_048


def test_5_to_ask_for_a_topic_does_not_create_it(tmp_path: Path, kafka: Cluster) -> None:
    config = {"auto.create.topics.enable": "true"}
    with Cluster(config=config, folder=tmp_path / "kafka") as creates, connect(creates.bootstrap) as broker:
        calls: list[Callable[[], object]] = [
            lambda: broker.topics.get("typo"),
            lambda: broker.log.offsets("typo"),
            lambda: broker.log.page("typo", 0, 5, 5),
            lambda: broker.log.append("typo", record_batch([b"a"])),
            lambda: broker.consumers.claim("c1", "typo"),
        ]
        for call in calls:
            with pytest.raises(UnknownTopicError):
                call()
        assert broker.topics.names() == []


def test_6_a_topic_that_is_created_again_is_not_read_on(
    broker: KafkaBroker, topic: str, in_thread: InThread
) -> None:
    old = broker.topics.create(topic)
    fill(broker, topic, 5, "old")
    with broker.log.open(old, {0: 0}) as reader:
        assert sum(map(len, everything(reader))) == 5
        waiting = in_thread(lambda: reader.read(60))
        broker.topics.delete(topic)
        broker.topics.create(topic)
        fill(broker, topic, 8, "new")
        assert isinstance(waiting.exception(60), DeletedTopicError)


def test_7_what_retention_has_removed_is_counted(kafka: Cluster, broker: KafkaBroker, topic: str) -> None:
    broker.topics.create(topic)
    fill(broker, topic, 10)
    place = TopicPartition(topic, 0, 7)
    kafka.admin.delete_records([place])[place].result(PATIENCE)
    with broker.log.open(broker.topics.get(topic), {0: 2}) as reader:
        found = everything(reader)
    assert sum(batch.lost for batch in found) == 5
    assert [offset for batch in found for offset in batch.offsets] == [7, 8, 9]


def test_7_a_position_after_the_end_waits_for_it(broker: KafkaBroker, topic: str) -> None:
    broker.topics.create(topic)
    fill(broker, topic, 3)
    with broker.log.open(broker.topics.get(topic), {0: 5}) as reader:
        assert reader.read(0) is None
        fill(broker, topic, 4)
        batch = reader.read(PATIENCE)
    assert batch is not None
    assert list(batch.offsets) == [5, 6]


def test_8_an_open_transaction_is_the_end(broker: KafkaBroker, topic: str, transaction: Producer) -> None:
    known = broker.topics.create(topic)
    fill(broker, topic, 3)
    transaction.produce(topic, b"open")
    transaction.flush(30)
    fill(broker, topic, 2, "behind")
    assert spans(broker, topic) == {0: (0, 3)}
    with broker.log.open(known, {0: 0}, ends={0: 3}) as reader:
        assert sum(map(len, everything(reader))) == 3
    transaction.commit_transaction(30)
    wait_for(lambda: spans(broker, topic), lambda found: found == {0: (0, 7)})
    assert values(broker, topic) == [b"0", b"1", b"2", b"open", b"behind0", b"behind1"]


def test_9_a_reader_comes_to_an_end_without_a_record(
    broker: KafkaBroker, topic: str, transaction: Producer
) -> None:
    known = broker.topics.create(topic)
    fill(broker, topic, 1)
    for _ in range(3):
        transaction.produce(topic, b"aborted")
    transaction.flush(30)
    transaction.abort_transaction(30)
    end = wait_for(lambda: broker.log.offsets(topic)[0].end, lambda end: end == 5)
    with broker.log.open(known, {0: 0}, ends={0: end}) as reader:
        found = everything(reader)
    assert [offset for batch in found for offset in batch.offsets] == [0]
    assert found[-1].next_offset == end
    assert list(broker.log.page(topic, 0, end, 10).offsets) == [0]


def test_10_keys_go_where_java_puts_them(kafka: Cluster, broker: KafkaBroker, topic: str) -> None:
    broker.topics.create(topic, 6)
    keys = [b"k" * length + b"%d" % length for length in range(40)] + [b"a", b"order-1", b"\xff\x80"]
    config = {"bootstrap.servers": kafka.bootstrap, "partitioner": "murmur2_random"}
    producer = Producer(config, logger=SILENT)
    placed: dict[bytes, int] = {}
    for key in keys:
        producer.produce(topic, b"", key, on_delivery=lambda _, m: placed.update({m.key(): m.partition()}))
    producer.flush(30)
    assert dict(zip(keys, (broker.log.key_hashes(keys) % 6).tolist(), strict=True)) == placed
    assert (murmur2([b"a", b"order-1"]) % 6).tolist() == [4, 4]


def test_11_headers_and_times_are_kept_also_where_the_queue_is_full(kafka: Cluster, topic: str) -> None:
    count = 5_000
    with connect(kafka.bootstrap, queue_buffering_max_messages="100") as broker:
        broker.topics.create(topic)
        records = record_batch(
            [b"%d" % n for n in range(count)],
            timestamps=range(1, count + 1),
            headers=[{"n": b"%d" % n} for n in range(count)],
        )
        appended = broker.log.append(topic, records)
        assert (appended.first, appended.last) == (0, count - 1)
        batch = read(broker, topic, 0, count - 1)
        assert (batch.record(0).timestamp, batch.record(0).headers) == (count, (("n", b"4999"),))
        assert values(broker, topic) == records.column("value").to_pylist()


def test_13_a_client_writes_nothing_on_the_screen(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BrokerUnreachableError, match="refused"):
        connect("127.0.0.1:1")
    assert capfd.readouterr() == ("", "")


def test_14_a_waiting_reader_ends_with_its_broker(kafka: Cluster, topic: str, in_thread: InThread) -> None:
    broker = connect(kafka.bootstrap)
    known = broker.topics.create(topic)
    with broker.log.open(known, {0: 0}) as reader:
        waiting = in_thread(lambda: reader.read(2 * PATIENCE))
        broker.close()
        assert waiting.result(PATIENCE) is None


def test_15_positions_of_a_running_consumer_stay(broker: KafkaBroker, topic: str) -> None:
    broker.topics.create(topic)
    with broker.consumers.claim(topic, topic) as claim:
        claim.commit({0: 5})
        with pytest.raises(ConsumerInUseError):
            broker.consumers.delete_positions(topic)
        assert claim.positions() == {0: 5}
    assert [one.offset for one in broker.consumers.saved_positions() if one.consumer == topic] == [5]


def test_hashes_do_not_depend_on_what_else_is_hashed() -> None:
    keys = [b"x" * length for length in (3, 1, 4, 1, 5, 0, 2)]
    alone = [int(murmur2([key])[0]) for key in keys]
    assert murmur2(keys).tolist() == alone
    assert np.all(murmur2(keys) >= 0)
