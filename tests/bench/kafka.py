"""Kafka: what the adapter adds to its client, in this process and on a cluster of one node here."""

import logging
import time
from pathlib import Path

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition

from engine.broker.address import parse_address
from engine.broker.kafka.broker import KafkaBroker
from engine.broker.kafka.settings import CONSUMER, PRODUCER
from engine.consumer.consumer import Consumer as EngineConsumer
from engine.producer.producer import Producer as EngineProducer
from engine.records.batch import record_batch
from engine.runtime.smartstream import SmartStream
from tests.bench import kafka_dashboard
from tests.bench.report import in_turn, ratio, table
from tests.engine.runtime.wat_guests import by_hand
from tests.kafka_cluster import Cluster, missing

RECORDS = 400_000
PIECE = 16_000
TURNS = 5
VALUE = b'{"level": "info", "at": 1234567, "text": "%s"}' % (b"x" * 50)
_SILENT = logging.Logger("bench", logging.CRITICAL + 1)


def run(folder: Path) -> None:
    """Measure and print; only say so where there is no Kafka."""
    if reason := missing():
        print(f"\nKafka: {reason}")
        return
    with (
        Cluster(1, folder=folder / "kafka") as cluster,
        KafkaBroker.connect(parse_address(f"kafka://{cluster.bootstrap}")) as broker,
    ):
        for topic in ("bare", "adapter"):
            broker.topics.create(topic)
        _produce(cluster, broker)
        _consume(cluster, broker)
        kafka_dashboard.run(cluster, broker, folder)


def _produce(cluster: Cluster, broker: KafkaBroker) -> None:
    values = [VALUE] * PIECE
    producer = Producer({"bootstrap.servers": cluster.bootstrap, **PRODUCER}, logger=_SILENT)
    adapter = EngineProducer(broker.log, broker.topics.get("adapter"))
    records = record_batch(values, timestamps=1_700_000_000_000)

    def bare() -> float:
        started = time.perf_counter()
        for _ in range(0, RECORDS, PIECE):
            for value in values:
                producer.produce("bare", value, partition=0, timestamp=1_700_000_000_000)
            producer.flush()
        return time.perf_counter() - started

    def adapted() -> float:
        started = time.perf_counter()
        for _ in range(0, RECORDS, PIECE):
            adapter.append(records)
        return time.perf_counter() - started

    plain, ours = in_turn(TURNS, bare, adapted)
    table(
        f"produce: {RECORDS:,} records of {len(VALUE)} bytes, acknowledged by {PIECE:,}, median of {TURNS}",
        [
            ("confluent-kafka", f"{RECORDS / plain.median / 1e6:.2f} M/s", ""),
            ("Producer.append", f"{RECORDS / ours.median / 1e6:.2f} M/s", ""),
            ("Producer.append / confluent-kafka", f"{ratio(plain, ours):.2f}", "expected at least 0.8"),
        ],
    )


def _consume(cluster: Cluster, broker: KafkaBroker) -> None:
    module = SmartStream(by_hand("digit.wat"), name="digit")

    def bare() -> float:
        started = time.perf_counter()
        consumer = Consumer({"bootstrap.servers": cluster.bootstrap, **CONSUMER}, logger=_SILENT)
        consumer.assign([TopicPartition("bare", 0, 0)])
        count = 0
        while count < RECORDS:
            # As fast as it can: `consume` with a timeout waits for all of so many.
            first = consumer.poll(1)
            for message in () if first is None else (first, *consumer.consume(2_047, 0)):
                error = message.error()
                if error is None:
                    message.value()
                    count += 1
                else:
                    assert error.code() == KafkaError._PARTITION_EOF
        took = time.perf_counter() - started
        consumer.close()
        return took

    def evaluated() -> float:
        started = time.perf_counter()
        topic, ends = broker.topics.get("bare"), {0: RECORDS}
        with EngineConsumer(broker, topic, positions={0: 0}, ends=ends, smartstream=module) as consumer:
            while not consumer.finished:
                consumer.poll(1)
            return time.perf_counter() - started

    plain, ours = in_turn(TURNS, bare, evaluated)
    module.close()
    table(
        f"consume: {RECORDS:,} records of {len(VALUE)} bytes, from the first to the last, median of {TURNS}",
        [
            ("confluent-kafka", f"{RECORDS / plain.median / 1e6:.2f} M/s", ""),
            ("Consumer.poll, evaluated", f"{RECORDS / ours.median / 1e6:.2f} M/s", ""),
            ("evaluated / confluent-kafka", f"{ratio(plain, ours):.2f}", "expected at least 0.8"),
        ],
    )
