"""The work of `consume`: reads a topic, evaluates its records, and prints what passes."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING

import click

from engine.broker.broker import Broker
from engine.broker.read_range import Origin
from engine.broker.topics import OffsetRange, Topic
from engine.consumer.consumer import Consumer
from engine.consumer.delivery import Delivery
from engine.consumer.topic_consumer import ConsumerOptions, OpenConsumer, TopicConsumer
from engine.errors import DeletedTopicError
from engine.records.transform import Transform
from tui.cli.composition import open_broker
from tui.cli.options.decoding import DecodeOptions
from tui.cli.options.filtering import Filtering
from tui.cli.options.positions import Extent
from tui.cli.options.printing import Printing
from tui.cli.output.faults import FaultReport, report_damaged
from tui.cli.output.formats import format_of
from tui.cli.output.outage import Outage
from tui.cli.output.stdout import Output
from tui.cli.process.failures import Failure, report
from tui.cli.process.signals import StopRequest, stop_request
from tui.cli.run.consuming.follower import Follower
from tui.cli.run.consuming.named_consumer import PositionSaver, position_saver
from tui.cli.run.consuming.partition_follower import PartitionFollower
from tui.cli.run.consuming.topic_follower import TopicFollower
from tui.cli.run.decoding import decoded
from tui.cli.run.place import check_place

if TYPE_CHECKING:
    from engine.consumer.step import Step

POLL_SECONDS = 0.1
"""How long to wait for records between checks for a signal and for a closed pipe."""


def print_topic(
    topic: str, filtering: Filtering, printing: Printing, extent: Extent, decode: DecodeOptions
) -> None:
    """Print the records of a topic that a filter passes, or all."""
    keeps = filtering.on_error == "keep"
    with (
        stop_request() as stop,
        open_broker(stop) as opened,
        decoded(opened, decode) as broker,
        position_saver(broker, extent.consumer, topic, shared=extent.share) as saver,
    ):
        _report_lacks(broker, extent)
        # Before the build, so that records which arrive meanwhile are consumed too.
        found = broker.topics.get(topic)
        held = _offsets(broker, found, extent.partitions)
        positions, ends = extent.span.resolve(broker.log, found, held)
        starts = positions if saver is None else saver.starts(positions)
        options = ConsumerOptions(
            include_failed=keeps,
            ends=ends,
            times=extent.times,
            on_damage=report_damaged if extent.skip_damaged else None,
        )
        with _consumers(filtering, broker, found, extent, starts, options, stop) as open_consumer:
            _report_past_end(extent, held)
            if saver is not None:
                positions = saver.begin(positions, extent.start_option)
            if not extent.span.bounded:
                resumed = saver is not None and saver.resumes
                _report_start(topic, extent, filtering.steps, resumed=resumed)
            with closing(open_consumer(positions=positions)) as consumer:
                faults = FaultReport(topic, filtering.on_error)
                follower = _follower(broker, found, extent, saver, positions)
                deliveries = faults.until_fault(_deliveries(consumer, stop, follower))
                if extent.records is not None:
                    deliveries = _first(deliveries, extent.records)
                if saver is not None:
                    deliveries = saver.followed(deliveries)
                end = b"" if printing.format == "raw" else b"\n"
                output = Output(format_of(printing, marked=keeps), stop, end)
                _print(deliveries, consumer, output, faults, Outage(broker), printing.stats)
                faults.exit_if_failed(filtering.fail_on_error, stop)


@contextmanager
def _consumers(
    filtering: Filtering,
    broker: Broker,
    topic: Topic,
    extent: Extent,
    starts: Mapping[int, int],
    options: ConsumerOptions,
    stop: StopRequest,
) -> Iterator[OpenConsumer]:
    """What opens a consumer at some positions, once the SmartStreams are there."""
    with ExitStack() as opened:
        open_consumer: OpenConsumer | None = None
        if filtering.steps and _runs_remotely(filtering, broker):
            from engine.consumer.remote_chain import NotRemoteError
            from tui.cli.run.consuming.remote import remote_consumers

            try:
                open_consumer = opened.enter_context(
                    remote_consumers(filtering, broker, topic, starts, options, stop)
                )
            except NotRemoteError as error:
                if filtering.run_on == "spu":
                    raise
                report(f"{error.message}: it runs here, not on the SPUs")
        if open_consumer is None:
            smartstream = opened.enter_context(_smartstream(filtering, broker, topic, starts, stop))
            if extent.share and smartstream is not None and smartstream.folds:
                # Their accumulators stay behind when partitions go to others.
                raise Failure("--share cannot be used with aggregates", "use 'fluvio-tui run'")
            open_consumer = partial(Consumer, broker, topic, smartstream=smartstream, **options)
        yield open_consumer


def _runs_remotely(filtering: Filtering, broker: Broker) -> bool:
    check_place(broker, filtering.run_on)
    return broker.remote is not None and filtering.run_on != "client"


def _smartstream(
    filtering: Filtering, broker: Broker, topic: Topic, positions: Mapping[int, int], stop: StopRequest
) -> AbstractContextManager[Transform | None]:
    if not filtering.steps:
        return nullcontext()
    # It takes longer than all other imports: the WebAssembly runtime.
    from engine.consumer.look_back import stored_before
    from tui.cli.run.chains import open_chain

    return open_chain(
        filtering.steps,
        filtering.config,
        stop,
        partial(stored_before, broker.log, topic.name, positions),
        modules=broker.modules,
        follow_files=filtering.watch,
        follow_store=True,
    )


def _offsets(broker: Broker, topic: Topic, partitions: Sequence[int]) -> dict[int, OffsetRange]:
    """The offsets that the partitions hold now; all partitions if none is named."""
    for partition in partitions:
        topic.check_partition(partition)
    held = broker.log.offsets(topic.name)
    return {p: held[p] for p in partitions or range(topic.partitions)}


def _report_start(topic: str, extent: Extent, steps: Sequence[Step], *, resumed: bool) -> None:
    named = ", ".join(map(str, extent.partitions))
    partitions = f", partition{'s' if len(extent.partitions) > 1 else ''} {named}," if named else ""
    through = ", then ".join(str(step.source) for step in steps)
    filtered = f", through {through}" if steps else ""
    start = f"where consumer {extent.consumer} stopped" if resumed else extent.start
    click.echo(f"consuming topic {topic}{partitions} from {start}{filtered}", err=True)


def _report_past_end(extent: Extent, held: Mapping[int, OffsetRange]) -> None:
    start = extent.span.start
    if start.origin is Origin.ZERO:
        for partition, offsets in held.items():
            if offsets.end < start.count:
                report(f"partition {partition} ends before offset {start.count:,}: at {offsets.end:,}")


def _report_lacks(broker: Broker, extent: Extent) -> None:
    """Say once what the broker cannot do of what is asked for."""
    features, span = broker.features, extent.span
    if extent.consumer is not None and not features.exclusive_consumers:
        report(f"broker {broker.name} does not keep consumers apart: run {extent.consumer} only once")
    by_time = span.start.origin is Origin.TIME or span.until is not None
    if by_time and features.time_lookup == "bisect":
        report(f"broker {broker.name} does not look up times: they are taken to rise with offsets")


def _follower(
    broker: Broker, topic: Topic, extent: Extent, saver: PositionSaver | None, starts: Mapping[int, int]
) -> Follower | None:
    if saver is not None and extent.share:
        return PartitionFollower(topic, saver, starts)
    # What is asked for up to an end is not in another topic.
    return None if extent.span.ends else TopicFollower(broker, topic, saver)


def _print(
    deliveries: Iterator[Delivery | None],
    consumer: TopicConsumer,
    output: Output,
    faults: FaultReport,
    outage: Outage,
    stats: str | None,
) -> None:
    """Print deliveries, and in the end, however that comes, what was wrong and the statistics."""
    try:
        for delivery in deliveries:
            if delivery is None:
                output.check_read()
                outage.look()
            else:
                output.write(delivery)
                faults.add(delivery)
            faults.report_lost(consumer.lost)
    finally:
        statistics = stats or ("text" if sys.stderr.isatty() else None)
        faults.report_end(consumer, consumer.memory, statistics)


def _deliveries(
    consumer: TopicConsumer, stop: StopRequest, follower: Follower | None
) -> Iterator[Delivery | None]:
    """Deliveries until a signal comes, and None now and then while there are none."""
    while not stop.signal and not (consumer.positions and consumer.finished):
        if follower is not None:
            follower.look(consumer)
        yield _polled(consumer, follower)


def _polled(consumer: TopicConsumer, follower: Follower | None) -> Delivery | None:
    try:
        if consumer.positions:
            return consumer.poll(POLL_SECONDS)
    except DeletedTopicError:
        if follower is None or not follower.look_soon():
            raise
    time.sleep(POLL_SECONDS)
    return None


def _first(deliveries: Iterator[Delivery | None], count: int) -> Iterator[Delivery | None]:
    """Deliveries until `count` records have passed."""
    for delivery in deliveries:
        if delivery is not None:
            delivery = delivery.first(count)
            count -= len(delivery.passed)
        yield delivery
        if not count:
            return
