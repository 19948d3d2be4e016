"""`fluvio-tui consume`: a topic's records, or those that a SmartStream passes, on standard output."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.data import data_option, open_broker
from tui.cli.failures import Failure
from tui.cli.files import check_readable

if TYPE_CHECKING:
    from engine.broker import Broker
    from engine.consumer import Consumer
    from engine.smartstream.smartstream import SmartStream
    from tui.cli.faults import FaultReport
    from tui.cli.output import Output

POLL_SECONDS = 0.5
"""How long to wait for records before looking whether anybody still reads standard output."""


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
    with open_broker() as broker:
        ends = _offsets(broker, topic, beginning=False)
        # Taken before the build, so that what arrives meanwhile is consumed too.
        positions = _offsets(broker, topic, beginning=True) if beginning else dict(ends)
        with nullcontext() if path is None else _build(path) as smartstream:
            _consume(broker, topic, positions, smartstream, ends if disable_continuous else None, output)


def _offsets(broker: Broker, topic: str, *, beginning: bool) -> dict[int, int]:
    partitions = range(broker.topic(topic).partitions)
    ranges = {partition: broker.offsets(topic, partition) for partition in partitions}
    return {partition: found.start if beginning else found.end for partition, found in ranges.items()}


def _build(path: Path) -> SmartStream:
    """Build and load an inline filter; `Failure` with rustc's own words where it does not build."""
    from engine.build.build import build_once
    from engine.smartstream.smartstream import SmartStream

    build = build_once(path)
    if build.error is not None:
        raise build.error
    if build.wasm is None:
        for diagnostic in build.diagnostics:
            click.echo(diagnostic.rendered, err=True, nl=False)
        raise Failure(f"filter {path} does not build")
    return SmartStream(build.wasm, name=path.stem)


def _consume(
    broker: Broker,
    topic: str,
    positions: dict[int, int],
    smartstream: SmartStream | None,
    ends: dict[int, int] | None,
    output: str,
) -> None:
    from engine.consumer import Consumer
    from tui.cli.faults import FaultReport
    from tui.cli.output import FORMATS, Output

    consumer = Consumer(broker, topic, positions=positions, smartstream=smartstream)
    report = FaultReport()
    try:
        _print_all(consumer, Output(FORMATS[output]), report, ends)
    finally:
        for line in report.summary(consumer.missed):
            click.echo(line, err=True)


def _print_all(consumer: Consumer, output: Output, report: FaultReport, ends: dict[int, int] | None) -> None:
    """Print deliveries for as long as somebody reads them, or until every partition is at its end."""
    left = {p: end for p, end in (ends or {}).items() if consumer.positions[p] < end}
    while ends is None or left:
        delivery = consumer.poll(POLL_SECONDS if ends is None else 0)
        if delivery is None:
            if ends is not None:
                return
            output.check_read()
            continue
        output.write(delivery)
        report.add(delivery)
        if left and delivery.batch.next_offset >= left[delivery.batch.partition]:
            del left[delivery.batch.partition]
