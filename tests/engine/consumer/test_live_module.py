"""Builds become modules: the newest good one is loaded, and what is not wanted any more is given up."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from engine.builds.build import BuildRequest, BuildResult, OnBuild
from engine.builds.from_module import ModuleSource
from engine.consumer.live_module import LiveModule, ModuleListener
from engine.consumer.module_version import ModuleVersion
from engine.errors import ContractError, EngineError, InitError, LookBackError
from engine.process.job import Job
from engine.records.batch import Batch, record_batch
from engine.runtime.config import LookBack, ModuleConfig
from engine.runtime.smartstream import SmartStream
from tests.engine.consumer_bench import EVEN, ScriptedBuilds, ready, request
from tests.engine.runtime.configs import limited
from tests.engine.runtime.costly_modules import slow_to_compile
from tests.engine.runtime.wat_makers import LOOK_BACK, maker
from tests.waiting import PATIENCE, wait_until


@dataclass
class Heard(ModuleListener):
    """Writes down what it hears, and can be held up in it."""

    events: list[str] = field(default_factory=list)
    free: threading.Event = field(default_factory=threading.Event)

    def on_building(self, request: BuildRequest) -> None:
        self.events.append(f"building {request.version}")

    def on_built(self, result: BuildResult, module: SmartStream | None) -> None:
        self._note(f"{'failed' if module is None else 'ready'} {result.version}", module)
        assert result.ready == (module is not None)

    def on_reloaded(self, version: ModuleVersion, loaded: SmartStream | EngineError) -> None:
        if isinstance(loaded, EngineError):
            self._note(f"not again {version.version}: {loaded.message}", None)
        else:
            self._note(f"again {version.version}", loaded)

    def _note(self, event: str, module: SmartStream | None) -> None:
        if module is not None:
            module.close()
        self.events.append(event)
        assert self.free.wait(PATIENCE)


class World:
    def __init__(self) -> None:
        self.heard = Heard()
        self.module = LiveModule(self._builds, self.heard, config=ModuleConfig())
        self.module.start()

    def _builds(self, deliver: object) -> ScriptedBuilds:
        self.builds = ScriptedBuilds(deliver)  # type: ignore[arg-type]
        return self.builds

    def hold_up(self) -> None:
        """Let it be busy, so that what is asked now is waiting together."""
        self.builds.deliver(request(1).ended())
        wait_until(lambda: self.heard.events == ["failed 1"])
        self.heard.events.clear()

    def hears(self, *events: str) -> bool:
        self.heard.free.set()
        wait_until(lambda: len(self.heard.events) >= len(events))
        self.module.close()
        return self.heard.events == list(events)


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.heard.free.set()
    world.module.close()
    assert world.builds.closed


def version(number: int, wasm: bytes = EVEN) -> ModuleVersion:
    return ModuleVersion(version=number, wasm=wasm, name="f.rs")


def test_a_build_is_reported_when_it_begins_and_when_it_is_loaded(world: World) -> None:
    world.builds.ready(EVEN)
    assert world.hears("building 1", "ready 1")


def test_a_module_that_cannot_be_loaded_is_a_failed_build(world: World) -> None:
    world.builds.ready(b"not wasm")
    assert world.hears("building 1", "failed 1")


def test_builds_come_before_a_chosen_version(world: World) -> None:
    world.hold_up()
    world.module.choose(version(1))
    world.builds.deliver(request(3).ended())
    assert world.hears("failed 3", "again 1")


def test_a_good_build_is_wanted_more_than_a_version_chosen_before_it(world: World) -> None:
    world.hold_up()
    world.module.choose(version(1))
    world.builds.deliver(ready(4, EVEN))
    assert world.hears("ready 4")


def test_a_good_build_is_not_lost_to_a_failed_one_right_after_it(world: World) -> None:
    world.hold_up()
    world.builds.deliver(request(2).ended())
    world.builds.deliver(ready(3, EVEN))
    world.builds.deliver(request(4).ended())
    world.builds.deliver(request(5).ended())
    assert world.hears("ready 3", "failed 5")


def test_a_choice_can_be_taken_back(world: World) -> None:
    world.hold_up()
    world.module.choose(version(1))
    world.module.choose(None)
    assert world.hears()


def test_a_chosen_version_that_cannot_be_loaded_says_so(world: World) -> None:
    world.module.choose(version(1, b"not wasm"))
    assert world.hears("not again 1: f.rs is not WebAssembly")


def test_loading_ends_when_another_good_build_comes_but_not_for_a_failed_one(world: World) -> None:
    endless = replace(ready(1, slow_to_compile(6_000)), foreign=True)
    world.builds.deliver(endless)
    world.builds.deliver(request(2).ended())
    assert world.heard.events == []
    world.builds.deliver(ready(3, EVEN))
    assert world.hears("ready 3")


def test_loading_ends_on_close(world: World) -> None:
    world.builds.deliver(replace(ready(1, slow_to_compile(6_000)), foreign=True))
    world.module.close()
    assert world.heard.events == []


class Stored:
    """What a look-back is given."""

    def __init__(self, *values: bytes) -> None:
        self.values = values
        self.asked: list[LookBack] = []

    def __call__(self, look_back: LookBack) -> list[Batch]:
        self.asked.append(look_back)
        return [Batch.consecutive(0, 0, record_batch(self.values))]


@dataclass
class Kept(ModuleListener):
    """Keeps the last result, and what was loaded."""

    result: BuildResult | None = None
    module: SmartStream | None = None

    def on_building(self, request: BuildRequest) -> None:
        pass

    def on_built(self, result: BuildResult, module: SmartStream | None) -> None:
        self.module, self.result = module, result

    def on_reloaded(self, version: ModuleVersion, loaded: SmartStream | EngineError) -> None:
        pass


def built(wasm: bytes, config: ModuleConfig, stored: Stored | None = None) -> Kept:
    made: list[ScriptedBuilds] = []

    def builds(deliver: OnBuild) -> ScriptedBuilds:
        made.append(ScriptedBuilds(deliver))
        return made[0]

    kept = Kept()
    live = LiveModule(builds, kept, config=config, stored=stored)
    live.start()
    made[0].ready(wasm)
    wait_until(lambda: kept.result is not None)
    live.close()
    return kept


def test_a_version_whose_init_fails_is_a_failed_build() -> None:
    init = '(func (export "smartstream_init") (param $header i32) (result i32) (i32.const 1))'
    kept = built(maker("map", fields=init), ModuleConfig(params={"a": "b"}))
    assert kept.module is None
    assert kept.result is not None
    assert isinstance(kept.result.error, InitError)
    assert kept.result.error.message == "f.rs: init error: returned an error without a text"


def test_a_version_looks_back_before_it_is_ready() -> None:
    look_back, stored = LookBack(last=3), Stored(b"s", b"s")
    count = "(i32.store (i32.const 16) (global.get $seen))"
    show = (
        f"{count} (call $one (local.get $header) (local.get $record) (i32.const 0) (i32.const -1)"
        " (i32.const 16) (i32.const 4))"
    )
    kept = built(maker("map", show, fields=LOOK_BACK), ModuleConfig(look_back=look_back), stored)
    assert stored.asked == [look_back]
    assert kept.module is not None
    batch = Batch.consecutive(0, 0, record_batch([b"x"]))
    made = kept.module.evaluate(batch).outputs.records(batch.records)
    kept.module.close()
    assert made.column("value").to_pylist() == [(2).to_bytes(4, "little")]


def test_a_version_whose_look_back_fails_is_a_failed_build() -> None:
    kept = built(maker("map", fields=LOOK_BACK), ModuleConfig(look_back=LookBack(last=9)), Stored(b"e"))
    assert kept.module is None
    assert kept.result is not None
    assert isinstance(kept.result.error, LookBackError)


def test_stored_records_are_read_only_for_modules_that_look_back() -> None:
    stored = Stored(b"e")
    kept = built(maker("map"), ModuleConfig(look_back=LookBack(last=9)), stored)
    assert kept.module is not None
    kept.module.close()
    assert stored.asked == []


def test_a_module_of_others_is_compiled_within_limits(tmp_path: Path) -> None:
    path = tmp_path / "f.wasm"
    path.write_bytes(slow_to_compile(2_000))
    source = ModuleSource(path)
    wasm = source.build(Job()).wasm
    assert wasm is not None
    built = replace(request(1), foreign=source.foreign).ended(wasm=wasm)
    with pytest.raises(ContractError, match="takes longer than 300 ms to compile"):
        ModuleVersion.of(built, wasm).load(limited(compile_seconds=0.3), Job())
