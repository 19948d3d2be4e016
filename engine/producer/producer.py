"""Appends records to a topic: to the partition of each, and no faster than a rate."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from engine.broker.log import Appended, Log, NewRecords
from engine.broker.topics import Topic
from engine.errors import DeletedTopicError, UnknownTopicError
from engine.producer.partitioner import Partitioner, Partitions
from engine.producer.transform import Parts, ProducerTransform
from engine.rate_limiter import RateLimiter


def _pause(seconds: float) -> bool:
    time.sleep(seconds)
    return True


class Producer:
    """Appends to one topic, and counts what the broker has acknowledged. Any thread may use it."""

    def __init__(
        self,
        log: Log,
        topic: Topic,
        *,
        rate_limit: float | None = None,
        pause: Callable[[float], bool] = _pause,
        transform: ProducerTransform | None = None,
    ) -> None:
        """`rate_limit` is in records per second; None for no limit.

        `pause` waits for some seconds, and returns whether to continue; if not, the rest is not appended.
        `transform` makes what is appended of the records; the rate is that of its outputs.
        """
        self._log = log
        self._topic = topic
        self._partitioner = Partitioner(topic.partitions, log.key_hashes)
        self._rate_limiter = RateLimiter(rate_limit)
        self._pause = pause
        self._transform = transform
        self._evaluating = threading.Lock()
        self._lock = threading.Lock()
        self.records = 0
        """Records acknowledged."""
        self.bytes = 0
        """Bytes of their values."""

    def append(self, records: pa.RecordBatch, partitions: Partitions | None = None) -> list[Appended]:
        """Append records (`SCHEMA`), and return where they are, once the broker has acknowledged them.

        `partitions` says where each has to go, or `ANY_PARTITION`; outputs go where their input has to.
        `DeletedTopicError` if the topic is gone; otherwise as `Log.append` and `ProducerTransform.outputs`.
        """
        if self._transform is not None:
            return self._append_outputs(self._transform, records, partitions)
        appended = []
        for start, count in self._slices(records.num_rows):
            wanted = None if partitions is None else partitions[start : start + count]
            with self._lock:
                parts = list(self._partitioner.split(records.slice(start, count), wanted))
            appended += self._append(parts)
        return appended

    def _append_outputs(
        self, transform: ProducerTransform, records: pa.RecordBatch, partitions: Partitions | None
    ) -> list[Appended]:
        """All is evaluated before anything is appended, since the request may be refused."""
        with self._lock:
            parts = list(self._partitioner.split(records, partitions))
        with self._evaluating:
            parts = list(transform.outputs(parts))
        if self._rate_limiter.per_second is None:
            return self._append(parts)
        appended = []
        for partition, part in parts:
            for start, count in self._slices(part.num_rows):
                appended += self._append([(partition, part.slice(start, count))])
        return appended

    def _slices(self, count: int) -> Iterator[tuple[int, int]]:
        """The start and the length of each slice, when it is due."""
        limiter = self._rate_limiter
        if limiter.per_second is None:
            yield 0, count
            return
        start = 0
        while start < count and self._pause(limiter.wait or 0.0):
            due = min(limiter.due or 0, count - start)
            if due:
                yield start, due
            limiter.take(due)
            start += due

    def _append(self, parts: Parts) -> list[Appended]:
        new = [NewRecords(topic=self._topic.name, partition=p, records=records) for p, records in parts]
        appended = []
        try:
            for place, one in zip(self._log.append_all(new), new, strict=True):
                appended.append(place)
                self._count(one.records)
        except UnknownTopicError as error:
            raise DeletedTopicError(self._topic.name) from error
        return appended

    def _count(self, records: pa.RecordBatch) -> None:
        values = cast("pa.BinaryArray", records.column("value"))
        with self._lock:
            self.records += records.num_rows
            self.bytes += pc.sum(pc.binary_length(values)).as_py() or 0
