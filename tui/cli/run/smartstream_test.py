"""The work of `smartstream test`: evaluates records one by one, and prints their verdicts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import click

from engine import units
from engine.broker.read_range import Origin, ReadRange, Start
from engine.broker.topics import MAX_RECORD_BYTES
from engine.consumer.consumer import Consumer
from engine.consumer.step import Step
from engine.producer.sources.lines import line_batches
from engine.records.batch import Record, now_ms
from engine.records.transform import Transform
from engine.regression.expectations import read_cases, update_cases, write_cases
from engine.regression.trial import Case, Trial, try_case
from engine.runtime.config import ModuleConfig
from tui.cli.composition import open_broker
from tui.cli.options.input_files import opened
from tui.cli.output.trials import TrialReport, summary
from tui.cli.process.failures import named_to_exist
from tui.cli.process.signals import StopRequest, stop_request
from tui.cli.run.chains import open_chain

POLL_SECONDS = 0.1
_STANDARD_INPUT = 0


@dataclass(frozen=True, slots=True)
class Inputs:
    """Where records come from."""

    texts: tuple[str, ...]
    files: tuple[str | None, ...]
    """None is standard input."""
    key: str | None
    topic: str | None
    last: int | None
    """Newest records of each partition; None for all."""


def print_trials(
    steps: Sequence[Step],
    config: ModuleConfig,
    inputs: Inputs,
    *,
    expect: Path | None,
    record: Path | None,
    update: bool,
    report: TrialReport,
) -> bool:
    """Evaluate records, and report the verdict of each; whether all are as expected.

    `record` gets all records with their verdicts; `update` replaces those in `expect` that are others.
    """
    trials: list[Trial] = []
    with stop_request() as stop:
        with ExitStack() as opened_:
            by_params: dict[tuple[tuple[str, str], ...], Transform] = {}
            for case in _cases(inputs, expect, stop):
                params = tuple(sorted(case.params.items()))
                if params not in by_params:
                    by_params[params] = opened_.enter_context(
                        open_chain(_with(steps, case.params), config, stop, lambda _: ())
                    )
                trial = try_case(by_params[params], case)
                if stop.signal:
                    break
                trials.append(trial)
                report.add(trial)
        stop.exit()
        report.end()
        click.echo(summary(trials), err=True)
        if record is not None:
            write_cases(record, trials)
        if expect is not None and update:
            cases = units.plural(update_cases(expect, trials), "case")
            click.echo(f"fluvio-tui: {cases} of {expect} updated", err=True)
    return record is not None or update or all(trial.as_expected for trial in trials)


def _with(steps: Sequence[Step], params: Mapping[str, str]) -> Sequence[Step]:
    """The steps, the first with other parameters if there are any."""
    return [replace(steps[0], params=params), *steps[1:]] if params else steps


def _cases(inputs: Inputs, expect: Path | None, stop: StopRequest) -> Iterator[Case]:
    if expect is not None:
        yield from read_cases(expect)
        return
    key = None if inputs.key is None else os.fsencode(inputs.key)
    for offset, value in enumerate(_values(inputs, stop)):
        yield Case(Record(0, offset, now_ms(), key, value))
    if inputs.topic is not None:
        yield from map(Case, _records(inputs.topic, inputs.last, stop))


def _values(inputs: Inputs, stop: StopRequest) -> Iterator[bytes]:
    yield from map(os.fsencode, inputs.texts)
    for file in inputs.files:
        with nullcontext(_STANDARD_INPUT) if file is None else opened(file, stop) as descriptor:
            batches = line_batches(
                descriptor,
                name="standard input" if file is None else file,
                limit=MAX_RECORD_BYTES,
                interrupt=stop.descriptor,
            )
            for records in batches:
                yield from cast("list[bytes]", records.column("value").to_pylist())


def _records(topic: str, last: int | None, stop: StopRequest) -> Iterator[Record]:
    span = ReadRange(Start(Origin.BEGINNING) if last is None else Start(Origin.END, last), None, to_end=True)
    with named_to_exist(), open_broker(stop) as broker:
        found = broker.topics.get(topic)
        positions, ends = span.resolve(broker.log, found, broker.log.offsets(topic))
        with Consumer(broker, found, positions=positions, ends=ends) as consumer:
            while not consumer.finished:
                delivery = consumer.poll(POLL_SECONDS)
                if delivery is not None:
                    yield from map(delivery.batch.record, range(len(delivery.batch)))
