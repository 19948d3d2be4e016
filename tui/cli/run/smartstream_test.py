"""The work of `smartstream test`: evaluates records one by one, and prints their verdicts."""

from __future__ import annotations

import json
import os
from collections import Counter
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
from engine.records.record_json import object_of, output_object
from engine.records.transform import Transform
from engine.regression.expectations import read_cases, write_cases
from engine.regression.trial import Case, Trial, try_case
from engine.runtime.config import ModuleConfig
from tui import format
from tui.cli.composition import open_broker
from tui.cli.options.input_files import opened
from tui.cli.output.formats import labelled
from tui.cli.process.signals import StopRequest, stop_request
from tui.cli.run.chains import open_chain
from tui.dashboard.present.signs import VERDICT_WORDS

VALUE_CELLS = 100
"""Terminal cells of a value that are shown."""
_INDENT = "    "
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
    as_json: bool,
) -> bool:
    """Evaluate records, and print a verdict for each; whether all are as expected."""
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
                click.echo(_json(trial) if as_json else _text(trial))
        stop.exit()
        click.echo(_summary(trials), err=True)
        if record is not None:
            write_cases(record, trials)
    return record is not None or all(trial.as_expected for trial in trials)


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
    with open_broker(stop) as broker:
        found = broker.topics.get(topic)
        positions, ends = span.resolve(broker.log, found, broker.log.offsets(topic))
        with Consumer(broker, found, positions=positions, ends=ends) as consumer:
            while not consumer.finished:
                delivery = consumer.poll(POLL_SECONDS)
                if delivery is not None:
                    yield from map(delivery.batch.record, range(len(delivery.batch)))


def _text(trial: Trial) -> str:
    record = trial.case.record
    cost = units.elapsed(trial.seconds)
    value = format.value_line(memoryview(record.value or b""), VALUE_CELLS)
    lines = [f"{labelled(trial.verdict):<9}  {record.offset:>6}  {cost:>8}  {value}".rstrip()]
    if trial.fault is not None:
        place = f" at {trial.fault.location}" if trial.fault.location else ""
        message = format.harmless_lines(f"{trial.fault.message}{place}")
        lines += [_INDENT + line for line in message.splitlines()]
    if trial.outputs is not None:
        lines += [f"{_INDENT}→ {_output(*output)}" for output in trial.outputs]
    lines += [f"{_INDENT}printed: {format.harmless(line)}" for line in trial.printed]
    if trial.lost:
        lines.append(f"{_INDENT}{units.plural(trial.lost, 'log line')} dropped")
    if trial.case.expected is not None and not trial.as_expected:
        lines.append(f"{_INDENT}expected {labelled(trial.case.expected)}")
        lines += [f"{_INDENT}expected → {_output(*output)}" for output in trial.case.outputs or ()]
    return "\n".join(lines)


def _output(key: bytes | None, value: bytes | None) -> str:
    named = "" if key is None else f"{format.value_line(memoryview(key), VALUE_CELLS)}: "
    shown = "(tombstone)" if value is None else format.value_line(memoryview(value), VALUE_CELLS)
    return f"{named}{shown}"


def _json(trial: Trial) -> str:
    fault = trial.fault
    found = {
        **object_of(trial.case.record),
        "verdict": VERDICT_WORDS[trial.verdict],
        "expected": None if trial.case.expected is None else VERDICT_WORDS[trial.case.expected],
        "outputs": None
        if trial.outputs is None
        else [output_object(key, value) for key, value in trial.outputs],
        "message": None if fault is None else fault.message,
        "location": None if fault is None or fault.location is None else str(fault.location),
        "printed": trial.printed,
        "lost": trial.lost,
        "nanoseconds": round(trial.seconds * 1e9),
    }
    return json.dumps(found, ensure_ascii=False)


def _summary(trials: list[Trial]) -> str:
    counts = Counter(trial.verdict for trial in trials)
    words = [
        f"{number:,} {VERDICT_WORDS[verdict]}" for verdict in VERDICT_WORDS if (number := counts[verdict])
    ]
    unexpected = sum(trial.case.expected is not None and not trial.as_expected for trial in trials)
    if unexpected:
        words.append(f"{unexpected:,} mismatch{'' if unexpected == 1 else 'es'}")
    return f"fluvio-tui: {units.plural(len(trials), 'record')}{': ' if words else ''}{', '.join(words)}"
