"""`fluvio-tui produce`: lines from files or standard input become records."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import click

from tui.cli.data import data_option, open_broker
from tui.cli.failures import Failure
from tui.cli.files import check_readable
from tui.cli.signals import StopRequest, stop_request
from tui.cli.text import counted, size

if TYPE_CHECKING:
    import pyarrow as pa

    from engine.broker import Broker

MAX_RECORD_BYTES = 16 << 20
STANDARD_INPUT = "-"


@click.command()
@click.argument("topic")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--create", is_flag=True, help="Make the topic where there is none of that name.")
@click.option(
    "--max-record-bytes",
    metavar="BYTES",
    type=click.IntRange(1, 512 << 20),
    default=MAX_RECORD_BYTES,
    show_default=True,
    help="The longest line to take.",
)
@data_option()
def produce(topic: str, files: tuple[str, ...], create: bool, max_record_bytes: int) -> None:
    """Append lines to a topic.

    Each line of each FILE, or of standard input as it comes, becomes a record of TOPIC. A line's bytes are
    kept as they are, without the newline that ends it. What has been acknowledged, and so is on disk, is said
    at the end on standard error, also when interrupted.

    \b
    tail -F /var/log/syslog | fluvio-tui produce logs --create
    """
    for file in files:
        if file != STANDARD_INPUT:
            check_readable(file, "input file")
    with stop_request() as stop, open_broker(stop, max_record_bytes=max_record_bytes) as broker:
        _find_or_create(broker, topic, create)
        with _told(Acknowledged(topic)) as acknowledged:
            for file in files or (STANDARD_INPUT,):
                _append_lines(broker, file, max_record_bytes, stop, acknowledged)
    stop.exit()


@dataclass(slots=True)
class Acknowledged:
    """What the broker has said is on disk."""

    topic: str
    records: int = 0
    bytes: int = 0
    started: float = field(default_factory=time.monotonic)

    def add(self, records: pa.RecordBatch) -> None:
        """Count records that have been acknowledged."""
        import pyarrow.compute as pc

        self.records += records.num_rows
        self.bytes += pc.sum(pc.binary_length(cast("pa.BinaryArray", records.column("value")))).as_py() or 0

    def __str__(self) -> str:
        seconds = time.monotonic() - self.started
        return (
            f"{counted(self.records, 'record')} ({size(self.bytes)}) acknowledged in topic {self.topic}, "
            f"{seconds:.1f} s"
        )


@contextmanager
def _told(acknowledged: Acknowledged) -> Iterator[Acknowledged]:
    """Say what was acknowledged, however the block ends."""
    try:
        yield acknowledged
    finally:
        click.echo(f"{acknowledged}", err=True)


def _find_or_create(broker: Broker, topic: str, create: bool) -> None:
    from engine.errors import BrokerError, UnknownTopicError

    try:
        broker.topic(topic)
    except UnknownTopicError as error:
        if not create:
            raise Failure(error.message, f"{error.remedy}; or add --create") from error
        try:
            broker.create_topic(topic)
        except BrokerError:
            # Another process may have made it meanwhile, which is as good.
            if all(found.name != topic for found in broker.topics()):
                raise


def _append_lines(
    broker: Broker, file: str, limit: int, stop: StopRequest, acknowledged: Acknowledged
) -> None:
    from engine.sources.lines import line_batches

    with _opened(file, stop) as descriptor:
        name = "standard input" if file == STANDARD_INPUT else file
        for batch in line_batches(descriptor, name=name, limit=limit, interrupt=stop.descriptor):
            broker.append(acknowledged.topic, batch)
            acknowledged.add(batch)


@contextmanager
def _opened(file: str, stop: StopRequest) -> Iterator[int]:
    if file == STANDARD_INPUT:
        yield _standard_input()
        return
    with stop.at_once():
        # A named pipe is open only once somebody writes to it.
        descriptor = os.open(file, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _standard_input() -> int:
    if sys.stdin is None:
        raise Failure("standard input is closed", "name a file, or pipe lines into the command")
    if sys.stdin.isatty():
        click.echo("a line is a record; Ctrl-D ends", err=True)
    return sys.stdin.fileno()
