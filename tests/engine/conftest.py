"""What tests that compile filters share: a toolchain, and a folder where the guest SDK is built once."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.builds.build import BuildResult, OnBuild
from engine.builds.rust.toolchain import Toolchain, find_toolchain
from engine.consumer.step import InlineFile, Step
from engine.live.evaluation.filter_consumer import FilterConsumer
from engine.live.window.limits import WindowLimits
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch
from engine.records.evaluation import Evaluation
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.build_once import build_once
from tests.engine.consumer_bench import Bench, ScriptedBuilds
from tests.waiting import PATIENCE

BuildFilter = Callable[..., BuildResult]
EvaluateFilter = Callable[..., Evaluation]


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let consumers evaluate all records of a batch, however long a busy machine takes for them."""
    monkeypatch.setattr("engine.consumer.consumer.EVALUATION_BUDGET", PATIENCE)


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """The Rust toolchain; tests that need it are marked `cargo`."""
    return find_toolchain()


@pytest.fixture
def build_filter(toolchain: Toolchain, build_cache: Path, tmp_path: Path) -> BuildFilter:
    """Write a filter's file, `sf1.rs` unless it is given another name, and build it."""

    def build(source: str, name: str = "sf1.rs") -> BuildResult:
        path = tmp_path / name
        path.write_text(source)
        # Found once: looking for a toolchain takes longer than a build.
        environ = {**os.environ, "FLUVIO_TUI_CARGO": str(toolchain.cargo)}
        return build_once(path, cache=build_cache, environ=environ)

    return build


@pytest.fixture
def evaluate_filter(build_filter: BuildFilter) -> EvaluateFilter:
    """Write a filter's file, build it, and let it evaluate some values."""

    def evaluate(
        source: str, values: Sequence[bytes], keys: Sequence[bytes | None] | None = None
    ) -> Evaluation:
        build = build_filter(source)
        assert build.wasm is not None, build
        return evaluate_values(build.wasm, values, keys)

    return evaluate


def evaluate_values(
    wasm: bytes, values: Sequence[bytes], keys: Sequence[bytes | None] | None = None
) -> Evaluation:
    """Let a module evaluate values, in partition 2 from offset 100 on, stamped 1,000 ms, 1,001 ms, …"""
    records = record_batch(values, keys=keys, timestamps=range(1000, 1000 + len(values)))
    stream = SmartStream(wasm, name="sf1.rs")
    try:
        return stream.evaluate(Batch.consecutive(2, 100, records))
    finally:
        stream.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A consumer over a window of 1,000 rows; the test hands out its builds."""
    window = Window(WindowLimits(rows=1_000))
    made: list[ScriptedBuilds] = []
    wakes: list[float] = []

    def source(deliver: OnBuild) -> ScriptedBuilds:
        made.append(ScriptedBuilds(deliver))
        return made[0]

    steps = (Step(source=InlineFile(path=Path("f.rs"))),)
    consumer = FilterConsumer(
        1, steps, [source], window, ModuleConfig(), lambda: wakes.append(time.monotonic())
    )
    consumer.start()
    yield Bench(window, consumer, made[0], wakes)
    consumer.close()
    assert made[0].closed


@pytest.fixture
def store(tmp_path: Path) -> SmartStreamStore:
    """An empty library of stored SmartStreams."""
    return SmartStreamStore(tmp_path / "data")
