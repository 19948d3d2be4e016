"""Appends records with all acknowledgements, and finds which of them were refused."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from engine.broker.kafka.clients import ANSWER_SECONDS, SLICE, Clients, is_error
from engine.broker.kafka.decode import no_collection
from engine.broker.kafka.errors import UNKNOWN_TOPIC, words
from engine.broker.kafka.topic_watch import TopicWatch
from engine.broker.kafka.topics import KafkaTopics
from engine.broker.log import Appended, NewRecords, check_columns
from engine.broker.topics import unknown_topic
from engine.errors import BrokerError, DeletedTopicError, RecordTooLargeError
from engine.records.sizes import record_sizes

UNSTORABLE_TIME = 0
"""A timestamp that Kafka's client replaces by the present time."""
DOUBT_SECONDS = 0.3
"""Without an acknowledgement for this time, the cluster is asked whether the topic is still there."""
CLOSING_SECONDS = 5.0
"""How long closing waits for what was handed to the client."""


@dataclass(slots=True)
class Report:
    """What became of the records of one partition."""

    count: int
    done: int = 0
    first: int = -1
    last: int = -1
    failures: list[tuple[KafkaError, Message]] = field(default_factory=list)

    def delivered(self, error: KafkaError | None, message: Message) -> None:
        """What the client calls for each record."""
        self.done += 1
        if error is not None:
            self.failures.append((error, message))
            return
        offset = message.offset() or 0
        self.last = max(self.last, offset)
        if self.first < 0 or offset < self.first:
            self.first = offset


