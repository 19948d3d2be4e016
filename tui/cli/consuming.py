"""What `consume` does: reads a topic, judges what it reads, and prints what passes."""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path

import click

from engine.broker import Broker
from engine.consumer import Consumer, Delivery
from tui.cli.data import open_broker
from tui.cli.faults import FaultReport
from tui.cli.inline import build_inline
from tui.cli.output import FORMATS, Output
from tui.cli.signals import StopRequest, stop_request

POLL_SECONDS = 0.1
"""How long to wait for records before looking whether to stop, and whether anybody still reads."""


def print_topic(topic: str, path: Path | None, output: str, *, from_beginning: bool, to_end: bool) -> None:
    """Print the records of a topic that the filter in `path` passes, or all; `output` names the format."""
    with stop_request() as stop, open_broker() as broker:
        starts, ends = _offsets(broker, topic)
        # Taken before the build, so that what arrives meanwhile is consumed too.
        positions = starts if from_beginning else ends
        with nullcontext() if path is None else build_inline(path, stop) as smartstream:
            if not to_end:
                _say_what_is_consumed(topic, from_beginning, path)
            consumer = Consumer(broker, topic, positions=positions, smartstream=smartstream)
            deliveries = _until(consumer, ends, stop) if to_end else _for_ever(consumer, stop)
            _print(deliveries, consumer, Output(FORMATS[output], stop))
    stop.exit()


def _offsets(broker: Broker, topic: str) -> tuple[dict[int, int], dict[int, int]]:
    """Where each partition starts and ends now."""
    ranges = [broker.offsets(topic, partition) for partition in range(broker.topic(topic).partitions)]
    return {p: held.start for p, held in enumerate(ranges)}, {p: held.end for p, held in enumerate(ranges)}


def _say_what_is_consumed(topic: str, from_beginning: bool, path: Path | None) -> None:
    start = "the beginning" if from_beginning else "now on"
    click.echo(f"consuming topic {topic} from {start}{f', filtered by {path}' if path else ''}", err=True)


def _print(deliveries: Iterator[Delivery | None], consumer: Consumer, output: Output) -> None:
    report = FaultReport()
    try:
        for delivery in deliveries:
            if delivery is None:
                output.check_read()
            else:
                output.write(delivery)
                report.add(delivery)
    finally:
        for line in report.summary(consumer.missed):
            click.echo(line, err=True)


def _for_ever(consumer: Consumer, stop: StopRequest) -> Iterator[Delivery | None]:
    """What comes until told to stop, and now and then None where nothing does."""
    while not stop.signal:
        yield consumer.poll(POLL_SECONDS)


def _until(consumer: Consumer, ends: Mapping[int, int], stop: StopRequest) -> Iterator[Delivery]:
    """What there is up to each partition's end, in whole batches."""
    left = {partition for partition, end in ends.items() if consumer.positions[partition] < end}
    while left and not stop.signal:
        delivery = consumer.poll(0)
        if delivery is None:
            return
        yield delivery
        if delivery.batch.next_offset >= ends[delivery.batch.partition]:
            left.discard(delivery.batch.partition)
