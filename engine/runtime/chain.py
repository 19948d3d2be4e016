"""Several SmartStreams, one after another, as one."""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from engine import units
from engine.errors import TooManyFaultsError
from engine.records.batch import Batch
from engine.records.evaluation import Evaluation
from engine.records.faults import Fault
from engine.records.outputs import Indices, Produced
from engine.records.transform import Transform
from engine.records.verdicts import Status, Verdict
from engine.runtime.call_size import CallSize

STEP_SECONDS = 0.05
"""Seconds of evaluation after which a step is asked again whether it continues."""
OUTPUT_BYTES = 64 << 20
"""Bytes of the outputs of a step, after which no further inputs go through it in the same chunk."""
_STALLS = 2
"""How often in a row a step may evaluate nothing: once is what an earlier interruption left."""

_Column: TypeAlias = "pa.Array[Any]"


class Chain(Transform):
    """Each step evaluates the outputs of the one before; an input that fails at a step ends there.

    A batch passes in chunks through all steps, so that nothing is evaluated twice when a budget is spent. An
    interruption drops a chunk: its records are evaluated again, and accumulators go back to before it.
    """

    def __init__(self, steps: Sequence[Transform], *, keeps_between: bool = False) -> None:
        """The steps belong to the chain; `keeps_between` is for `Evaluation.between`."""
        self._steps = tuple(steps)
        self._keeps_between = keeps_between
        self._chunk = CallSize()
        self._lock = threading.Lock()
        self._running: Transform | None = None
        self._interrupted = False

    def evaluate(self, batch: Batch, *, budget: float | None = None) -> Evaluation:
        """After a `SmartStreamError` of a step none of these records counts as evaluated."""
        if not self._steps:
            return Evaluation.of_filter(np.full(len(batch), Verdict.PASS, np.uint8), evaluated=len(batch))
        deadline = None if budget is None else time.monotonic() + budget
        folds = _Folds(self._steps, batch.partition)
        found = Evaluation.pending(0)
        size = stalls = 0
        try:
            while len(found) < len(batch) and stalls < _STALLS and not self._interrupted:
                chunk = batch.slice(len(found), min(len(found) + self._chunk.records, len(batch)))
                part = self._timed(chunk)
                stalls = 0 if part.evaluated else stalls + 1
                found = found.concat(part.head(part.evaluated))
                size += _size(part)
                late = deadline is not None and time.monotonic() >= deadline
                if len(found) and (late or size >= OUTPUT_BYTES):
                    break
        except TooManyFaultsError:
            if not len(found):
                raise
        except BaseException:
            folds.restore()
            raise
        left = len(batch) - len(found)
        if left:
            with self._lock:
                self._interrupted = False
        return replace(found.concat(Evaluation.pending(left)), steps=len(self._steps))

    def interrupt(self) -> None:
        with self._lock:
            self._interrupted = True
            if self._running is not None:
                self._running.interrupt()

    @property
    def accumulators(self) -> dict[int, bytes]:
        """Empty: those of its steps are their own."""
        return {}

    @property
    def steps(self) -> tuple[Transform, ...]:
        return self._steps

    @property
    def folds(self) -> bool:
        return any(step.folds for step in self._steps)

    @property
    def memory(self) -> int:
        return sum(step.memory for step in self._steps)

    def close(self) -> None:
        self.interrupt()
        for step in self._steps:
            step.close()

    def _timed(self, chunk: Batch) -> Evaluation:
        started = time.perf_counter()
        evaluation = self._through(chunk)
        self._chunk.measured(evaluation.evaluated, time.perf_counter() - started)
        if 0 < evaluation.evaluated < len(chunk):
            # Another chunk of this size would have to be evaluated in part again.
            self._chunk.records = evaluation.evaluated
        return evaluation

    def _through(self, chunk: Batch) -> Evaluation:
        """A chunk, or its first records, through all steps."""
        folds = _Folds(self._steps, chunk.partition)
        try:
            whole = self._first(chunk)
            folds.evaluated(0, whole, None)
            between = []
            for number, step in enumerate(self._steps[1:], 1):
                between.append(whole.outputs)
                source = whole.outputs.source
                following = self._following(step, whole.outputs.batch(chunk), source)
                folds.evaluated(number, following, source)
                whole = whole.then(following)
        except BaseException:
            folds.restore()
            raise
        folds.restore(whole.evaluated)
        return replace(whole, between=tuple(between)) if self._keeps_between else whole

    def _first(self, chunk: Batch) -> Evaluation:
        evaluation = self._step(self._steps[0], chunk)
        return evaluation or Evaluation.pending(len(chunk))

    def _following(self, step: Transform, batch: Batch, source: Indices) -> Evaluation:
        """What a later step makes of a batch; pending from where it is interrupted, or makes too much."""
        found = Evaluation.pending(0)
        size = stalls = 0
        while len(found) < len(batch) and stalls < _STALLS:
            try:
                part = self._step(step, batch.slice(len(found), len(batch)))
            except TooManyFaultsError:
                if not len(found):
                    raise
                break
            if part is None:
                break
            stalls = 0 if part.evaluated else stalls + 1
            found = found.concat(part.head(part.evaluated))
            size += _size(part)
            if size >= OUTPUT_BYTES and len(found) < len(batch):
                if source[len(found)] == source[0]:
                    found = _refused(int(np.searchsorted(source, source[0], "right")))
                break
        return found.concat(Evaluation.pending(len(batch) - len(found)))

    def _step(self, step: Transform, batch: Batch) -> Evaluation | None:
        """None if it was interrupted before."""
        with self._lock:
            if self._interrupted:
                return None
            self._running = step
        try:
            return step.evaluate(batch, budget=STEP_SECONDS)
        finally:
            with self._lock:
                self._running = None


