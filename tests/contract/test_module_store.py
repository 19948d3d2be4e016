"""The contract of stored SmartStreams, over a folder and over memory."""

import hashlib
import queue
import time
from pathlib import Path

import pytest

from engine.broker.module_store import ModuleStore
from engine.broker.sqlite.module_folder import SmartStreamStore
from engine.errors import SmartStreamError, UnknownSmartStreamError
from engine.library.modules import open_module
from tests.contract.memory_modules import MemoryModules
from tests.engine.runtime.wat_guests import by_hand, guest, letters

DIGIT = by_hand("digit.wat")
WAIT = 10


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ModuleStore:
    return SmartStreamStore(tmp_path / "data") if request.param == "folder" else MemoryModules()


def test_modules_are_kept_by_name(store: ModuleStore) -> None:
    assert list(store.names()) == []
    assert not store.add("b", DIGIT)
    assert not store.add("a", guest())
    assert store.add("b", DIGIT)
    assert list(store.names()) == ["a", "b"]
    assert store.load("b") == DIGIT
    store.remove("a")
    assert list(store.names()) == ["b"]


def test_a_module_is_described(store: ModuleStore) -> None:
    before = time.time() - 1
    store.add("a", DIGIT)
    found = store.describe("a")
    assert (found.name, found.kind, found.size, found.problem) == ("a", "filter", len(DIGIT), "")
    assert found.sha256 == hashlib.sha256(DIGIT).hexdigest()
    assert before <= found.added / 1000 <= time.time() + 1
    assert list(store.describe_all()) == [found]


def test_an_unknown_module_is_an_error(store: ModuleStore) -> None:
    for call in (store.load, store.describe, store.remove):
        with pytest.raises(UnknownSmartStreamError, match="there is no SmartStream 'sf1'"):
            call("sf1")


@pytest.mark.parametrize("name", ["", "a/b"])
def test_names_that_are_not_allowed(store: ModuleStore, name: str) -> None:
    with pytest.raises(SmartStreamError, match="invalid name"):
        store.add(name, DIGIT)


def test_a_watch_is_called_for_each_change_until_it_is_closed(store: ModuleStore) -> None:
    store.add("sf1", DIGIT)
    changes: queue.Queue[float | None] = queue.Queue()
    watch = store.watch("sf1", changes.put)
    store.add("other", DIGIT)
    store.add("sf1", guest())
    saved = changes.get(timeout=WAIT)
    assert saved is not None
    assert abs(saved - time.time()) < WAIT
    store.remove("sf1")
    assert changes.get(timeout=WAIT) is None
    watch.close()
    watch.close()
    store.add("sf1", DIGIT)
    assert changes.empty()


def test_a_module_that_is_open_is_not_disturbed(store: ModuleStore) -> None:
    store.add("sf1", DIGIT)
    with open_module(store, "sf1") as running:
        store.add("sf1", guest())
        assert running.evaluate(letters("a1")).verdicts.tolist() == [0, 1]
