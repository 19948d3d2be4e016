"""Evaluates one record again, step by step, in instances of its own."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from engine.consumer.module_version import ModuleVersion
from engine.errors import SmartStreamError
from engine.process.job import Job
from engine.records.batch import Batch, Record
from engine.records.faults import Fault, Read
from engine.records.verdicts import Verdict
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream


@dataclass(frozen=True, kw_only=True)
class TracedStep:
    """A module of one step, and what it goes on from."""

    module: ModuleVersion
    config: ModuleConfig
    stored: Sequence[Batch] = ()
    """For its look-back."""
    accumulator: bytes | None = None
    """Of an aggregate, before the record; None if it begins with it, or that is not known."""


@dataclass(frozen=True, kw_only=True)
class StepTrace:
    """What one step did with one record, or with what the steps before made of it."""

    reports_reads: bool
    """False for modules that do not say what they read."""
    reads: tuple[Read, ...] = ()
    printed: tuple[str, ...] = ()
    verdict: Verdict
    """Of its inputs taken together: PASS if there is an output, otherwise that of the last one."""
    fault: Fault | None = None
    outputs: tuple[Record, ...] = ()
    problem: str = ""
    """Why it could not be evaluated."""


def trace(batch: Batch, steps: Iterable[TracedStep], job: Job) -> Iterator[StepTrace]:
    """What each step makes of a batch of one record, up to the one that makes nothing of it.

    Ends early if `job` is cancelled.
    """
    for step in steps:
        traced, batch = _traced(batch, step, job)
        yield traced
        if not len(batch):
            return


def evaluate(batch: Batch, step: TracedStep, job: Job) -> StepTrace:
    """What one module makes of a batch, without tracing."""
    return _traced(batch, step, job, reads=False)[0]


def _traced(batch: Batch, step: TracedStep, job: Job, *, reads: bool = True) -> tuple[StepTrace, Batch]:
    nothing = batch.slice(0, 0)
    try:
        config = replace(step.config, traced=reads)
        stream = step.module.load(config, job)
        with closing(stream):
            if step.stored:
                stream.look_back(step.stored)
            if step.accumulator is not None:
                stream.accumulators[batch.partition] = step.accumulator
            return _evaluated(batch, stream)
    except SmartStreamError as error:
        return StepTrace(reports_reads=False, verdict=Verdict.PENDING, problem=error.message), nothing


def _evaluated(batch: Batch, stream: SmartStream) -> tuple[StepTrace, Batch]:
    evaluation = stream.evaluate(batch)
    outputs = evaluation.outputs.batch(batch)
    last = Verdict(evaluation.verdicts[-1])
    return (
        StepTrace(
            reports_reads=stream.reports_reads,
            reads=tuple(stream.reads),
            printed=tuple(line.text for line in evaluation.printed),
            verdict=Verdict.PASS if len(outputs) else last,
            fault=next(iter(evaluation.faults), None),
            outputs=tuple(outputs.record(index) for index in range(len(outputs))),
        ),
        outputs,
    )
