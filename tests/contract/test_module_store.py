"""The contract of stored SmartStreams, over a folder, over memory, and over a Fluvio cluster."""

import hashlib
import queue
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.broker.address import parse_address
from engine.broker.module_store import KEPT_VERSIONS, ModuleStore
from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.errors import SmartStreamError, UnknownSmartStreamError
from engine.library.modules import open_module
from tests.contract.memory_modules import MemoryModules
from tests.engine.runtime.wat_guests import by_hand, guest, letters
from tests.fluvio_modules import drops_all, passes_all
from tests.waiting import PATIENCE


@dataclass(frozen=True)
class Modules:
    """Two filters that a store takes."""

    first: bytes
    second: bytes
    verdicts: list[int]
    """Of the first one, on the records `a` and `1`."""


STORES = [
    "folder",
    "memory",
    pytest.param("fluvio", marks=pytest.mark.fluvio),
    pytest.param("kafka", marks=pytest.mark.kafka),
]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ModuleStore]:
    if request.param == "folder":
        yield SmartStreamStore(tmp_path / "data")
    elif request.param == "memory":
        yield MemoryModules()
    elif request.param == "kafka":
        from engine.broker.kafka.broker import KafkaBroker

        address = parse_address(f"kafka://{request.getfixturevalue('kafka').bootstrap}")
        with KafkaBroker.connect(address) as broker:
            for name in broker.modules.names():
                broker.modules.remove(name)
            yield broker.modules
    else:
        from engine.broker.fluvio.broker import FluvioBroker

        address = parse_address(request.getfixturevalue("fluvio").address)
        with FluvioBroker.connect(address) as broker:
            for name in broker.modules.names():
                broker.modules.remove(name)
            yield broker.modules


@pytest.fixture
def modules(store: ModuleStore) -> Modules:
    if store.target == "fluvio":
        return Modules(drops_all(), passes_all(), [0, 0])
    return Modules(by_hand("digit.wat"), guest(), [0, 1])


def test_modules_are_kept_by_name(store: ModuleStore, modules: Modules) -> None:
    assert list(store.names()) == []
    assert not store.add("b", modules.first)
    assert not store.add("a", modules.second)
    assert store.add("b", modules.first)
    assert list(store.names()) == ["a", "b"]
    assert store.load("b") == modules.first
    store.remove("a")
    assert list(store.names()) == ["b"]


def test_a_module_is_described(store: ModuleStore, modules: Modules) -> None:
    before = time.time() - 1
    store.add("a", modules.first)
    found = store.describe("a")
    assert (found.name, found.kind, found.size, found.problem) == ("a", "filter", len(modules.first), "")
    assert found.sha256 == hashlib.sha256(modules.first).hexdigest()
    if store.target != "fluvio":  # which keeps no times
        assert found.added is not None
        assert before <= found.added / 1000 <= time.time() + 1
    assert list(store.describe_all()) == [found]


def test_versions_are_kept(store: ModuleStore, modules: Modules) -> None:
    store.add("sf1", modules.first)
    store.add("sf10", modules.second)
    if store.target == "fluvio":
        assert list(store.versions("sf1")) == []
        for call in (store.load, store.describe):
            with pytest.raises(SmartStreamError, match="keeps one version"):
                call("sf1", 1)
        return
    first = store.describe("sf1")
    store.add("sf1", modules.second)
    assert list(store.versions("sf1")) == [1, 2]
    assert store.describe("sf1", 1) == first
    assert store.load("sf1", 1) == modules.first
    assert store.load("sf1", 2) == store.load("sf1") == modules.second
    assert [(one.name, one.version) for one in store.describe_all()] == [("sf1", 2), ("sf10", 1)]
    for call in (store.load, store.describe):
        with pytest.raises(SmartStreamError, match="version 3 of SmartStream 'sf1' is not kept") as raised:
            call("sf1", 3)
        assert raised.value.remedy == "choose one of these: 1, 2"
    for _ in range(KEPT_VERSIONS):
        store.add("sf1", modules.first)
    assert list(store.versions("sf1")) == list(range(3, KEPT_VERSIONS + 3))
    store.remove("sf1")
    assert list(store.names()) == ["sf10"]
    store.add("sf1", modules.second)
    assert list(store.versions("sf1")) == [1]
    assert list(store.versions("sf10")) == [1]


def test_an_unknown_module_is_an_error(store: ModuleStore) -> None:
    for call in (store.load, store.describe, store.remove, store.versions):
        with pytest.raises(UnknownSmartStreamError, match="there is no SmartStream 'sf1'"):
            call("sf1")


@pytest.mark.parametrize("name", ["", "a/b"])
def test_names_that_are_not_allowed(store: ModuleStore, modules: Modules, name: str) -> None:
    with pytest.raises(SmartStreamError, match="invalid name"):
        store.add(name, modules.first)


def test_a_watch_is_called_for_each_change_until_it_is_closed(store: ModuleStore, modules: Modules) -> None:
    store.add("sf1", modules.first)
    changes: queue.Queue[float | None] = queue.Queue()
    watch = store.watch("sf1", changes.put)
    store.add("other", modules.first)
    store.add("sf1", modules.second)
    saved = changes.get(timeout=PATIENCE)
    assert saved is not None
    assert abs(saved - time.time()) < PATIENCE
    store.remove("sf1")
    assert changes.get(timeout=PATIENCE) is None
    watch.close()
    watch.close()
    store.add("sf1", modules.first)
    assert changes.empty()


def test_a_module_that_is_open_is_not_disturbed(store: ModuleStore, modules: Modules) -> None:
    store.add("sf1", modules.first)
    with open_module(store, "sf1") as running:
        store.add("sf1", modules.second)
        assert running.evaluate(letters("a1")).verdicts.tolist() == modules.verdicts
