"""A Kafka cluster for the contract suite, emptied before each test."""

import logging
import time
from collections.abc import Iterable

import pytest
from confluent_kafka import Producer, TopicPartition

from engine.broker.address import parse_address
from engine.broker.kafka.broker import KafkaBroker
from tests.contract.implementations import Gaps, Implementation
from tests.kafka_cluster import Cluster

SILENT = logging.Logger("tests", logging.CRITICAL + 1)


class OnKafka(Implementation):
    broker: KafkaBroker
    earliest = 1

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.broker = KafkaBroker.connect(parse_address(f"kafka://{cluster.bootstrap}"))
        self._admin = cluster.admin
        names = self.broker.topics.names()
        for name in names:
            self.broker.topics.delete(name)
        while self.broker.topics.names():
            time.sleep(0.01)
        for name in self.broker.modules.names():
            self.broker.modules.remove(name)

    def retain(self, topic: str, start: int, partition: int = 0) -> None:
        place = TopicPartition(topic, partition, start)
        assert self._admin.delete_records([place])[place].result(10).low_watermark == start

    def damage(self, topic: str, start: int, stop: int, partition: int = 0) -> None:
        pytest.skip("brokers do not send what is damaged on their disks")

    def gaps(self) -> Gaps:
        return TransactionGaps(self._cluster)


class TransactionGaps(Gaps):
    """Aborted transactions leave offsets without a record."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def compact(self, topic: str, removed: Iterable[int], partition: int = 0) -> None:
        pytest.skip("compaction removes records by their keys")

    def skip(self, topic: str, offsets: int, partition: int = 0) -> None:
        config = {"bootstrap.servers": self._cluster.bootstrap, "transactional.id": "gaps"}
        producer = Producer(config, logger=SILENT)
        producer.init_transactions(10)
        producer.begin_transaction()
        for _ in range(offsets - 1):
            producer.produce(topic, b"aborted", partition=partition)
        producer.flush(10)
        producer.abort_transaction(10)
