"""Evaluates partitions on the SPUs that lead them."""

import queue
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from engine.broker.fluvio.cluster import Cluster
from engine.broker.fluvio.offsets import held_offsets
from engine.broker.fluvio.protocol import error_codes, spu
from engine.broker.fluvio.protocol.chains import write_chain
from engine.broker.fluvio.protocol.error_codes import ServerError
from engine.broker.fluvio.protocol.records import RecordCodec
from engine.broker.fluvio.spu.evaluated import evaluated
from engine.broker.fluvio.spu.part import Answer, SpuPart, refusal_of, stop_in, stopped
from engine.broker.fluvio.spu.stream import Place, SpuStream
from engine.broker.log import NO_ENDS, Positions
from engine.broker.remote_evaluation import (
    Accumulators,
    RemoteEvaluation,
    RemoteOutputs,
    RemoteReader,
    RemoteStep,
    RemoteStop,
)
from engine.broker.topics import Topic
from engine.errors import BrokerUnreachableError, DeletedTopicError, EngineError
from engine.records.batch import Batch

_RETRY_SECONDS = 0.25
_START_SECONDS = 1.0
"""How long an SPU may take to refuse a chain. One that has started says nothing until there are records."""
_SILENCE_SECONDS = 60.0
"""How long an SPU may take for its next answer before the next records are evaluated elsewhere."""
_MOST_IN_SILENCE = 16_384
_TRAPPED = "SmartModule err"


@dataclass(slots=True, kw_only=True)
class _Replacement:
    """Another chain, which is being started."""

    steps: Sequence[RemoteStep]
    accumulators: Accumulators
    started: float = field(default_factory=time.monotonic)


class SpuEvaluation(RemoteEvaluation):
    """Runs chains on the SPUs of a cluster."""

    def __init__(self, cluster: Cluster, silence: float = _SILENCE_SECONDS) -> None:
        """`silence` replaces the 60 seconds that an SPU may take for an answer."""
        self._cluster = cluster
        self._silence = silence

    def open(
        self,
        topic: Topic,
        positions: Positions,
        steps: Sequence[RemoteStep],
        *,
        accumulators: Accumulators,
        ends: Positions = NO_ENDS,
    ) -> "SpuReader":
        return SpuReader(self._cluster, topic, positions, steps, accumulators, ends, self._silence)


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
        silence: float,
    ) -> None:
        self._cluster = cluster
        self._silence = silence
        self._topic = topic
        self._steps = steps
        self._folds = bool(accumulators)
        self._answers: queue.SimpleQueue[tuple[SpuStream, Answer]] = queue.SimpleQueue()
        self._replacement: _Replacement | None = None
        self._stops: deque[RemoteStop] = deque()
        self._codec = RecordCodec()
        self._parts = {
            number: SpuPart(
                number=number,
                position=position,
                end=ends.get(number, spu.LARGEST_OFFSET),
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
                    return self._silent()
                continue
            found = self._handled(*got)
            if found is not None:
                return found

    def go_on(self, partition: int, position: int, accumulator: bytes | None) -> None:
        part = self._parts[partition]
        part.position, part.accumulator = position, accumulator
        if part.stream is None or part.over or self._folds or part.finished:
            self._open(part)
        else:
            self._send_on(part, part.stream, position)

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

    def close(self) -> None:
        self._drop_replacement()
        for part in self._parts.values():
            if part.stream is not None:
                part.stream.close()
            # Nothing asks for it any more, so nothing would say that it answers again.
            self._cluster.status.answered(self._place(part, part.position).name)

    def _open(self, part: SpuPart) -> None:
        if part.stream is not None:
            part.stream.close()
        part.stream, part.over, part.retry = None, False, None
        part.asked = time.monotonic()
        if not part.finished:
            part.stream = self._stream(part, self._steps, part.accumulator, part.position)

    def _stream(
        self, part: SpuPart, steps: Sequence[RemoteStep], accumulator: bytes | None, offset: int
    ) -> SpuStream:
        return SpuStream(
            self._cluster,
            self._place(part, offset),
            lambda target: write_chain(target, steps, accumulator),
            lambda stream, answer: self._answers.put((stream, answer)),
        )

    def _place(self, part: SpuPart, offset: int) -> Place:
        return Place(topic=self._topic.name, partition=part.number, offset=offset)

    def _send_on(self, part: SpuPart, stream: SpuStream, position: int) -> None:
        part.asked = time.monotonic()
        stream.go_on(position)

    def _silent(self) -> RemoteStop | None:
        """Records that an SPU has passed over, if it has said nothing for too long though there are some."""
        now = time.monotonic()
        for part in self._parts.values():
            if part.stream is None or part.over or now < part.asked + self._silence:
                continue
            part.asked = now
            end = self._held_end(part)
            if end > part.position:
                # What it says later is not wanted any more.
                part.stream.close()
                part.stream = None
                until = min(end, part.position + _MOST_IN_SILENCE)
                return stopped(part, until, "the SPU says nothing about its next records")
        return None

    def _held_end(self, part: SpuPart) -> int:
        try:
            held = held_offsets(self._cluster, self._topic.name, [part.number])
        except BrokerUnreachableError:
            return part.position
        return held[part.number].end if part.number in held else part.position

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
            if isinstance(answer, spu.Fetched) and (refusal := refusal_of(answer.error)):
                self._drop_replacement()
                raise refusal
            part.next_answer = answer
            return None
        if stream is not part.stream:
            return None
        if isinstance(answer, EngineError):
            self._failed(part, answer)
            return None
        return self._evaluated(part, stream, answer)

    def _failed(self, part: SpuPart, error: EngineError) -> None:
        """Open the stream again, wherever the partition is led then, unless that cannot help."""
        if not isinstance(error, BrokerUnreachableError):
            raise error
        part.over, part.retry = True, time.monotonic() + _RETRY_SECONDS
        self._cluster.look_for(self._topic, younger_than=_RETRY_SECONDS)

    def _evaluated(
        self, part: SpuPart, stream: SpuStream, answer: spu.Fetched
    ) -> RemoteOutputs | RemoteStop | None:
        error = answer.error
        if error is not None and error.failure is None:
            return self._ended(part, error)
        found = evaluated(self._codec, answer, part.position)
        stop = stop_in(part, found, error, self._folds)
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
            self._send_on(part, stream, found.next_offset)
        return RemoteOutputs(start=start, batch=outputs, received=len(answer.content))

    def _fold(self, part: SpuPart, outputs: Batch) -> None:
        if self._folds and len(outputs):
            part.accumulator = outputs.records.column("value")[len(outputs) - 1].as_py()

    def _ended(self, part: SpuPart, error: ServerError) -> RemoteStop | None:
        """An answer that ended the stream."""
        part.over = True
        if error.text.startswith(_TRAPPED):
            return stopped(part, part.position + 1, error.text)
        if error.code == error_codes.OFFSET_EVICTED and error.next_offset is not None:
            # Evaluating them elsewhere finds that they are gone.
            return stopped(part, error.next_offset, error.text)
        if error.code == error_codes.TOPIC_DELETED:
            raise DeletedTopicError(self._topic.name)
        if refusal := refusal_of(error):
            raise refusal
        part.retry = time.monotonic() + _RETRY_SECONDS
        self._cluster.status.failed(self._place(part, part.position).name, error.text)
        self._cluster.look_for(self._topic, younger_than=_RETRY_SECONDS)
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
