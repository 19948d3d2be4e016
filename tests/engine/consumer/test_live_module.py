"""Builds become modules: the newest good one is loaded, and what is not wanted any more is given up."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from engine.builds.build import BuildRequest, BuildResult
from engine.consumer.live_module import LiveModule, ModuleListener
from engine.consumer.module_version import ModuleVersion
from engine.errors import EngineError
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream
from tests.engine.consumer_bench import EVEN, ScriptedBuilds, ready, request
from tests.engine.runtime.costly_modules import slow_to_compile
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
