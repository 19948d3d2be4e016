"""One partition, streamed by the SPU that leads it, without leaving out a record."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from engine.broker.fluvio.cluster import Cluster
from engine.broker.fluvio.protocol import error_codes, spu
from engine.broker.fluvio.protocol.link import Link, Message
from engine.broker.fluvio.protocol.records import CodecPool, ReadRecords
from engine.broker.fluvio.replication import held_up
from engine.broker.topics import Topic
from engine.errors import (
    BrokerClosedError,
    BrokerUnreachableError,
    DamagedBatchError,
    DeletedTopicError,
    EngineError,
    InternalError,
)
from engine.records.batch import Batch

_LARGEST_STREAM_BYTES = 512 << 20
_IDLE_SECONDS = 0.9
"""Without a record for this time, the SPU is asked whether it is there."""
_HELD_UP_SECONDS = 0.8
"""Replicas that need more time for a record are named: at the second look, so within two seconds."""
_RETRY_SECONDS = 0.1
_AWAIT_SECONDS = 0.05
"""Between two looks whether the partition has reached a position that is behind its end."""

_log = logging.getLogger(__name__)

Result = Batch | EngineError | None
"""What a stream has next, if anything."""
Give = Callable[[int, Result, bool], None]
"""Gets a partition, its next result, and whether more of its records are known to be there."""


class _MovedError(Exception):
    """The SPU does not lead the partition any more, or the stream has to be opened again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRange:
    """What to read of a partition: offsets from `start` to before `end`."""

    partition: int
    start: int
    end: int = spu.LARGEST_OFFSET


