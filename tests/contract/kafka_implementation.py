"""A Kafka cluster for the contract suite, emptied before each test."""

import logging
import struct
import time
from collections.abc import Iterable

import pytest
from confluent_kafka import Producer, TopicPartition

from engine.broker.address import parse_address
from engine.broker.kafka.broker import KafkaBroker
from tests.contract.implementations import Gaps, Implementation
from tests.kafka_cluster import Cluster
from tests.waiting import PATIENCE

_HEADER = struct.Struct(">qi11xi")
"""Of a batch in a segment: first offset, length of what follows, and the last offset after the first."""
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
        assert self._admin.delete_records([place])[place].result(PATIENCE).low_watermark == start

    def damage(self, topic: str, start: int, stop: int, partition: int = 0) -> None:
        (segment,) = (self._cluster.nodes[0].folder / "data" / f"{topic}-{partition}").glob("*.log")
        log, at = segment.read_bytes(), 0
        while (found := _HEADER.unpack_from(log, at))[0] != start:
            at += 12 + found[1]
        assert found[2] == stop - start - 1
        with segment.open("r+b") as file:
            file.seek(at + 12 + found[1] - 1)
            file.write(bytes([log[at + 12 + found[1] - 1] ^ 1]))

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
