"""The work of `eval`: makes records of its input and prints what SmartStreams make of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from engine.broker.topics import MAX_RECORD_BYTES
from engine.builds.languages import without_our_files
from engine.consumer.consumer import EVALUATION_BUDGET
from engine.consumer.delivery import Delivery
from engine.consumer.look_back import looked_back
from engine.consumer.step import Step
from engine.producer.sources.json_lines import LONGEST_ESCAPE, ROOM, addressed_records
from engine.producer.sources.lines import made_batches
from engine.producer.sources.record_makers import Made, Maker, value_records
from engine.records.batch import Batch, now_ms
from engine.records.transform import Transform
from engine.runtime.config import ModuleConfig
from tui.cli.options.decoding import DecodeOptions
from tui.cli.options.input_files import opened, standard_input
from tui.cli.options.printing import Printing
from tui.cli.output.evaluated import EvaluatedLines
from tui.cli.output.faults import FaultReport
from tui.cli.output.formats import format_of
from tui.cli.output.stdout import Output
from tui.cli.process.exit_statuses import CANNOT_START
from tui.cli.process.failures import Failure
from tui.cli.process.signals import StopRequest, stop_request
from tui.cli.run.chains import StepError, open_chain
from tui.cli.run.decoding import decoding

if TYPE_CHECKING:
    from engine.schemas.decoding import Decoding


def evaluate_input(
    steps: Sequence[Step],
    config: ModuleConfig,
    printing: Printing,
    *,
    as_json: bool,
    stored: Path | None,
    decode: DecodeOptions,
    stop_on_error: bool,
    fail_on_error: bool,
) -> None:
    """Print what the steps make of standard input, whose lines are values, or records `as_json`."""
    with stop_request() as stop, decoding(decode) as decoder:
        how = None if decoder is None else decoder.of("standard input")
        before = [] if stored is None else list(_decoded(_stored(stored, as_json, stop), how))
        try:
            now = now_ms()
            with open_chain(
                steps, config, stop, lambda asked: [looked_back(batch, asked, now) for batch in before]
            ) as transform:
                first = before[-1].next_offset if before else 0
                batches = _batches(standard_input(), "standard input", first, as_json, stop)
                faults = _fault_report(stop_on_error)
                _print(transform, _decoded(batches, how), printing, stop, faults)
                faults.exit_if_failed(fail_on_error, stop)
        except StepError as error:
            if printing.format != "json":
                raise InitFailure(error) from error
            failed = error.error
            found = {"status": failed.what, "step": error.step, "message": failed.text}
            if failed.location:
                found["location"] = without_our_files(failed.location)
            click.echo(json.dumps(found, ensure_ascii=False))
            raise SystemExit(CANNOT_START) from error


class InitFailure(Failure):
    """A step that could not start."""

    exit_code = CANNOT_START

    def __init__(self, error: StepError) -> None:
        super().__init__(error.message, error.remedy)


def _stored(path: Path, as_json: bool, stop: StopRequest) -> Iterator[Batch]:
    with opened(str(path), stop) as descriptor:
        yield from _batches(descriptor, str(path), 0, as_json, stop)


def _batches(descriptor: int, name: str, first: int, as_json: bool, stop: StopRequest) -> Iterator[Batch]:
    """The input as batches; without offsets of their own, records begin at `first`."""
    limit = MAX_RECORD_BYTES
    make: Maker = value_records
    if as_json:
        make, limit = addressed_records(first, MAX_RECORD_BYTES), limit * LONGEST_ESCAPE + ROOM
    for made in made_batches(descriptor, make, name=name, limit=limit, interrupt=stop.descriptor):
        if made.offsets is None:
            yield Batch.consecutive(0, first, made.records)
            first += made.records.num_rows
        else:
            yield from _addressed(made)


def _decoded(batches: Iterator[Batch], how: Decoding | None) -> Iterator[Batch]:
    if how is None:
        return batches
    return (replace(batch, records=how.records(batch.records)) for batch in batches)


def _addressed(made: Made) -> Iterator[Batch]:
    """A batch for each run of one partition whose offsets ascend."""
    assert made.offsets is not None
    assert made.partitions is not None
    cuts = np.flatnonzero((np.diff(made.partitions) != 0) | (np.diff(made.offsets) <= 0)) + 1
    for start, end in pairwise([0, *cuts.tolist(), len(made.offsets)]):
        yield Batch(
            partition=max(int(made.partitions[start]), 0),
            records=made.records.slice(start, end - start),
            offsets=made.offsets[start:end],
            next_offset=int(made.offsets[end - 1]) + 1,
        )


def _fault_report(stop_on_error: bool) -> FaultReport:
    return FaultReport(
        "standard input",
        "stop" if stop_on_error else "skip",
        lambda batch, index: f"record {batch.offset(index)}",
    )


def _print(
    transform: Transform, batches: Iterator[Batch], printing: Printing, stop: StopRequest, faults: FaultReport
) -> None:
    as_json = printing.format == "json"
    lines = EvaluatedLines() if as_json else format_of(printing)
    output = Output(lines, stop, b"" if printing.format == "raw" else b"\n", faults=as_json)
    try:
        for delivery in faults.until_fault(_deliveries(transform, batches, stop)):
            if delivery is not None:
                output.write(delivery)
                faults.add(delivery)
    finally:
        faults.report_end(None, transform.memory, printing.stats)


def _deliveries(
    transform: Transform, batches: Iterator[Batch], stop: StopRequest
) -> Iterator[Delivery | None]:
    for batch in batches:
        while len(batch) and not stop.signal:
            evaluation = transform.evaluate(batch, budget=EVALUATION_BUDGET)
            yield Delivery(batch.slice(0, evaluation.evaluated), evaluation)
            batch = batch.slice(evaluation.evaluated, len(batch))
