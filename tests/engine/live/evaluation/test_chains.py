"""Chains and parameters of a live consumer: each step is replaced alone."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.builds.build import OnBuild
from engine.consumer.module_version import ModuleVersion
from engine.consumer.step import InlineFile, Step
from engine.live.evaluation.filter_consumer import FilterConsumer
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import ConsumerState
from engine.live.row_source import passed_rows
from engine.live.versions.loaded_steps import LoadedSteps
from engine.live.versions.running_version import RunningVersion
from engine.live.window.limits import WindowLimits
from engine.live.window.snapshot import Chunk
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch
from engine.records.evaluation import Evaluation
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream
from tests.engine.consumer_bench import EVEN, ODD, Bench, ScriptedBuilds
from tests.engine.live.versions.test_output_log import FIRST
from tests.engine.runtime.test_parameters import KEEP, SHOW, init
from tests.engine.runtime.wat_makers import aggregate, maker
from tui.dashboard.present.values.record_outputs import made_of

FAILS = maker("map", fields=init("(i32.const 1)"))
FAILS_WITH_PARAMETERS = maker(
    "map", fields=init("(i32.gt_u (i32.load offset=100 (local.get $header)) (i32.const 4))")
)
PARAMS = maker("map", SHOW.format("(i32.const 2048)", "(global.get $kept)"), fields=init(KEEP))
"""A map that shows the header of its init, and its parameters."""

Open = Callable[..., Bench]


@pytest.fixture
def open_chain() -> Iterator[Open]:
    """Opens a consumer with as many steps as it is given parameters; `Bench.builds` are of the first."""
    opened: list[Bench] = []

    def begin(*params: dict[str, str]) -> Bench:
        window = Window(WindowLimits(rows=1_000))
        made: list[ScriptedBuilds] = []
        wakes: list[float] = []

        def source(deliver: OnBuild) -> ScriptedBuilds:
            made.append(ScriptedBuilds(deliver))
            return made[-1]

        steps = [
            Step(source=InlineFile(path=Path(f"{name}.rs")), params=of_step)
            for name, of_step in zip("abc", params, strict=False)
        ]
        consumer = FilterConsumer(
            1, steps, [source] * len(steps), window, ModuleConfig(), lambda: wakes.append(time.monotonic())
        )
        consumer.start()
        opened.append(Bench(window, consumer, made[0], wakes))
        opened[-1].every = made  # type: ignore[attr-defined]
        return opened[-1]

    yield begin
    for bench in opened:
        bench.consumer.close()
        assert bench.builds.closed


def produce(bench: Bench, *values: bytes) -> None:
    bench.window.append(Batch.consecutive(0, bench.window.end_row, record_batch(values, timestamps=0)))


def values(bench: Bench, snapshot: ConsumerSnapshot) -> list[tuple[int, bytes | None]]:
    source = passed_rows(bench.window.snapshot(), snapshot)
    records = source.records(lambda window, rows: map(window.record, rows))
    return [(record.offset, record.value) for record in records]


def steps(bench: Bench) -> list[ScriptedBuilds]:
    return bench.every  # type: ignore[attr-defined, no-any-return]


def test_a_chain_waits_for_all_steps_and_reloads_each_alone(open_chain: Open) -> None:
    bench = open_chain({}, {})
    first, second = steps(bench)
    produce(bench, b"k", b"x", b"y", b"e", b"z")
    second.ready(aggregate("append"))
    assert bench.wait(lambda s: s.build is not None).state is ConsumerState.BUILDING
    first.ready(EVEN)
    snapshot = bench.wait_evaluated(5)
    assert snapshot.name == "a | b"
    assert snapshot.kind == "filter → aggregate"
    assert values(bench, snapshot) == [(0, b"k"), (2, b"ky"), (4, b"kyz")]
    assert snapshot.ended == (2, 0, 3)
    assert snapshot.fold is not None
    first.ready(ODD)
    snapshot = bench.wait(lambda s: s.version == 3 and len(s.verdicts) == 5)
    assert values(bench, snapshot) == [(1, b"x")], "the fold begins again, and an error is its record's alone"
    assert snapshot.ended == (3, 1, 1)
    assert snapshot.faults[3].step == 1
    second.failed()
    assert bench.wait(lambda s: s.state is ConsumerState.STALE).version == 3
    second.ready(maker("map"))
    snapshot = bench.wait(lambda s: s.version == 5 and len(s.verdicts) == 5)
    assert snapshot.state is ConsumerState.LIVE
    assert [entry.version for entry in snapshot.history] == [5, 4, 3, 2, 1]


def test_a_step_goes_back_as_a_new_version(open_chain: Open) -> None:
    bench = open_chain({}, {})
    first, second = steps(bench)
    produce(bench, b"k", b"l")
    first.ready(EVEN)
    bench.wait(lambda s: s.build is not None)
    second.ready(maker("map"))
    bench.wait_evaluated(2)
    first.ready(ODD)
    assert values(bench, bench.wait(lambda s: s.version == 3 and len(s.verdicts) == 2)) == [(1, b"l")]
    bench.consumer.use(1)
    snapshot = bench.wait(lambda s: s.version == 4 and len(s.verdicts) == 2)
    assert values(bench, snapshot) == [(0, b"k")]
    assert snapshot.history[0].trigger == "a.rs v1 again"
    assert snapshot.state is ConsumerState.LIVE


def test_other_parameters_are_a_new_version_without_a_build(open_chain: Open) -> None:
    bench = open_chain({"unit": "C"})
    produce(bench, b"x")
    bench.builds.ready(PARAMS)
    ((_, kept),) = values(bench, bench.wait_evaluated(1))
    assert kept is not None
    assert kept.endswith(b"unitC")
    bench.consumer.set_params(0, {"unit": "F"})
    snapshot = bench.wait(lambda s: s.version == 2 and len(s.verdicts) == 1)
    ((_, kept),) = values(bench, snapshot)
    assert kept is not None
    assert kept.endswith(b"unitF")
    assert bench.builds.asked == 0
    assert snapshot.history[0].trigger == "unit=F"
    assert snapshot.steps[0].params == {"unit": "F"}
    bench.builds.ready(PARAMS)
    ((_, kept),) = values(bench, bench.wait(lambda s: s.version == 3 and len(s.verdicts) == 1))
    assert kept is not None
    assert kept.endswith(b"unitF"), "builds have them as well"
    bench.consumer.use(1)
    snapshot = bench.wait(lambda s: s.version == 1 and s.outputs is not None)
    ((_, kept),) = values(bench, snapshot)
    assert kept is not None
    assert kept.endswith(b"unitC"), "an earlier version has its own"
    assert snapshot.steps[0].params == {"unit": "C"}


def test_parameters_that_init_refuses_leave_the_version_running(open_chain: Open) -> None:
    bench = open_chain({})
    produce(bench, b"x")
    bench.builds.ready(maker("map"))
    bench.wait_evaluated(1)
    bench.builds.ready(FAILS)
    snapshot = bench.wait(lambda s: s.state is ConsumerState.STALE)
    assert snapshot.version == 1
    assert snapshot.build is not None
    assert "init error" in str(snapshot.build.error)
    bench.consumer.set_params(0, {"a": "1"})
    snapshot = bench.wait(lambda s: len(s.history) == 3)
    assert snapshot.state is ConsumerState.STALE


def test_new_parameters_leave_a_save_that_does_not_build_stale(open_chain: Open) -> None:
    bench = open_chain({})
    produce(bench, b"x")
    bench.builds.ready(maker("map"))
    bench.wait_evaluated(1)
    bench.builds.failed()
    bench.wait(lambda s: s.state is ConsumerState.STALE)
    bench.consumer.set_params(0, {"a": "1"})
    snapshot = bench.wait(lambda s: s.version == 3)
    assert snapshot.state is ConsumerState.STALE
    assert snapshot.build is not None
    assert str(snapshot.build.error) == "it does not build"
    bench.builds.ready(maker("map"))
    assert bench.wait(lambda s: s.version == 4).state is ConsumerState.LIVE


def test_refused_parameters_are_said_beside_a_save_that_does_not_build(open_chain: Open) -> None:
    bench = open_chain({})
    produce(bench, b"x")
    bench.builds.ready(FAILS_WITH_PARAMETERS)
    bench.wait_evaluated(1)
    bench.builds.failed()
    bench.wait(lambda s: s.state is ConsumerState.STALE)
    bench.consumer.set_params(0, {"a": "1"})
    snapshot = bench.wait(lambda s: "init error" in s.status.notice)
    assert (snapshot.state, snapshot.version) == (ConsumerState.STALE, 1)
    bench.consumer.set_params(0, {})
    snapshot = bench.wait(lambda s: s.version > 1)
    assert (snapshot.state, snapshot.status.notice) == (ConsumerState.STALE, "")


def test_parameters_that_init_takes_end_what_those_before_had_refused(open_chain: Open) -> None:
    bench = open_chain({})
    produce(bench, b"x")
    bench.builds.ready(FAILS_WITH_PARAMETERS)
    bench.wait_evaluated(1)
    bench.consumer.set_params(0, {"a": "1"})
    bench.wait(lambda s: s.state is ConsumerState.STALE)
    bench.consumer.set_params(0, {})
    bench.wait(lambda s: s.state is ConsumerState.LIVE and s.version > 1)


def test_the_record_after_each_step_is_kept(open_chain: Open) -> None:
    bench = open_chain({}, {}, {})
    for builds, wasm in zip(steps(bench), (EVEN, maker("map", FIRST), aggregate("append")), strict=True):
        builds.ready(wasm)
    produce(bench, b"kl", b"mn", b"t2", b"op")
    produce(bench, b"qr")
    snapshot = bench.wait_evaluated(5)
    assert [snapshot.steps_through(row) for row in range(6)] == [3, 0, 2, 0, 3, 0]

    def after(row: int) -> list[bytes | None]:
        made = made_of(snapshot, row)
        original = bench.window.snapshot().record(row)
        places = range(0 if made is None else len(made))
        return [made.shown(place, original)[1].value for place in places]  # type: ignore[union-attr]

    assert after(0) == [b"k", b"kl", b"k"]
    assert after(1) == []
    assert after(2) == [b"t", b"t2"], "the last step traps on it"
    assert after(4) == [b"kq", b"qr", b"q"]
    made = made_of(snapshot, 2)
    assert made is not None
    original = bench.window.snapshot().record(2)
    assert made.shown(0, original)[0] == "after step 2 (b), ended by step 3"
    assert made.shown(-1, original)[0] == "after step 1 (a)"


def test_an_interrupted_evaluation_of_a_chain_is_nothing() -> None:
    loaded = LoadedSteps([SmartStream(EVEN), SmartStream(maker("map"))])
    made_of = tuple(ModuleVersion(version=1, wasm=b"", name=name) for name in "ab")
    version = RunningVersion(1, loaded, 0, made_of)
    chunk = Chunk(0, Batch.consecutive(0, 0, record_batch([b"k", b"l"], timestamps=0)))
    version.record(chunk, Evaluation.pending(2), skipped=0)
    assert version.verdicts.end_row == 0
    version.record(chunk, loaded.evaluate(chunk.batch), skipped=0)
    assert version.verdicts.end_row == version.ended_at.end_row == 2
    loaded.close()
