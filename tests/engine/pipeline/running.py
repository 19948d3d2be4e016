"""Runs pipelines of small modules."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.broker.broker import Broker
from engine.broker.named_consumers import Claim
from engine.consumer.step import ModuleFile, Step
from engine.pipeline.pipeline import Pipeline
from engine.pipeline.progress import Progress
from engine.pipeline.spec import PipelineDescription, PipelineSpec
from engine.records.transform import Transform
from engine.runtime.chain import Chain
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.wat_makers import aggregate

HASH = aggregate("hash")


def steps(*names: str) -> tuple[Step, ...]:
    return tuple(Step(source=ModuleFile(path=Path(f"{name}.wasm"))) for name in names)


def spec(*names: str, **others: object) -> PipelineSpec:
    described = {"source": "in", "target": "out", "name": "p", **others}
    return PipelineSpec.of(PipelineDescription(steps=steps(*names), **described))  # type: ignore[arg-type]


@contextmanager
def opened(
    broker: Broker, spec: PipelineSpec, *modules: bytes, **options: object
) -> Iterator[tuple[Pipeline, Claim]]:
    loaded: list[Transform] = [SmartStream(wasm) for wasm in modules]
    transform = Chain(loaded) if len(loaded) > 1 else next(iter(loaded), None)
    source = broker.topics.get(spec.source)
    try:
        with broker.consumers.claim(spec.name, spec.source) as claim:
            pipeline = Pipeline(broker, spec, source, claim, transform, **options)  # type: ignore[arg-type]
            try:
                yield pipeline, claim
            finally:
                pipeline.close()
    finally:
        for module in loaded:
            module.close()


def run(broker: Broker, spec: PipelineSpec, *modules: bytes, **options: object) -> Progress:
    """Run to the end of what the source holds now."""
    with opened(broker, spec, *modules, to_end=True, **options) as (pipeline, _):
        pipeline.run(lambda: False)
        return pipeline.progress


either = pytest.mark.parametrize("exactly_once", [False, True])
