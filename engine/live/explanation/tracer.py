"""Evaluates single records again, step by step, in instances of their own."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace

from engine.errors import SmartStreamError
from engine.live.explanation.trace import StepTrace, TracedStep
from engine.process.job import Job
from engine.records.batch import Batch
from engine.records.verdicts import Verdict
from engine.runtime.smartstream import SmartStream

LOADED = 24
"""Modules that stay loaded: compiling one takes longer than a record."""


class Tracer:
    """Keeps modules loaded, each evaluation in a fresh instance. For one thread, but for `interrupt`."""

    def __init__(self) -> None:
        self._job = Job()
        self._loaded: OrderedDict[Hashable, tuple[TracedStep, SmartStream]] = OrderedDict()
        self._running: SmartStream | None = None

    def trace(self, batch: Batch, steps: Iterable[TracedStep], *, reads: bool = True) -> Iterator[StepTrace]:
        """What each step makes of a batch of one record, up to the one that makes nothing of it.

        With `reads`, modules report what they read. `SupersededError` after `interrupt`.
        """
        for step in steps:
            traced, batch = self._traced(batch, step, reads=reads)
            yield traced
            if not len(batch):
                return

    def interrupt(self) -> None:
        """End what is evaluated or loaded; nothing more is from then on."""
        self._job.cancel()
        running = self._running
        if running is not None:
            running.interrupt()

    def close(self) -> None:
        for _, stream in self._loaded.values():
            stream.close()
        self._loaded.clear()

    def _traced(self, batch: Batch, step: TracedStep, *, reads: bool) -> tuple[StepTrace, Batch]:
        self._job.check()
        key = (id(step.module.wasm), *sorted(step.config.params.items()), reads)
        try:
            self._running = stream = self._load(key, step, reads=reads)
            if step.stored:
                stream.look_back(step.stored)
            if step.accumulator is not None:
                stream.accumulators[batch.partition] = step.accumulator
            return _evaluated(batch, stream)
        except SmartStreamError as error:
            if key in self._loaded:
                self._loaded.pop(key)[1].close()
            return StepTrace(problem=error.message), batch.slice(0, 0)
        finally:
            self._running = None

    def _load(self, key: Hashable, step: TracedStep, *, reads: bool) -> SmartStream:
        if key in self._loaded:
            stream = self._loaded[key][1]
            stream.renew()
        else:
            stream = step.module.load(replace(step.config, traced=reads), self._job)
            # With the step, whose module's id is in the key.
            self._loaded[key] = step, stream
        self._loaded.move_to_end(key)
        while len(self._loaded) > LOADED:
            self._loaded.popitem(last=False)[1][1].close()
        return stream


def _evaluated(batch: Batch, stream: SmartStream) -> tuple[StepTrace, Batch]:
    evaluation = stream.evaluate(batch)
    outputs = evaluation.outputs.batch(batch)
    return (
        StepTrace(
            reports_reads=stream.reports_reads,
            reads=tuple(stream.reads),
            printed=tuple(line.text for line in evaluation.printed),
            verdict=Verdict.PASS if len(outputs) else Verdict(evaluation.verdicts[-1]),
            fault=next(iter(evaluation.faults), None),
            outputs=tuple(outputs.record(index) for index in range(len(outputs))),
        ),
        outputs,
    )
