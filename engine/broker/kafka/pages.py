"""Reading pages: the last records before an offset, wherever that is."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from engine.broker.kafka import settings
from engine.broker.kafka.clients import ANSWER_SECONDS, SLICE, Clients
from engine.broker.kafka.damage import damage_end
from engine.broker.kafka.decode import batch_of, no_collection
from engine.broker.kafka.errors import broker_error, unreachable
from engine.broker.kafka.offsets import clamped, offset_ranges
from engine.errors import BrokerError
from engine.records.batch import Batch, concatenated, record_batch
from engine.records.sizes import within

KEPT = 4
"""Consumers that are kept for the next page: a new one costs more time than a page."""
MOST_MESSAGES = 2_048
MOST_OFFSETS = 16_384
"""How far back the first look goes: a page with large records would not keep what is read before them."""


class Pages:
    """Reads pages, each with a consumer of its own while it does. Any thread may use it."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._lock = threading.Lock()
        self._idle: list[Consumer] = []

    def page(self, topic: str, partition: int, before: int, count: int, max_bytes: int) -> Batch:
        """The last `count` records before an offset, as `Log.page`."""
        held = offset_ranges(self._clients, topic, [partition])[partition]
        before = stop = min(clamped(before), held.end)
        parts: list[Batch] = []
        span, missing, room = min(count, MOST_OFFSETS), count, max_bytes
        with self._consumer() as consumer:
            while missing > 0 and room > 0 and stop > held.start:
                start = max(stop - span, held.start)
                place = TopicPartition(topic, partition, start)
                messages, whole = self._between(consumer, place, stop, missing, room)
                if messages:
                    found = within(batch_of(partition, messages), missing, room, newest=True)
                    parts.insert(0, found)
                    missing -= len(found)
                    room = room - found.records.nbytes if whole and len(found) == len(messages) else 0
                # Where compaction has removed records, it takes more offsets to find as many.
                span = span if len(messages) * 4 > span else span * 4
                stop = start
        return replace(concatenated(*parts) if parts else _nothing(partition, before), next_offset=before)

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
    ) -> tuple[list[Message], bool]:
        """The newest messages from a place to before an offset, and whether those are all.

        At most `count` and about `max_bytes` of them are kept.
        """
        kept: deque[Message] = deque(maxlen=count)
        size = seen = 0
        for message in self._read(consumer, place, before):
            if len(kept) == kept.maxlen:
                size -= len(kept[0])
            kept.append(message)
            seen += 1
            size += len(message)
            while size - len(kept[0]) > max_bytes:
                size -= len(kept.popleft())
        return list(kept), len(kept) == seen

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


def _nothing(partition: int, offset: int) -> Batch:
    return Batch.consecutive(partition, offset, record_batch([]))