class PartitionStream:
    """Reads a partition in a thread of its own, which `close` ends.

    An SPU cuts its answers in the middle of batches. It goes on wherever it is asked to: here that is the
    first offset that did not arrive, so no record is left out, whatever is cut and whichever SPU leads.
    """

    def __init__(
        self,
        cluster: Cluster,
        codecs: CodecPool,
        topic: Topic,
        wanted: StreamRange,
        give: Give,
    ) -> None:
        """`give` waits while the reader has enough."""
        self._cluster = cluster
        self._codecs = codecs
        self._topic = topic
        self._partition = wanted.partition
        self._position = min(max(wanted.start, 0), spu.LARGEST_OFFSET)
        self._end = wanted.end
        self._give = give
        # An SPU cuts its answers there; a batch that is larger is asked for with twice as many.
        self._max_bytes = cluster.fetch_bytes
        self._part = f"partition {self._partition} of topic '{topic.name}'"
        self._closed = threading.Event()
        self._link: Link | None = None
        self._lost = 0
        self._held_up: tuple[int, float] | None = None
        """The offset from which on not all replicas have the records, and since when that was seen."""
        self._thread = threading.Thread(
            target=self._run, name=f"fluvio {topic.name}-{self._partition}", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """End the thread. May be called again."""
        self.interrupt()
        self._thread.join()

    def interrupt(self) -> None:
        """Ask the thread to end, without waiting for it."""
        self._closed.set()
        if (link := self._link) is not None:
            link.close()

    def _run(self) -> None:
        # Giving to a reader that was closed meanwhile raises it, whatever is given.
        with suppress(BrokerClosedError):
            try:
                while self._position < self._end and not self._closed.is_set():
                    self._attempt()
            except BrokerClosedError:
                raise
            except EngineError as error:
                self._give(self._partition, error, False)
            except Exception as error:  # noqa: BLE001
                self._give(self._partition, InternalError(error), False)
        self._cluster.status.answered(self._part)

    def _attempt(self) -> None:
        """Read until the end, or until the SPU is lost."""
        try:
            self._follow()
        except _MovedError as error:
            self._failed(str(error))
        except BrokerUnreachableError as error:
            if not self._closed.is_set():
                self._failed(error.message)

    def _failed(self, problem: str) -> None:
        _log.info("reading %s: %s", self._part, problem)
        self._give(self._partition, None, False)
        self._cluster.status.failed(self._part, problem)
        self._closed.wait(_RETRY_SECONDS)
        self._cluster.look_for(self._topic, younger_than=_RETRY_SECONDS)

    def _follow(self) -> None:
        self._cluster.check_topic(self._topic)
        endpoint = self._cluster.leader(self._topic.name, self._partition)
        link = self._link = Link(endpoint)
        try:
            self._await_position(link)
            self._stream(link)
        finally:
            link.close()

    def _await_position(self, link: Link) -> None:
        """Wait until the partition has reached the position: an SPU is not to be asked for more."""
        while not self._closed.is_set():
            answer = link.call(spu.OFFSETS, spu.offsets_request(self._topic.name, [self._partition]))
            held = spu.read_offsets(answer)[self._partition]
            if held.error is not None:
                raise _MovedError(held.error.text)
            self._tell_of_replicas(held.end)
            self._skip_to(held.start)
            if self._position <= held.end:
                return
            self._give(self._partition, None, False)
            self._closed.wait(_AWAIT_SECONDS)
            self._cluster.look_for(self._topic, younger_than=_RETRY_SECONDS)

    def _skip_to(self, start: int) -> None:
        """Count what retention removed before it was read."""
        start = min(start, self._end)
        if start > self._position:
            self._lost += start - self._position
            self._position = start

    def _stream(self, link: Link) -> None:
        request = spu.stream_request(self._topic.name, self._partition, self._position, self._max_bytes)
        stream, ping = link.send(spu.STREAM, request), 0
        ask = spu.offsets_request(self._topic.name, [self._partition])
        ping = link.send(spu.OFFSETS, ask)
        while self._position < self._end and not self._closed.is_set():
            message = link.receive(_IDLE_SECONDS)
            if message is None:
                if ping:
                    raise BrokerUnreachableError(f"SPU {link.endpoint.name} does not answer")
                ping = link.send(spu.OFFSETS, ask)
            elif message.request == stream:
                self._take(link, spu.read_streamed(message.content))
            elif message.request == ping:
                ping = 0
                self._check_ping(message)

    def _check_ping(self, message: Message) -> None:
        held = spu.read_offsets(message.content)[self._partition]
        if held.error is not None:
            raise _MovedError(held.error.text)
        if self._position >= held.end:
            self._give(self._partition, None, False)
        self._tell_of_replicas(held.end)

    def _tell_of_replicas(self, committed: int) -> None:
        """Say which replicas hold up the next records, once they have done so for a while."""
        problem = held_up(self._cluster.view, self._topic.name, self._partition, committed)
        now = time.monotonic()
        if problem is None or self._held_up is None or self._held_up[0] != committed:
            self._held_up = None if problem is None else (committed, now)
        if problem is None or self._held_up is None or now - self._held_up[1] < _HELD_UP_SECONDS:
            self._cluster.status.answered(self._part)
        else:
            self._cluster.status.failed(self._part, f"{self._part}: {problem}")

    def _take(self, link: Link, fetched: spu.Fetched) -> None:
        """Give what arrived, and ask for what comes after it."""
        if fetched.error is not None:
            self._refused(fetched.error)
        self._skip_to(fetched.start)
        with self._codecs.codec() as codec:
            found = codec.read(fetched.content, self._position, min(self._end, fetched.end))
        moved = self._advance(found, fetched.end)
        if not moved and len(fetched.content) >= self._max_bytes:
            self._max_bytes *= 2
            if self._max_bytes > _LARGEST_STREAM_BYTES:
                raise DamagedBatchError(
                    self._topic.name, self._partition, self._position, self._position + 1, "unreadable"
                )
            raise _MovedError("a batch is larger than an answer")
        if moved and self._held_up is not None:
            self._held_up = None
            self._cluster.status.answered(self._part)
        if self._position < self._end:
            link.send(spu.CONTINUE, spu.continue_request(fetched.stream, self._position))

    def _advance(self, found: ReadRecords, held_end: int) -> bool:
        """Give records and move on behind them; whether that was any way."""
        before = self._position
        if found.next_offset > before or self._lost:
            batch = Batch(
                partition=self._partition,
                records=found.records,
                offsets=found.offsets,
                next_offset=found.next_offset,
                lost=self._lost,
            )
            self._position, self._lost = found.next_offset, 0
            self._give(self._partition, batch, self._position < min(held_end, self._end))
        if found.malformed is not None:
            stop = min(found.malformed.stop, self._end)
            self._give(
                self._partition,
                DamagedBatchError(self._topic.name, self._partition, self._position, stop),
                stop < min(held_end, self._end),
            )
            self._position = stop
        return self._position > before

    def _refused(self, error: error_codes.ServerError) -> None:
        if error.code == error_codes.TOPIC_DELETED:
            self._cluster.confirm_deletion(self._topic.name)
            self._cluster.refresh()
            raise DeletedTopicError(self._topic.name)
        if error.next_offset is not None:
            self._skip_to(error.next_offset)
        raise _MovedError(error.text)
