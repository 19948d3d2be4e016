"""Evaluates partitions on the SPUs that lead them."""

import queue
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from engine.broker.fluvio.cluster import Cluster
from engine.broker.fluvio.evaluated import Evaluated, evaluated
from engine.broker.fluvio.protocol import error_codes, spu
from engine.broker.fluvio.protocol.chains import write_chain
from engine.broker.fluvio.protocol.error_codes import ServerError
from engine.broker.fluvio.protocol.records import RecordCodec
from engine.broker.fluvio.spu_stream import Place, SpuStream
from engine.broker.log import NO_ENDS, Positions
from engine.broker.remote_evaluation import (
    Accumulators,
    RemoteEvaluation,
    RemoteOutputs,
    RemoteReader,
    RemoteRefusedError,
    RemoteStep,
    RemoteStop,
)
from engine.broker.topics import Topic
from engine.errors import BrokerError, BrokerUnreachableError, DeletedTopicError
from engine.records.batch import Batch

_NO_END = 2**63 - 1
_RETRY_SECONDS = 0.25
_START_SECONDS = 1.0
"""How long an SPU may take to refuse a chain. One that has started says nothing until there are records."""
_TRAPPED = "SmartModule err"

Answer = spu.Fetched | BrokerError


@dataclass(slots=True, kw_only=True, eq=False)
class _Part:
    """A partition that is evaluated."""

    number: int
    position: int
    end: int
    accumulator: bytes | None
    stream: SpuStream | None = None
    over: bool = False
    """Whether the stream gives no more answers."""
    next_stream: SpuStream | None = None
    next_answer: Answer | None = None
    retry: float | None = None
    """When to open a stream again, by `time.monotonic()`."""

    @property
    def finished(self) -> bool:
        return self.position >= self.end


@dataclass(slots=True, kw_only=True)
class _Replacement:
    """Another chain, which is being started."""

    steps: Sequence[RemoteStep]
    accumulators: Accumulators
    started: float = field(default_factory=time.monotonic)


