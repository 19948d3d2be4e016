"""`consume --run-on spu`: SmartStreams run beside the log, and what they make of records is printed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import partial

from engine import units
from engine.broker.broker import Broker
from engine.broker.remote_evaluation import RemoteRefusedError
from engine.broker.topics import Topic
from engine.builds.build_loop import BuildLoop
from engine.builds.from_file import InlineSource
from engine.builds.from_library import StoredSource
from engine.builds.language import Target
from engine.consumer.module_version import ModuleVersion
from engine.consumer.remote_chain import (
    BuildReports,
    NotRemoteError,
    RemoteChain,
    RemoteVersions,
    StepModules,
)
from engine.consumer.remote_consumer import RemoteConsumer
from engine.consumer.step import InlineFile, ModuleFile, Step, StoredName
from engine.consumer.topic_consumer import ConsumerOptions, OpenConsumer
from engine.errors import BrokerError
from engine.records.batch import Batch
from tui.cli.options.filtering import Filtering
from tui.cli.output.build_reports import BuildProgress, report_build
from tui.cli.process.failures import report
from tui.cli.process.signals import StopRequest
from tui.cli.process.waiting import LOOK_SECONDS
from tui.cli.run.building import build_module
from tui.cli.run.chains import read_module

_SAMPLE = 100
"""Records of each partition that a version has to evaluate here before it is sent."""


@contextmanager
def remote_consumers(
    filtering: Filtering,
    broker: Broker,
    topic: Topic,
    starts: Mapping[int, int],
    options: ConsumerOptions,
    stop: StopRequest,
) -> Iterator[OpenConsumer]:
    """What opens a consumer, once the first version of the chain is built for the broker.

    `NotRemoteError` if it has to run here; `EngineError` and `Failure` as for `open_chain`.
    """
    assert broker.remote is not None, "checked before"
    steps = [_modules(step, filtering, broker, stop) for step in filtering.steps]
    progress = BuildProgress()
    reports = BuildReports(
        on_failed=report_build, on_building=lambda build: progress.say(build.path, build.doing)
    )
    opened: list[RemoteConsumer] = []

    def newest() -> list[Batch]:
        held = broker.log.offsets(topic.name)
        return [broker.log.page(topic.name, p, held[p].end, _SAMPLE) for p in starts if p in held]

    with closing(RemoteVersions(steps, reports, sample=newest)) as versions:
        while (chain := versions.first(LOOK_SECONDS)) is None:
            stop.exit()

        def open_consumer(*, positions: Mapping[int, int]) -> RemoteConsumer:
            assert broker.remote is not None
            consumer = RemoteConsumer(
                broker,
                broker.remote,
                topic,
                chain,
                positions=positions,
                newer=versions.newer,
                on_switch=_report_switch,
                **options,
            )
            opened.append(consumer)
            return consumer

        try:
            if chain.fold is not None and options["times"] is not None:
                raise NotRemoteError("an aggregate cannot leave out records by their time on an SPU")
            yield open_consumer
        finally:
            if not opened:
                chain.here.close()
    for consumer in opened:
        _report_traffic(broker, topic, consumer)


def _modules(step: Step, filtering: Filtering, broker: Broker, stop: StopRequest) -> StepModules:
    config = step.config(filtering.config)
    modules = partial(StepModules, name=step.name, config=config)
    match step.source:
        case InlineFile(path=path) if filtering.watch:
            source = InlineSource(path, limits=config.limits, target=Target.FLUVIO)
            return modules(builds=partial(BuildLoop, source))
        case InlineFile(path=path):
            wasm = build_module(path, stop, config, Target.FLUVIO)
            return modules(module=ModuleVersion(version=1, wasm=wasm, name=path.name))
        case StoredName(name=name):
            return modules(builds=partial(BuildLoop, StoredSource(broker.modules, name)))
        case ModuleFile(path=path):
            version = ModuleVersion(version=1, wasm=read_module(path), name=str(path), foreign=True)
            return modules(module=version)


def _report_switch(chain: RemoteChain, refused: RemoteRefusedError | None) -> None:
    """Say which version the broker runs now."""
    build = chain.build
    name = build.path.stem if build and build.foreign else build.path.name if build else "SmartStream"
    if refused is not None:
        report(f"{refused.message}; {name} is STALE, the previous version keeps running")
    elif build is not None and build.saved is not None:
        after = f"{round((time.time() - build.saved) * 1000):,} ms after the save"
        report(f"switched to version {build.version} of {name} {after}")


def _report_traffic(broker: Broker, topic: Topic, consumer: RemoteConsumer) -> None:
    """Say how much came over the network, and how much the records are that were evaluated for it."""
    traffic = consumer.traffic
    evaluated = traffic.evaluated + traffic.evaluated_here
    text = f"{units.plural(traffic.evaluated, 'record')} evaluated on SPUs"
    if traffic.evaluated_here:
        text += f", {traffic.evaluated_here:,} here"
    size = None
    with suppress(BrokerError):
        (description,) = broker.topics.describe(topic.name)
        held = sum(each.offsets.end - each.offsets.start for each in description.partitions)
        sizes = [each.bytes for each in description.partitions if each.bytes is not None]
        if held and len(sizes) == topic.partitions:
            size = sum(sizes) * min(evaluated, held) // held
    of = "" if size is None else f" of about {units.size(size)} that the topic has of them"
    report(f"{text}; {units.size(traffic.received)} received as results{of}")
