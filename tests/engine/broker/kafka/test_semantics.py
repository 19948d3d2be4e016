"""What is different in Kafka: compaction, times that the broker gives, records that it refuses."""

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import NewPartitions

from engine.broker.kafka.broker import KafkaBroker
from engine.broker.kafka.groups.note import Note
from engine.broker.topics import TopicOptions
from engine.errors import BrokerError, RecordTooLargeError
from engine.records.batch import now_ms, record_batch
from tests.engine.broker.kafka.conftest import SILENT, connect
from tests.kafka_cluster import Cluster
from tests.reading import read, spans, values
from tests.waiting import PATIENCE, wait_for


def test_a_compacted_topic_is_read_with_its_gaps(broker: KafkaBroker, topic: str) -> None:
    config = {"cleanup.policy": "compact", "segment.ms": "100", "max.compaction.lag.ms": "100"}
    broker.topics.create(topic, options=TopicOptions(config=config))
    (found,) = broker.topics.describe(topic)
    assert found.options.config["cleanup.policy"] == "compact"
    assert (found.partitions[0].leader, found.partitions[0].in_sync) == (0, (0,))
    keys = [b"%d" % (n % 3) for n in range(20)]
    broker.log.append(topic, record_batch([b"%d" % n for n in range(20)], keys=keys))

    def kept() -> list[bytes | None]:
        # a segment is only closed by another record
        broker.log.append(topic, record_batch([b"last"], keys=[b"last"]))
        return [value for value in values(broker, topic) if value != b"last"]

    wait_for(kept, lambda found: found == [b"17", b"18", b"19"])
    batch = read(broker, topic, 0, 0)
    assert (batch.first_offset, batch.lost) == (17, 0)
    assert list(broker.log.page(topic, 0, 20, 2).offsets) == [18, 19]
    with pytest.raises(BrokerError, match=r"1 of 1 records were not stored .* index 0"):
        broker.log.append(topic, record_batch([b"without a key"]))


def test_a_broker_may_set_the_times(broker: KafkaBroker, topic: str) -> None:
    config = {"message.timestamp.type": "LogAppendTime"}
    broker.topics.create(topic, options=TopicOptions(config=config))
    before = now_ms()
    broker.log.append(topic, record_batch([b"a"], timestamps=5))
    stamp = read(broker, topic, 0, 0).timestamp(0)
    assert before - 1000 <= stamp <= now_ms() + 1000
    assert broker.log.offset_at(topic, 5, {0: 0}) == {0: 0}


def test_headers_may_have_no_value(kafka: Cluster, broker: KafkaBroker, topic: str) -> None:
    broker.topics.create(topic)
    producer = Producer({"bootstrap.servers": kafka.bootstrap}, logger=SILENT)
    producer.produce(topic, b"v", headers=[("none", None), ("empty", b""), ("none", b"x")])
    producer.flush(30)
    record = read(broker, topic, 0, 0).record(0)
    assert record.headers == (("none", None), ("empty", b""), ("none", b"x"))
    assert record.size == 1 + len("none") + len("empty") + len("none") + 1


def test_a_record_that_is_too_large_is_named(broker: KafkaBroker, topic: str) -> None:
    broker.topics.create(topic, options=TopicOptions(config={"max.message.bytes": "5000"}))
    broker.log.append(topic, record_batch([b"small"]))
    with pytest.raises(RecordTooLargeError, match="index 0"):
        broker.log.append(topic, record_batch([b"x" * 20_000]))
    with pytest.raises(RecordTooLargeError, match="the record at index 1 has 2,000,000 bytes"):
        broker.log.append(topic, record_batch([b"", b"x" * 2_000_000]))
    assert values(broker, topic) == [b"small"]


def test_a_time_that_the_client_would_replace_is_refused(broker: KafkaBroker, topic: str) -> None:
    broker.topics.create(topic)
    with pytest.raises(BrokerError, match="index 1 has the timestamp 0"):
        broker.log.append(topic, record_batch([b"a", b"b"], timestamps=[5, 0]))
    assert values(broker, topic) == []


