"""The work of `produce`: makes records of its inputs and appends them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from engine import units
from engine.broker.broker import Broker
from engine.broker.topics import Topic
from engine.errors import BrokerError, UnknownTopicError
from engine.producer.appending import Appending
from engine.producer.producer import Producer
from engine.producer.sources.lines import is_readable
from tui.cli.composition import open_broker
from tui.cli.options.input_files import opened, standard_input
from tui.cli.options.making import Making
from tui.cli.output.outage import Outage
from tui.cli.output.progress import Progress
from tui.cli.process.failures import REMEDIES, Failure
from tui.cli.process.signals import StopRequest, stop_request
from tui.cli.run.producing.making import RecordMaking
from tui.cli.run.producing.resuming import Resuming

if TYPE_CHECKING:
    from engine.consumer.step import Step
    from engine.producer.transform import ProducerTransform
    from engine.runtime.config import ModuleConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Applying:
    """The SmartStreams whose outputs are appended in place of the records."""

    steps: Sequence[Step]
    config: ModuleConfig
    refuses: bool
    """Whether nothing of a request is appended if one fails on any of its records."""
    fails: bool
    """Whether the program fails in the end if one failed on any record."""


def append_inputs(
    topic: str,
    files: Sequence[str | None],
    create: bool,
    making: Making,
    rate: float | None,
    applying: Applying | None,
) -> None:
    """Append files to a topic, which `create` makes if necessary; None is standard input."""
    with (
        stop_request() as stop,
        open_broker(stop, max_record_bytes=making.max_record_bytes, compression=making.compression) as broker,
    ):
        found = find_or_create(broker, topic, create)
        with _applied(applying, broker, found, stop) as transform:
            producer = Producer(broker.log, found, rate_limit=rate, pause=stop.pause, transform=transform)
            appending = Appending(producer, Outage(broker).look)
            _append(appending, producer, found, files, making, rate, stop)


def _append(
    appending: Appending,
    producer: Producer,
    found: Topic,
    files: Sequence[str | None],
    making: Making,
    rate: float | None,
    stop: StopRequest,
) -> None:
    # With a rate limit, one block of a file may take minutes: the bar would not move.
    with (
        Resuming(appending, stop, exact=rate is None and found.partitions == 1) as resuming,
        RecordMaking(making, found.partitions, stop.descriptor) as records,
        _reported(producer, found.name),
        Progress(files if rate is None else [None]) as progress,
        appending,
    ):
        for file in files:
            resuming.begin(file)
            with nullcontext(standard_input()) if file is None else opened(file, stop) as descriptor:
                for made in records.records(descriptor, file or "standard input"):
                    appending.append(made, wait=not is_readable(descriptor))
                    progress.read(descriptor)
                appending.wait()
                progress.finish(descriptor)


@contextmanager
def _applied(
    applying: Applying | None, broker: Broker, topic: Topic, stop: StopRequest
) -> Iterator[ProducerTransform | None]:
    if applying is None:
        yield None
        return
    # It takes longer than all other imports: the WebAssembly runtime.
    from engine.consumer.delivery import Delivery
    from engine.consumer.look_back import stored_before
    from engine.producer.transform import ProducerTransform
    from tui.cli.output.faults import FaultReport
    from tui.cli.run.chains import open_chain

    ends = {partition: held.end for partition, held in broker.log.offsets(topic.name).items()}
    stored = partial(stored_before, broker.log, topic.name, ends)
    faults = FaultReport(
        topic.name,
        "stop" if applying.refuses else "skip",
        lambda batch, _: f"a record for partition {batch.partition}",
    )
    with open_chain(applying.steps, applying.config, stop, stored, modules=broker.modules) as chain:
        try:
            yield ProducerTransform(
                chain,
                refuses=applying.refuses,
                on_evaluated=lambda batch, evaluation: faults.add(Delivery(batch, evaluation)),
            )
        finally:
            faults.report_end(None, None, None)
        faults.exit_if_failed(applying.fails, stop)


@contextmanager
def _reported(producer: Producer, topic: str) -> Iterator[None]:
    """Report what was acknowledged, however the block ends."""
    started = time.monotonic()
    try:
        yield
    finally:
        records, size = units.plural(producer.records, "record"), units.size(producer.bytes)
        seconds = time.monotonic() - started
        click.echo(f"{records} ({size}) acknowledged in topic {topic}, {seconds:.1f} s", err=True)


def find_or_create(broker: Broker, topic: str, create: bool, partitions: int = 1) -> Topic:
    """A topic, which `create` makes if necessary; `Failure` or `BrokerError`."""
    try:
        return broker.topics.get(topic)
    except UnknownTopicError as error:
        if not create:
            raise Failure(error.message, f"{error.advice(REMEDIES)}, or add --create") from error
    try:
        return broker.topics.create(topic, partitions)
    except BrokerError:
        # Another process may have created it meanwhile.
        found = next((found for found in broker.topics.list() if found.name == topic), None)
        if found is None:
            raise
        return found