class _Folds:
    """The accumulators of a chain's aggregates: before a chunk, and after each of its inputs."""

    def __init__(self, steps: Sequence[Transform], partition: int) -> None:
        self._steps = steps
        self._partition = partition
        self._before = [step.accumulators.get(partition) for step in steps]
        self._after: dict[int, tuple[Indices, _Column]] = {}

    def evaluated(self, number: int, evaluation: Evaluation, source: Indices | None) -> None:
        """Note what a step made; `source` has the input in the chunk of each record that it evaluated."""
        outputs = evaluation.outputs
        if isinstance(outputs, Produced) and self._partition in self._steps[number].accumulators:
            inputs = outputs.source if source is None else source[outputs.source]
            self._after[number] = inputs, outputs.produced.column(1)

    def restore(self, inputs: int = 0) -> None:
        """Let every aggregate continue from what it was after the first `inputs` inputs of the chunk."""
        for number, step in enumerate(self._steps):
            source, values = self._after.get(number, (np.zeros(0, np.intp), None))
            count = int(np.searchsorted(source, inputs))
            if inputs and count == len(source):
                continue
            accumulator = self._before[number]
            if count and values is not None:
                accumulator = values[count - 1].as_py() or b""
            if accumulator is not None:
                step.accumulators[self._partition] = accumulator
            else:
                step.accumulators.pop(self._partition, None)


def _size(evaluation: Evaluation) -> int:
    outputs = evaluation.outputs
    return outputs.produced.nbytes if isinstance(outputs, Produced) else 0


def _refused(count: int) -> Evaluation:
    """Of the first records of a step, which were made of one input: it fails."""
    message = f"its outputs need more than {units.size(OUTPUT_BYTES)} in a chain"
    return Evaluation(
        status=np.full(count, Status.ERROR, np.uint8),
        outputs=Evaluation.pending(count).outputs,
        faults=(Fault(0, Verdict.ERROR, message),),
        evaluated=count,
    )
