"""The work of `run`: opens a pipeline, and runs it until a signal or the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial

from engine.broker.broker import Broker
from engine.broker.decoded import DecodedBroker
from engine.broker.named_consumers import Claim
from engine.broker.topics import Topic
from engine.consumer.delivery import Delivery
from engine.consumer.look_back import stored_before
from engine.pipeline.metrics import MetricsServer, metrics_text
from engine.pipeline.pipeline import Pipeline
from engine.pipeline.spec import PipelineSpec
from engine.records.transform import Transform
from engine.runtime.config import ModuleConfig
from engine.schemas.transform import DecodedTransform
from tui.cli.composition import open_broker
from tui.cli.options.decoding import DecodeOptions
from tui.cli.output.faults import FaultReport, report_damaged
from tui.cli.output.pipeline_progress import PipelineProgress
from tui.cli.process.failures import report
from tui.cli.process.signals import StopRequest, stop_request
from tui.cli.run.chains import open_chain
from tui.cli.run.decoding import decoding
from tui.cli.run.produce import find_or_create


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """How to run a pipeline."""

    config: ModuleConfig
    create: bool
    """Whether to create the topics to write to."""
    watch: bool
    to_end: bool
    skip_damaged: bool
    stats: str | None
    """`text` or `json`; None for what suits the terminal."""
    metrics: tuple[str, int] | None
    """The host and the port to serve metrics at."""
    schema_registry: str | None


def run_pipeline(spec: PipelineSpec, how: Running) -> None:
    """Run a pipeline until a signal, which is a success, or the end."""
    with stop_request() as stop, open_broker(stop) as broker:
        spec.check(broker)
        source = broker.topics.get(spec.source)
        for topic in filter(None, (spec.target, spec.dead_letter)):
            find_or_create(broker, topic, how.create, source.partitions)
        with broker.consumers.share(spec.name, spec.source) as claim:
            _run(spec, how, broker, source, claim, stop)


def _run(
    spec: PipelineSpec, how: Running, broker: Broker, source: Topic, claim: Claim, stop: StopRequest
) -> None:
    with _transform(spec, how, broker, source, claim, stop) as transform:
        shown = PipelineProgress(spec.name, how.stats)
        faults = FaultReport(source.name, "skip" if spec.dead_letter is None else "dead-letter")

        def on_delivery(delivery: Delivery) -> None:
            if delivery.evaluation and (delivery.evaluation.faults or delivery.evaluation.printed):
                shown.clear()
            faults.add(delivery)

        pipeline = Pipeline(
            broker,
            spec,
            source,
            claim,
            transform,
            to_end=how.to_end,
            on_delivery=on_delivery,
            on_progress=shown.show,
            on_problem=lambda error: report(f"{error.message}; continuing from the saved position"),
            on_damage=report_damaged if how.skip_damaged else None,
        )
        with closing(pipeline), _metrics(spec.name, pipeline, how):
            report(f"running {spec.name}: {spec.route}")
            try:
                pipeline.run(lambda: bool(stop.signal))
            finally:
                shown.end(pipeline.progress)
                faults.report_end(None, None, None)
        stop.fulfil()


@contextmanager
def _transform(
    spec: PipelineSpec, how: Running, broker: Broker, source: Topic, claim: Claim, stop: StopRequest
) -> Iterator[Transform | None]:
    if not spec.steps:
        yield None
        return
    starts = {p: held.start for p, held in broker.log.offsets(source.name).items()} | claim.positions()
    typed: DecodeOptions = {"decode": spec.decode, "schema_registry": how.schema_registry}
    with decoding(typed) as decode:
        reading = broker if decode is None else DecodedBroker(broker, decode)
        with open_chain(
            spec.steps,
            how.config,
            stop,
            partial(stored_before, reading.log, source.name, starts),
            modules=broker.modules,
            follow_files=how.watch,
            follow_store=True,
            keeps_accumulators=True,
        ) as transform:
            yield transform if decode is None else DecodedTransform(transform, decode.of(source.name))


@contextmanager
def _metrics(name: str, pipeline: Pipeline, how: Running) -> Iterator[None]:
    if how.metrics is None:
        yield
        return
    host, port = how.metrics
    with closing(MetricsServer(host, port, lambda: metrics_text(name, pipeline.progress))) as server:
        report(f"metrics at http://{host}:{server.port}/metrics")
        yield
