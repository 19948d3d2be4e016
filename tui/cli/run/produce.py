"""What `produce` does: makes records of its inputs and appends them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import click
import pyarrow as pa

from engine import units
from engine.broker.broker import Broker
from engine.broker.topics import Compression, Topic
from engine.errors import BrokerError, UnknownTopicError
from engine.producer.producer import Producer
from engine.producer.sources.json_lines import LONGEST_ESCAPE, ROOM, json_records
from engine.producer.sources.lines import made_batches, whole_input
from engine.producer.sources.record_makers import Made, Maker, key_and_value, value_records, with_key
from tui.cli.composition import open_broker
from tui.cli.options.input_files import opened, standard_input
from tui.cli.output.progress import Progress
from tui.cli.process.failures import REMEDIES, Failure
from tui.cli.process.signals import StopRequest, stop_request


@dataclass(frozen=True, slots=True)
class Making:
    """How records are made of the input, by the options of `produce`; without any, a line is a value."""

    key: bytes | None
    separator: str | None
    json: bool
    raw: bool
    limit: int
    """Bytes of a record at most."""
    compression: Compression | None
    """None for the topic's setting."""


def append_inputs(
    topic: str, files: Sequence[str | None], create: bool, making: Making, rate: float | None
) -> None:
    """Append files to a topic, which `create` makes if necessary; None is standard input."""
    with (
        stop_request() as stop,
        open_broker(stop, max_record_bytes=making.limit, compression=making.compression) as broker,
    ):
        found = _find_or_create(broker, topic, create)
        producer = Producer(broker.log, found, rate_limit=rate, pause=stop.pause)
        # With a rate limit, one block of a file may take minutes: the bar would not move.
        with _reported(producer, topic), Progress(files if rate is None else [None]) as progress:
            for file in files:
                with nullcontext(standard_input()) if file is None else opened(file, stop) as descriptor:
                    name = "standard input" if file is None else file
                    for made in _records(descriptor, name, making, found.partitions, stop):
                        producer.append(made.records, made.partitions)
                        progress.read(descriptor)
                    progress.finish(descriptor)


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


def _find_or_create(broker: Broker, topic: str, create: bool) -> Topic:
    try:
        return broker.topics.get(topic)
    except UnknownTopicError as error:
        if not create:
            raise Failure(error.message, f"{error.advice(REMEDIES)}, or add --create") from error
    try:
        return broker.topics.create(topic)
    except BrokerError:
        # Another process may have created it meanwhile.
        found = next((found for found in broker.topics.list() if found.name == topic), None)
        if found is None:
            raise
        return found


def _records(
    descriptor: int, name: str, making: Making, partitions: int, stop: StopRequest
) -> Iterator[Made]:
    maker, limit = _maker(making, partitions)
    if making.raw:
        whole = whole_input(descriptor, name=name, limit=limit, interrupt=stop.descriptor)
        if whole is not None:
            yield maker(pa.array([whole], pa.binary()))
    else:
        yield from made_batches(descriptor, maker, name=name, limit=limit, interrupt=stop.descriptor)


def _maker(making: Making, partitions: int) -> tuple[Maker, int]:
    """What makes the records, and the most bytes of input for one."""
    if making.json:
        return json_records(partitions, making.limit), making.limit * LONGEST_ESCAPE + ROOM
    if making.separator is not None:
        return key_and_value(making.separator), making.limit + len(making.separator.encode())
    if making.key is not None:
        return with_key(making.key), max(making.limit - len(making.key), 0)
    return value_records, making.limit
