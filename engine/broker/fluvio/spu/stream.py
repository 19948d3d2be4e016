"""One stream of a chain's outputs: an SPU evaluates a partition, and hears where to go on."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from engine.broker.fluvio.cluster import Cluster
from engine.broker.fluvio.protocol import admin, spu
from engine.broker.fluvio.protocol.link import Link
from engine.errors import EngineError, InternalError

MAX_BYTES = 32 << 20
"""Bytes of an answer at most. An SPU passes over a batch whose outputs alone take more, without a word."""
_LOOK_SECONDS, _ANSWER_SECONDS = 0.5, 1.4
"""Without an answer for this time, the SPU is asked whether it is there, and has this time to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a stream begins."""

    topic: str
    partition: int
    offset: int

    @property
    def name(self) -> str:
        """What is evaluated, for messages."""
        return f"partition {self.partition} of topic '{self.topic}'"


class SpuStream:
    """Reports each answer and then waits for `go_on`, or reports the error that ended the stream."""

    def __init__(
        self,
        cluster: Cluster,
        place: Place,
        write_modules: spu.WriteModules,
        report: "Callable[[SpuStream, spu.Fetched | EngineError], None]",
    ) -> None:
        """Begin to evaluate, on a thread of its own, from which `report` is called."""
        self.place = place
        self._cluster = cluster
        self._write_modules = write_modules
        self._report = report
        self._asked: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._link: Link | None = None
        self._closed = False
        name = f"evaluate {place.topic} on SPU"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def go_on(self, offset: int) -> None:
        """Evaluate from an offset on, after an answer. It is not where the SPU was sent last."""
        self._asked.put(offset)

    def close(self) -> None:
        """End the stream and its thread. May be called again."""
        with self._lock:
            self._closed = True
            link = self._link
        self._asked.put(None)
        if link is not None:
            link.close()
        self._thread.join()

    def _run(self) -> None:
        part = self.place.name
        try:
            with self._cluster.status.watching(part):
                self._follow(part)
        except Exception as error:  # noqa: BLE001 - the thread would end, and say nothing
            if not self._closed:
                self._report(self, error if isinstance(error, EngineError) else InternalError(error))

    def _follow(self, part: str) -> None:
        place = self.place
        endpoint = self._cluster.leader(place.topic, place.partition)
        link = Link(endpoint)
        with self._lock:
            self._link = link
            if self._closed:
                link.close()
        try:
            body = spu.stream_request(
                place.topic, place.partition, place.offset, MAX_BYTES, self._write_modules
            )
            stream = link.send(spu.STREAM, body)
            while not self._closed:
                message = link.receive(_LOOK_SECONDS)
                if message is None:
                    # It may have nothing to send, or be gone without having ended the connection.
                    self._cluster.ask(endpoint, admin.VERSIONS, admin.versions_request(), _ANSWER_SECONDS)
                self._cluster.status.answered(part)
                if message is not None and message.request == stream:
                    answer = spu.read_streamed(message.content)
                    self._report(self, answer)
                    if (offset := self._asked.get()) is None:
                        return
                    link.send(spu.CONTINUE, spu.continue_request(answer.stream, offset))
        finally:
            link.close()