def test_partitions_that_are_added_are_found_and_read(
    kafka: Cluster, broker: KafkaBroker, topic: str
) -> None:
    broker.topics.create(topic)
    broker.log.append(topic, record_batch([b"old"]))
    assert spans(broker, topic) == {0: (0, 1)}
    kafka.admin.create_partitions([NewPartitions(topic, 3)])[topic].result(PATIENCE)
    known = wait_for(lambda: broker.topics.get(topic), lambda found: found.partitions == 3)
    broker.log.append(topic, record_batch([b"new"]), 2)
    assert spans(broker, topic) == {0: (0, 1), 1: (0, 0), 2: (0, 1)}
    with broker.log.open(known, {0: 1, 1: 0, 2: 0}) as reader:
        batch = reader.read(PATIENCE)
    assert batch is not None
    assert (batch.partition, list(batch.offsets)) == (2, [0])


def test_a_page_has_no_hole(broker: KafkaBroker, topic: str) -> None:
    broker.topics.create(topic)
    sizes = [1 + n % 3_000 for n in range(20_000)]
    broker.log.append(topic, record_batch([b"x" * size for size in sizes]))
    for max_bytes in (10_000, 1 << 20, 1 << 30):
        page = broker.log.page(topic, 0, 19_000, 18_000, max_bytes)
        first = page.first_offset
        assert list(page.offsets) == list(range(first, 19_000))
        assert page.records.column("value").to_pylist() == [b"x" * size for size in sizes[first:19_000]]
        assert sum(sizes[first:19_000]) <= max_bytes
    assert first == 1_000


def test_internal_topics_are_not_listed(broker: KafkaBroker, topic: str) -> None:
    broker.topics.create(topic)
    with broker.consumers.claim(topic, topic) as claim:
        claim.commit({0: 0})
    assert topic in broker.topics.names()
    assert not [name for name in broker.topics.names() if name.startswith("__")]


def test_positions_of_other_programs_are_listed(kafka: Cluster, broker: KafkaBroker, topic: str) -> None:
    from confluent_kafka import Consumer, TopicPartition

    broker.topics.create(topic)
    config = {"bootstrap.servers": kafka.bootstrap, "group.id": topic, "enable.auto.commit": False}
    other = Consumer(config, logger=SILENT)
    other.commit(offsets=[TopicPartition(topic, 0, 0, "a note of its own")], asynchronous=False)
    other.close()
    (found,) = [one for one in broker.consumers.saved_positions() if one.consumer == topic]
    assert (found.topic, found.offset, found.committed) == (topic, 0, None)
    assert broker.consumers.delete_positions(topic) == [topic]


def test_a_note_reads_what_it_wrote() -> None:
    for note in (Note(topic_id="a", committed=5), Note(topic_id="b", committed=0, forgotten=True)):
        assert Note.read(note.written()) == note
    for text in (None, "", "x", "fluvio-tui a", "fluvio-tui a b", "other a 5"):
        assert Note.read(text) is None


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("auto_offset_reset", "earliest", "skip or repeat records"),
        ("enable_idempotence", "false", "could store records twice"),
        ("acks", "1", "all in-sync replicas"),
        ("sasl_jaas_config", "x", "sasl.username"),
        ("plugin_library_paths", "x", "foreign code"),
        ("no_such_setting", "x", "no_such_setting|no.such.setting"),
    ],
)
def test_settings_that_break_promises_are_refused(name: str, value: str, reason: str) -> None:
    with pytest.raises(BrokerError) as raised:
        connect("127.0.0.1:1", **{name: value})
    assert any(part in f"{raised.value.message} {raised.value.remedy}" for part in reason.split("|"))


def test_a_wrong_password_is_an_error_with_its_words(kafka: Cluster) -> None:
    sasl = {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN", "sasl_username": "user"}
    connect(kafka.sasl_bootstrap, **sasl, sasl_password="password").close()
    with pytest.raises(BrokerError, match=r"refuses .*: .*Invalid username or password") as raised:
        connect(kafka.sasl_bootstrap, **sasl, sasl_password="wrong-secret")
    assert "wrong-secret" not in str(raised.value)
