"""Reads partitions of a Fluvio topic in turn."""

import threading
import time
from collections import deque

import numpy as np
import pyarrow as pa

from engine.broker.fluvio.cluster import Cluster
from engine.broker.fluvio.protocol import spu
from engine.broker.fluvio.protocol.records import CodecPool
from engine.broker.fluvio.stream import PartitionStream, Result, StreamRange
from engine.broker.log import Positions, Reader
from engine.broker.topics import Topic
from engine.errors import BrokerClosedError, DeletedTopicError, EngineError
from engine.records.batch import Batch, concatenated
from engine.records.sizes import bytes_before

_AHEAD_BYTES = 4 << 20
"""Of a partition's records that wait to be read: its stream pauses there."""
_KNOWN_SECONDS = 0.5
"""How long a read waits for records that are known to be there, and the first one for all partitions."""


class FluvioReader(Reader):
    """A stream for each partition, and what has arrived from them."""

    def __init__(
        self,
        cluster: Cluster,
        codecs: CodecPool,
        topic: Topic,
        positions: Positions,
        ends: Positions,
        max_records: int,
        max_bytes: int,
    ) -> None:
        self._cluster = cluster
        self._max_records = max(max_records, 1)
        self._max_bytes = max_bytes
        self._changed = threading.Condition()
        self._arrived: dict[int, deque[Batch | EngineError]] = {p: deque() for p in positions}
        self._unknown = {p for p, offset in positions.items() if offset < ends.get(p, spu.LARGEST_OFFSET)}
        self._behind = {*self._unknown}
        self._turns = deque(positions)
        self._interrupted = self._closed = False
        self._ended: EngineError | None = None
        self._streams = [
            PartitionStream(cluster, codecs, topic, _range(p, offset, ends), self._give)
            for p, offset in positions.items()
        ]

    def read(self, timeout: float) -> Batch | None:
        began = time.monotonic()
        with self._changed:
            try:
                while True:
                    self._cluster.check_open()
                    waited = time.monotonic() - began
                    found = None if self._interrupted or self._starting(waited) else self._next()
                    left = (max(timeout, _KNOWN_SECONDS) if self._behind else timeout) - waited
                    if found is not None or self._interrupted or self._closed or left <= 0:
                        return found
                    self._changed.wait(min(left, _KNOWN_SECONDS))
            finally:
                self._interrupted = False

    def interrupt(self) -> None:
        with self._changed:
            self._interrupted = True
            self._changed.notify_all()

    def wake(self) -> None:
        """The broker was closed: a read that waits returns."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for stream in self._streams:
            stream.interrupt()

    def close(self) -> None:
        self.wake()
        for stream in self._streams:
            stream.close()

    def _starting(self, waited: float) -> bool:
        """Whether to wait for partitions of which nothing is known yet: they are to be read in turn."""
        if waited >= _KNOWN_SECONDS:
            self._unknown.clear()
        return bool(self._unknown)

    def _next(self) -> Batch | None:
        for _ in range(len(self._turns)):
            partition = self._turns[0]
            self._turns.rotate(-1)
            arrived = self._arrived[partition]
            if not arrived:
                continue
            self._changed.notify_all()  # its stream may go on
            if isinstance(arrived[0], EngineError):
                raise self._error(arrived.popleft())
            return self._taken(arrived)
        if self._ended is not None:
            raise self._ended
        return None

    def _error(self, error: object) -> Exception:
        assert isinstance(error, EngineError)
        if isinstance(error, DeletedTopicError):
            self._ended = error
        return error

    def _taken(self, arrived: "deque[Batch | EngineError]") -> Batch:
        """The first records of a partition, as many as a read returns."""
        taken: list[Batch] = []
        records, size = self._max_records, self._max_bytes
        while arrived and records > 0 and isinstance(batch := arrived[0], Batch):
            if taken and batch.lost:
                break
            count = _fitting(batch.records, records, size, at_least=0 if taken else 1)
            if count < len(batch):
                if count:
                    taken.append(batch.slice(0, count))
                    arrived[0] = batch.slice(count, len(batch))
                break
            arrived.popleft()
            taken.append(batch)
            records -= count
            size -= int(bytes_before(batch.records)[-1])
        return concatenated(*taken) if len(taken) > 1 else taken[0]

    def _give(self, partition: int, result: Result, behind: bool) -> None:
        """Called by the streams."""
        with self._changed:
            self._unknown.discard(partition)
            (self._behind.add if behind else self._behind.discard)(partition)
            arrived = self._arrived[partition]
            if result is not None:
                arrived.append(result)
            self._changed.notify_all()
            while _waiting_bytes(arrived) > _AHEAD_BYTES and not self._closed:
                self._changed.wait()
            if self._closed:
                raise BrokerClosedError("the reader is closed")


def _range(partition: int, offset: int, ends: Positions) -> StreamRange:
    return StreamRange(partition=partition, start=offset, end=ends.get(partition, spu.LARGEST_OFFSET))


def _waiting_bytes(arrived: "deque[Batch | EngineError]") -> int:
    return sum(one.records.nbytes for one in arrived if isinstance(one, Batch))


def _fitting(records: pa.RecordBatch, count: int, size: int, at_least: int) -> int:
    """How many of the first records are within a number and about so many bytes."""
    within = int(np.searchsorted(bytes_before(records)[1:], size, "right"))
    return min(max(within, at_least), count, records.num_rows)
