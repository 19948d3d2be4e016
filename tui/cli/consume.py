"""`fluvio-tui consume`: a topic's records, or those that a SmartStream passes, on standard output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.data import data_option, open_broker
from tui.cli.failures import Failure
from tui.cli.files import check_readable
from tui.cli.signals import StopRequest, stop_request

if TYPE_CHECKING:
    from engine.broker import Broker
    from engine.consumer import Consumer, Delivery
    from engine.smartstream.smartstream import SmartStream

POLL_SECONDS = 0.1
"""How long to wait for records before looking whether to stop, and whether anybody still reads."""


@click.command()
@click.argument("topic")
@click.argument("word", required=False, metavar="[smartstream]", type=click.Choice(["smartstream"]))
@click.option(
    "--inline-filter", metavar="FILE.rs", help="Print only the records that the filter in this file passes."
)
@click.option("-B", "--beginning", is_flag=True, help="From the topic's beginning, not from now on.")
@click.option("-d", "--disable-continuous", is_flag=True, help="Stop at the topic's end as it is now.")
@click.option(
    "-O",
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Values, or JSON objects with offset, partition, timestamp, key and value.",
)
@data_option()
def consume(
    topic: str,
    word: str | None,
    inline_filter: str | None,
    beginning: bool,
    disable_continuous: bool,
    output: str,
) -> None:
    """Print a topic's records as they come.

    Prints the values of TOPIC's records, one a line. A record that makes the filter fail is left out and
    counted on standard error.

    \b
    fluvio-tui consume tp1 smartstream --inline-filter sf1.rs
    fluvio-tui consume tp1 -B -d -O json
    """
    if word and inline_filter is None:
        raise click.UsageError("'smartstream' needs a filter: add --inline-filter FILE.rs")
    path = None if inline_filter is None else check_readable(inline_filter, "filter")
    with stop_request() as stop, open_broker() as broker:
        ends = _offsets(broker, topic, beginning=False)
        # Taken before the build, so that what arrives meanwhile is consumed too.
        positions = _offsets(broker, topic, beginning=True) if beginning else dict(ends)
        with nullcontext() if path is None else _build(path, stop) as smartstream:
            if not disable_continuous:
                _say_what_is_consumed(topic, beginning, path)
            consumer = _consumer(broker, topic, positions, smartstream)
            _print_all(consumer, ends if disable_continuous else None, output, stop)
    stop.exit()


def _say_what_is_consumed(topic: str, beginning: bool, path: Path | None) -> None:
    start = "the beginning" if beginning else "now on"
    click.echo(f"consuming topic {topic} from {start}{f', filtered by {path}' if path else ''}", err=True)


def _offsets(broker: Broker, topic: str, *, beginning: bool) -> dict[int, int]:
    partitions = range(broker.topic(topic).partitions)
    ranges = {partition: broker.offsets(topic, partition) for partition in partitions}
    return {partition: found.start if beginning else found.end for partition, found in ranges.items()}


def _build(path: Path, stop: StopRequest) -> SmartStream:
    """Build and load an inline filter; `Failure` with rustc's own words where it does not build."""
    from engine.build.build import build_once
    from engine.smartstream.smartstream import SmartStream

    with stop.at_once():
        build = build_once(path)
    if build.error is not None:
        raise build.error
    if build.wasm is None:
        for diagnostic in build.diagnostics:
            click.echo(diagnostic.rendered, err=True, nl=False)
        raise Failure(f"filter {path} does not build")
    return SmartStream(build.wasm, name=path.stem)


def _consumer(
    broker: Broker, topic: str, positions: dict[int, int], smartstream: SmartStream | None
) -> Consumer:
    from engine.consumer import Consumer

    return Consumer(broker, topic, positions=positions, smartstream=smartstream)


def _print_all(consumer: Consumer, ends: dict[int, int] | None, output: str, stop: StopRequest) -> None:
    """Print until told to stop, until nobody reads, or until every partition has come to its end."""
    from tui.cli.faults import FaultReport
    from tui.cli.output import FORMATS, Output

    printer = Output(FORMATS[output], stop)
    report = FaultReport()
    try:
        for delivery in _deliveries(consumer, ends, stop):
            if delivery is None:
                printer.check_read()
            else:
                printer.write(delivery)
                report.add(delivery)
    finally:
        for line in report.summary(consumer.missed):
            click.echo(line, err=True)


def _deliveries(
    consumer: Consumer, ends: dict[int, int] | None, stop: StopRequest
) -> Iterator[Delivery | None]:
    """What comes, and now and then None where nothing does; up to `ends`, or for ever where they are None."""
    if ends is None:
        while not stop.signal:
            yield consumer.poll(POLL_SECONDS)
        return
    left = {partition for partition, end in ends.items() if consumer.positions[partition] < end}
    while left and not stop.signal:
        delivery = consumer.poll(0)
        if delivery is None:
            return
        yield delivery
        if delivery.batch.next_offset >= ends[delivery.batch.partition]:
            left.discard(delivery.batch.partition)
