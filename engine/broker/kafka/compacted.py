"""Compacted topics of this program's own: the newest record of each key counts."""

import threading
import time
from collections.abc import Mapping

from engine.broker.kafka.clients import Clients
from engine.broker.kafka.offsets import log_end
from engine.broker.kafka.reader import KafkaReader
from engine.broker.kafka.topics import KafkaTopics
from engine.broker.log import READ_BYTES, READ_RECORDS
from engine.broker.topics import Topic, TopicOptions
from engine.errors import BrokerError
from engine.records.batch import Record

LARGEST_BYTES = 17 << 20
"""The largest record, with its key and its headers."""
REPLICAS = 3
READ_SECONDS = 30.0
"""How long to wait for what is there: longer than the transaction of a process that was killed stays open."""


class CompactedTopic:
    """What one such topic holds, with one partition. Any thread may use it."""

    def __init__(self, clients: Clients, topics: KafkaTopics, name: str, prefix: bytes = b"") -> None:
        """Only keys that begin with `prefix` are kept in memory."""
        self._clients = clients
        self._topics = topics
        self._name = name
        self._prefix = prefix
        self._lock = threading.Lock()
        self._topic: Topic | None = None
        self._position = 0
        self._records: dict[bytes, Record] = {}

    def create(self) -> None:
        """Create the topic, unless it exists; `BrokerError`."""
        if self._topics.find(self._name) is not None:
            return
        cluster = self._clients.result(self._clients.admin.describe_cluster(), "describe the cluster")
        config = {"cleanup.policy": "compact", "max.message.bytes": str(LARGEST_BYTES)}
        options = TopicOptions(replicas=min(REPLICAS, len(cluster.nodes)), config=config)
        try:
            self._topics.create(self._name, 1, options)
        except BrokerError:
            if self._topics.find(self._name) is None:  # else another process has created it meanwhile
                raise

    def records(self) -> Mapping[bytes, Record]:
        """The newest record of each key that is not a tombstone; all that was appended before is seen."""
        with self._lock:
            found = self._topics.find(self._name)
            if found is None:
                self._topic, self._records = None, {}
                return {}
            if self._topic is None or found.id != self._topic.id:
                self._topic, self._position, self._records = found, 0, {}
            self._read(found)
            return dict(self._records)

    def _read(self, topic: Topic) -> None:
        end = log_end(self._clients, self._name, 0)
        if self._position >= end:
            return
        deadline = time.monotonic() + READ_SECONDS
        positions, ends = {0: self._position}, {0: end}
        with KafkaReader(self._clients, topic, positions, ends, READ_RECORDS, READ_BYTES) as reader:
            while self._position < end:
                batch = reader.read(1)
                if batch is None:
                    if time.monotonic() > deadline:
                        raise BrokerError(f"topic '{topic.name}' cannot be read to its end")
                    continue
                for index in range(len(batch)):
                    self._take(batch.record(index))
                self._position = batch.next_offset

    def _take(self, record: Record) -> None:
        if record.key is None or not record.key.startswith(self._prefix):
            return
        if record.value is None:
            self._records.pop(record.key, None)
        else:
            self._records[record.key] = record
