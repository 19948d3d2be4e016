"""A broker whose records are decoded as they are read: all who use it see JSON."""

from dataclasses import replace

from engine.broker.broker import Broker
from engine.broker.connection import Connection
from engine.broker.forwarding_log import ForwardingLog
from engine.broker.log import NO_ENDS, READ_BYTES, READ_RECORDS, Log, Positions, Reader
from engine.broker.topics import Topic
from engine.records.batch import Batch
from engine.schemas.decoding import Decoding, TopicDecoding


class DecodedBroker(Broker):
    """Another broker. What is appended is not encoded."""

    def __init__(self, broker: Broker, decoding: TopicDecoding) -> None:
        """`broker` is closed with this one."""
        self._broker = broker
        self.name = broker.name
        self.features = broker.features
        self.damage = broker.damage
        self.topics = broker.topics
        self.log = _Log(broker.log, decoding)
        self.consumers = broker.consumers
        self.modules = broker.modules
        # What runs beside the log sees what the log has.
        self.remote = None
        self.read_only = broker.read_only

    def connection(self) -> Connection:
        return self._broker.connection()

    def close(self) -> None:
        self._broker.close()


class _Log(ForwardingLog):
    def __init__(self, log: Log, decoding: TopicDecoding) -> None:
        super().__init__(log)
        self._decoding = decoding

    def open(
        self,
        topic: Topic,
        positions: Positions,
        *,
        ends: Positions = NO_ENDS,
        max_records: int = READ_RECORDS,
        max_bytes: int = READ_BYTES,
    ) -> Reader:
        reader = super().open(topic, positions, ends=ends, max_records=max_records, max_bytes=max_bytes)
        return _Reader(reader, self._decoding.of(topic.name))

    def page(self, topic: str, partition: int, before: int, count: int, max_bytes: int = READ_BYTES) -> Batch:
        page = super().page(topic, partition, before, count, max_bytes)
        return _decoded(page, self._decoding.of(topic))


class _Reader(Reader):
    """`RegistryError` while a schema cannot be fetched; the next read decodes the same records."""

    def __init__(self, reader: Reader, decoding: Decoding) -> None:
        self._reader = reader
        self._decoding = decoding
        self._read: Batch | None = None
        """What is still to be decoded."""

    def read(self, timeout: float) -> Batch | None:
        if self._read is None:
            self._read = self._reader.read(timeout)
        if self._read is None:
            return None
        decoded = _decoded(self._read, self._decoding)
        self._read = None
        return decoded

    def interrupt(self) -> None:
        self._reader.interrupt()

    def close(self) -> None:
        self._reader.close()


def _decoded(batch: Batch, decoding: Decoding) -> Batch:
    return replace(batch, records=decoding.records(batch.records)) if len(batch) else batch
