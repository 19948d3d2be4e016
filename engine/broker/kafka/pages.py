"""Reading pages: the last records before an offset, wherever that is."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from engine.broker.kafka import settings
from engine.broker.kafka.clients import ANSWER_SECONDS, SLICE, Clients
from engine.broker.kafka.damage import damage_end
from engine.broker.kafka.decode import batch_of, no_collection
from engine.broker.kafka.errors import broker_error, unreachable
from engine.broker.kafka.offsets import clamped, offset_ranges
from engine.errors import BrokerError
from engine.records.batch import Batch, record_batch
from engine.records.sizes import within

KEPT = 4
"""Consumers that are kept for the next page: a new one costs more time than a page."""
MOST_MESSAGES = 2_048


class Pages:
    """Reads pages, each with a consumer of its own while it does. Any thread may use it."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._lock = threading.Lock()
        self._idle: list[Consumer] = []

    def page(self, topic: str, partition: int, before: int, count: int, max_bytes: int) -> Batch:
        """The last `count` records before an offset, as `Log.page`."""
        held = offset_ranges(self._clients, topic, [partition])[partition]
        before = min(clamped(before), held.end)
        span, start = count, before
        found = Batch.consecutive(partition, before, record_batch([]))
        with self._consumer() as consumer:
            # Where compaction has removed records, it takes more offsets to find as many.
            while len(found) < count and start > held.start:
                start = max(before - span, held.start)
                place = TopicPartition(topic, partition, start)
                messages = self._between(consumer, place, before, count, max_bytes)
                if messages:
                    found = within(batch_of(partition, messages), count, max_bytes, newest=True)
                    if len(found) < len(messages):
                        break
                span *= 4
        return Batch(partition=partition, records=found.records, offsets=found.offsets, next_offset=before)

    def first(self, topic: str, partition: int, start: int, timestamp: int, end: int) -> int:
        """The offset of the first record from `start` on, before `end`, at or after a time; or the end."""
        with self._consumer() as consumer:
            place = TopicPartition(topic, partition, start)
            for message in self._read(consumer, place, end):
                if message.timestamp()[1] >= timestamp:
                    return message.offset() or 0
        return end

    def _between(
        self, consumer: Consumer, place: TopicPartition, before: int, count: int, max_bytes: int
    ) -> list[Message]:
        """The newest messages from a place to before an offset, at most `count` and about `max_bytes`."""
        kept: deque[Message] = deque(maxlen=count)
        size = 0
        for message in self._read(consumer, place, before):
            if len(kept) == kept.maxlen:
                size -= len(kept[0])
            kept.append(message)
            size += len(message)
            while size - len(kept[0]) > max_bytes:
                size -= len(kept.popleft())
        return list(kept)

    def _read(self, consumer: Consumer, place: TopicPartition, end: int) -> Iterator[Message]:
        consumer.assign([place])
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline:
            self._clients.check_open()
            first = consumer.poll(SLICE)
            if first is None:
                continue
            with no_collection():
                for message in [first, *consumer.consume(MOST_MESSAGES, 0)]:
                    error, offset = message.error(), message.offset() or 0
                    if error is not None and error.code() == KafkaError._BAD_MSG:
                        consumer.assign([self._after_damage(place, offset)])
                        break
                    if error is not None and error.code() != KafkaError._PARTITION_EOF:
                        self._refused(error, place)
                    elif error is not None or offset >= end:
                        return
                    else:
                        yield message
                        if offset == end - 1:
                            return
            self._clients.monitor.answered()
        raise unreachable(self._clients.name, self._clients.monitor.problem or "reading a page took too long")

    def _after_damage(self, place: TopicPartition, base: int) -> TopicPartition:
        stop = damage_end(self._clients, place.topic, place.partition, base)
        return TopicPartition(place.topic, place.partition, stop)

    def _refused(self, error: KafkaError, place: TopicPartition) -> None:
        if error.code() == KafkaError._AUTO_OFFSET_RESET:
            raise BrokerError(
                f"the records of topic '{place.topic}', partition {place.partition}, were removed meanwhile"
            )
        if not error.retriable():
            raise broker_error(error, f"read topic '{place.topic}'", self._clients.name)
        self._clients.monitor.on_error(error)

    @contextmanager
    def _consumer(self) -> Iterator[Consumer]:
        self._clients.check_open()
        with self._lock:
            consumer = self._idle.pop() if self._idle else None
        consumer = consumer or self._clients.consumer(settings.PAGES)
        try:
            yield consumer
            consumer.unassign()
        except BaseException:
            consumer.close()
            raise
        with self._lock:
            if len(self._idle) < KEPT and not self._clients.closed:
                self._idle.append(consumer)
                return
        consumer.close()

    def close(self) -> None:
        """Free the consumers. May be called again."""
        with self._lock:
            idle, self._idle = self._idle, []
        for consumer in idle:
            with suppress(KafkaException):
                consumer.close()