class SpuEvaluation(RemoteEvaluation):
    """Runs chains on the SPUs of a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def open(
        self,
        topic: Topic,
        positions: Positions,
        steps: Sequence[RemoteStep],
        *,
        accumulators: Accumulators,
        ends: Positions = NO_ENDS,
    ) -> "SpuReader":
        return SpuReader(self._cluster, topic, positions, steps, accumulators, ends)


class SpuReader(RemoteReader):
    """A `RemoteReader` with a stream for each partition."""

    def __init__(
        self,
        cluster: Cluster,
        topic: Topic,
        positions: Positions,
        steps: Sequence[RemoteStep],
        accumulators: Accumulators,
        ends: Positions,
    ) -> None:
        self._cluster = cluster
        self._topic = topic
        self._steps = steps
        self._folds = bool(accumulators)
        self._answers: queue.SimpleQueue[tuple[SpuStream, Answer] | None] = queue.SimpleQueue()
        self._replacement: _Replacement | None = None
        self._stops: deque[RemoteStop] = deque()
        self._codec = RecordCodec()
        self._parts = {
            number: _Part(
                number=number,
                position=position,
                end=ends.get(number, _NO_END),
                accumulator=accumulators.get(number),
            )
            for number, position in positions.items()
        }
        for part in self._parts.values():
            self._open(part)

    def read(self, timeout: float) -> RemoteOutputs | RemoteStop | None:
        if self._stops:
            return self._stops.popleft()
        deadline = time.monotonic() + timeout
        while True:
            self._take_over()
            now = time.monotonic()
            for part in self._parts.values():
                if part.retry is not None and now >= part.retry:
                    self._open(part)
            try:
                got = self._answers.get(timeout=max(min(deadline, self._due()) - now, 0))
            except queue.Empty:
                if time.monotonic() >= deadline:
                    return None
                continue
            if got is None:
                return None
            found = self._handled(*got)
            if found is not None:
                return found

    def go_on(self, partition: int, position: int, accumulator: bytes | None) -> None:
        part = self._parts[partition]
        part.position, part.accumulator = position, accumulator
        if part.stream is None or part.over or self._folds or part.finished:
            self._open(part)
        else:
            part.stream.go_on(position)

    def replace(self, steps: Sequence[RemoteStep], accumulators: Accumulators) -> None:
        self._drop_replacement()
        self._replacement = _Replacement(steps=steps, accumulators=accumulators)
        for part in self._parts.values():
            if not part.finished:
                # One record again, so that the SPU answers even if no other comes: it is left out.
                offset = part.position - bool(part.position and not accumulators)
                part.next_stream = self._stream(part, steps, accumulators.get(part.number), offset)

    @property
    def replacing(self) -> bool:
        return self._replacement is not None

    def interrupt(self) -> None:
        self._answers.put(None)

    def close(self) -> None:
        self._drop_replacement()
        for part in self._parts.values():
            if part.stream is not None:
                part.stream.close()

    def _open(self, part: _Part) -> None:
        if part.stream is not None:
            part.stream.close()
        part.stream, part.over, part.retry = None, False, None
        if not part.finished:
            part.stream = self._stream(part, self._steps, part.accumulator, part.position)

    def _stream(
        self, part: _Part, steps: Sequence[RemoteStep], accumulator: bytes | None, offset: int
    ) -> SpuStream:
        place = Place(topic=self._topic.name, partition=part.number, offset=offset)
        return SpuStream(
            self._cluster,
            place,
            lambda target: write_chain(target, steps, accumulator),
            lambda stream, answer: self._answers.put((stream, answer)),
        )

    def _due(self) -> float:
        """When something is to be done without an answer."""
        times = [part.retry for part in self._parts.values() if part.retry is not None]
        if self._replacement is not None:
            times.append(self._replacement.started + _START_SECONDS)
        return min(times, default=float("inf"))

    # ---- Answers ------------------------------------------------------------------------------------------

    def _handled(self, stream: SpuStream, answer: Answer) -> RemoteOutputs | RemoteStop | None:
        part = self._parts[stream.place.partition]
        if stream is part.next_stream:
            if isinstance(answer, spu.Fetched) and (refusal := _refusal(answer.error)):
                self._drop_replacement()
                raise refusal
            part.next_answer = answer
            return None
        if stream is not part.stream:
            return None
        if isinstance(answer, BrokerError):
            self._failed(part, answer)
            return None
        return self._evaluated(part, stream, answer)

    def _failed(self, part: _Part, error: BrokerError) -> None:
        """Open the stream again, wherever the partition is led then, unless that cannot help."""
        if not isinstance(error, BrokerUnreachableError):
            raise error
        part.over, part.retry = True, time.monotonic() + _RETRY_SECONDS
        self._look_for_leader()

    def _look_for_leader(self) -> None:
        try:
            self._cluster.refresh(younger_than=_RETRY_SECONDS)
        except BrokerUnreachableError:
            return
        if self._cluster.topic_id(self._topic.name) != self._topic.id:
            raise DeletedTopicError(self._topic.name)

    def _evaluated(
        self, part: _Part, stream: SpuStream, answer: spu.Fetched
    ) -> RemoteOutputs | RemoteStop | None:
        error = answer.error
        if error is not None and error.failure is None:
            return self._ended(part, error)
        found = evaluated(self._codec, answer, part.position)
        stop = _stop(part, found, error, self._folds)
        if stop is not None and stop.position == part.position:
            return replace(stop, accumulator=part.accumulator)
        outputs = found.outputs(part.number, part.position, stop.position if stop else part.end)
        start, part.position = part.position, outputs.next_offset
        self._fold(part, outputs)
        if stop is not None:
            self._stops.append(replace(stop, accumulator=part.accumulator))
        elif self._folds and found.next_offset < answer.end:
            # The SPU has evaluated more than it sent, and would go on with that accumulator.
            self._open(part)
        elif not part.finished:
            stream.go_on(found.next_offset)
        return RemoteOutputs(start=start, batch=outputs, received=len(answer.content))

    def _fold(self, part: _Part, outputs: Batch) -> None:
        if self._folds and len(outputs):
            part.accumulator = outputs.records.column("value")[len(outputs) - 1].as_py()

    def _ended(self, part: _Part, error: ServerError) -> RemoteStop | None:
        """An answer that ended the stream."""
        part.over = True
        if error.text.startswith(_TRAPPED):
            return RemoteStop(
                partition=part.number,
                position=part.position,
                until=part.position + 1,
                problem=error.text,
                accumulator=part.accumulator,
            )
        if error.code == error_codes.TOPIC_DELETED:
            raise DeletedTopicError(self._topic.name)
        if refusal := _refusal(error):
            raise refusal
        part.retry = time.monotonic() + _RETRY_SECONDS
        self._cluster.status.failed(f"partition {part.number} of topic '{self._topic.name}'", error.text)
        self._look_for_leader()
        return None

    # ---- Another chain ------------------------------------------------------------------------------------

    def _take_over(self) -> None:
        """Let the new chain evaluate, once every SPU has started it."""
        replacement = self._replacement
        if replacement is None:
            return
        started = [(part, part.next_stream) for part in self._parts.values() if part.next_stream]
        # An SPU that has nothing to evaluate says nothing: the others show that the chain starts.
        expected = [part for part, stream in started if stream.place.offset < part.position]
        waiting = any(part.next_answer is None for part in expected or self._parts.values())
        if waiting and time.monotonic() < replacement.started + _START_SECONDS:
            return
        self._steps, self._replacement = replacement.steps, None
        self._folds = bool(replacement.accumulators)
        for part in self._parts.values():
            stream, part.next_stream = part.next_stream, None
            answer, part.next_answer = part.next_answer, None
            part.accumulator = replacement.accumulators.get(part.number)
            if stream is None:
                continue
            if part.stream is not None:
                part.stream.close()
            part.stream, part.over, part.retry = stream, False, None
            if answer is not None:
                self._answers.put((stream, answer))

    def _drop_replacement(self) -> None:
        self._replacement = None
        for part in self._parts.values():
            if part.next_stream is not None:
                part.next_stream.close()
            part.next_stream = part.next_answer = None


def _stop(part: _Part, found: Evaluated, error: ServerError | None, folds: bool) -> RemoteStop | None:
    """Why the SPU's answer cannot be used from some position on."""
    at = problem = None
    if found.start > part.position:
        at, until, problem = part.position, found.start, "the SPU left out records"
    elif folds and found.start < part.position:
        at, until, problem = part.position, found.first_end, "a batch began before this position"
    elif error is not None and error.failure is not None:
        at, until = found.whole_until, max(found.failed_until, error.failure.offset + 1)
        problem = error.text
    if at is None or problem is None:
        return None
    position = max(at, part.position)
    return RemoteStop(
        partition=part.number, position=position, until=max(until, position + 1), problem=problem
    )


def _refusal(error: ServerError | None) -> RemoteRefusedError | None:
    """A chain that an SPU does not run, in its words."""
    if error is None or error.failure is not None or not 6000 <= error.code < 6100:
        return None
    return RemoteRefusedError(f"the SPU does not run it: {error.text}")