class Appender:
    """Appends through one producer, one request after another. Any thread may use it."""

    def __init__(
        self,
        clients: Clients,
        topics: KafkaTopics,
        max_record_bytes: int,
        make: Callable[[], Producer] | None = None,
    ) -> None:
        """`make` makes its producer, if that is a special one."""
        self._clients = clients
        self._make = make or clients.producer
        self._topics = topics
        self._max_record_bytes = max_record_bytes
        self._lock = threading.Lock()
        self._producer: Producer | None = None
        self._watches: dict[str, TopicWatch] = {}

    def append(self, appends: Sequence[NewRecords]) -> list[Appended]:
        """Append records to several partitions at once, each at least one; errors as `Log.append`."""
        for one in appends:
            check_records(one.records, self._max_record_bytes)
        with self._lock:
            watches = [self._known(one) for one in appends]
            producer = self._producer = self._producer or self._make()
            reports = [Report(count=one.records.num_rows) for one in appends]
            try:
                with no_collection():
                    for one, report in zip(appends, reports, strict=True):
                        self._produce(producer, one, report)
                    self._wait(producer, reports, watches)
            except BrokerError:
                self._drop(producer)
                raise
            if any(error.fatal() for report in reports for error, _ in report.failures):
                self._drop(producer)
        for one, report in zip(appends, reports, strict=True):
            self._check(one, report)
        return [
            Appended(partition=one.partition, first=report.first, last=report.last)
            for one, report in zip(appends, reports, strict=True)
        ]

    def close(self) -> None:
        """Wait for what is under way. May be called again."""
        with self._lock:
            if self._producer is not None:
                self._producer.flush(CLOSING_SECONDS)
                self._producer = None

    def _known(self, new: NewRecords) -> TopicWatch:
        """The watch of a topic; a record for one that is unknown would not be refused for a long time."""
        self._clients.check_open()
        watch = self._watches.get(new.topic)
        try:
            if watch is not None:
                watch.look(())
        except DeletedTopicError:
            watch = None
        if watch is None or new.partition >= watch.partitions:
            topic = self._topics.get(new.topic)
            topic.check_partition(new.partition)
            watch = self._watches[new.topic] = TopicWatch(self._clients, topic)
        return watch

    def _produce(self, producer: Producer, new: NewRecords, report: Report) -> None:
        produce, delivered, topic, partition = producer.produce, report.delivered, new.topic, new.partition
        deadline = time.monotonic() + ANSWER_SECONDS
        for key, value, stamp, headers in zip(*(c.to_pylist() for c in new.records.columns), strict=True):
            while True:
                try:
                    produce(topic, value, key, partition, delivered, None, stamp, headers)
                except BufferError:  # the queue is full
                    self._clients.check_open()
                    producer.poll(SLICE)
                    continue
                except KafkaException as error:
                    if is_error(error, KafkaError._UNKNOWN_PARTITION) and time.monotonic() < deadline:
                        self._learn_partitions(producer)
                        continue
                    with self._clients.errors(f"append to topic '{topic}'"):
                        raise
                break

    def _learn_partitions(self, producer: Producer) -> None:
        """Partitions that were added are unknown to the client at first."""
        self._clients.check_open()
        with self._clients.errors("list topics"):
            producer.list_topics(timeout=ANSWER_SECONDS)
        producer.poll(SLICE)

    def _wait(self, producer: Producer, reports: list[Report], watches: list[TopicWatch]) -> None:
        progress, moved = -1, time.monotonic()
        while (done := sum(report.done for report in reports)) < sum(report.count for report in reports):
            self._clients.check_open()
            if done > progress:
                progress, moved = done, time.monotonic()
            elif time.monotonic() - moved > DOUBT_SECONDS:
                for watch in watches:
                    watch.look((), now=True)
            producer.flush(SLICE)

    def _drop(self, producer: Producer) -> None:
        """Give up what is still under way, and the producer with it."""
        producer.purge()
        producer.flush(SLICE)
        self._producer = None
        self._watches.clear()

    def _check(self, new: NewRecords, report: Report) -> None:
        """Raise an error for what was not stored."""
        if not report.failures:
            self._clients.monitor.answered()
            return
        error, message = report.failures[0]
        where = f"in topic '{new.topic}', partition {new.partition}"
        if error.code() in UNKNOWN_TOPIC:
            raise unknown_topic(new.topic)
        count = f"{len(report.failures):,} of {report.count:,} records"
        if error.code() in (KafkaError._MSG_TIMED_OUT, KafkaError._PURGE_INFLIGHT):
            reason = self._clients.monitor.problem or "no acknowledgement came"
            raise BrokerError(
                f"it is not known whether {count} were stored {where}: {reason}",
                "look what the topic holds before you produce them again",
            )
        text = f"{count} were not stored {where}: the record at index {_index(new.records, message)}: "
        refused = RecordTooLargeError if error.code() == KafkaError.MSG_SIZE_TOO_LARGE else BrokerError
        raise refused(text + words(error), "all other records of the request were stored")


def check_records(records: pa.RecordBatch, max_record_bytes: int) -> None:
    """`ValueError` for other columns than `SCHEMA`, `BrokerError` for what Kafka's client cannot store."""
    check_columns(records)
    if not records.num_rows:
        return
    untimed = np.flatnonzero(records.column("timestamp").to_numpy() == UNSTORABLE_TIME)
    if len(untimed):
        raise BrokerError(
            f"the record at index {untimed[0]} has the timestamp 0, which Kafka's client cannot store",
            "use any other time",
        )
    sizes = record_sizes(records)
    if sizes.max() > max_record_bytes:
        largest = int(sizes.argmax())
        raise RecordTooLargeError(
            f"the record at index {largest} has {sizes[largest]:,} bytes, "
            f"more than the {max_record_bytes:,} that one may have",
            "produce smaller records, or raise --max-record-bytes and the topic's max.message.bytes",
        )


def _index(records: pa.RecordBatch, message: Message) -> int:
    """The index of a record that was refused: the client does not say which it is."""
    wanted = (message.key(), message.value())
    pairs = zip(records.column("key").to_pylist(), records.column("value").to_pylist(), strict=True)
    return next((index for index, pair in enumerate(pairs) if pair == wanted), 0)
