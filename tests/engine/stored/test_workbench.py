"""A stored SmartStream in a workbench: a real broker, real modules, and panes that follow what is stored."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.embedded.broker import EmbeddedBroker
from engine.errors import UnknownSmartStreamError
from engine.records import record_batch
from engine.snapshots import ConsumerSnapshot, ConsumerState
from engine.stored.store import SmartStreamStore
from engine.workbench import TopicWorkbench
from tests.engine.smartstream.guests import by_hand, guest

DIGIT = by_hand("digit.wat")


@pytest.fixture
def workbench(tmp_path: Path, store: SmartStreamStore) -> Iterator[TopicWorkbench]:
    store.add("digits", DIGIT, "f")
    with EmbeddedBroker.open(tmp_path / "data", durable=False) as broker:
        broker.create_topic("t")
        broker.append("t", record_batch([b"a", b"1", b"b2"]))
        opened = TopicWorkbench(broker, "t", store=store)
        opened.start(lambda: None)
        yield opened
        opened.close()


def wait(workbench: TopicWorkbench, wanted: Callable[[ConsumerSnapshot], bool]) -> ConsumerSnapshot:
    end = time.monotonic() + 10
    while not wanted(found := workbench.snapshot().consumers[0]):
        assert time.monotonic() < end, found
        time.sleep(0.002)
    return found


def test_it_judges_is_replaced_and_removed(workbench: TopicWorkbench, store: SmartStreamStore) -> None:
    workbench.add_stored("digits")
    shown = wait(workbench, lambda s: s.verdicts.tolist() == [0, 1, 1])
    assert (shown.name, shown.path, shown.generation) == ("digits", None, 1)
    store.add("digits", guest("(i32.const 1)"), "f")
    shown = wait(workbench, lambda s: s.verdicts.tolist() == [1, 1, 1])
    assert shown.state is ConsumerState.LIVE
    assert shown.build is not None
    assert shown.build.trigger == "digits replaced"
    assert shown.reload_seconds is not None
    assert wait(workbench, lambda s: s.change is not None).change.now_pass == 1  # type: ignore[union-attr]
    store.remove("digits")
    shown = wait(workbench, lambda s: s.state is ConsumerState.STALE)
    assert shown.build is not None
    assert shown.build.trigger == "digits removed"
    assert isinstance(shown.build.error, UnknownSmartStreamError)
    store.add("digits", DIGIT, "f")
    wait(workbench, lambda s: s.state is ConsumerState.LIVE and s.verdicts.tolist() == [0, 1, 1])


def test_a_mistake_of_our_own_is_told_and_the_next_version_runs(
    workbench: TopicWorkbench, store: SmartStreamStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(store: SmartStreamStore, name: str) -> bytes:
        raise LookupError("oh no")

    workbench.add_stored("digits")
    wait(workbench, lambda s: s.state is ConsumerState.LIVE)
    with monkeypatch.context() as broken:
        broken.setattr(SmartStreamStore, "load", fail)
        store.add("digits", guest("(i32.const 1)"), "f")
        shown = wait(workbench, lambda s: s.state is ConsumerState.STALE)
    assert shown.build is not None
    assert shown.build.error is not None
    assert shown.build.error.message == "internal error: LookupError('oh no')"
    store.add("digits", DIGIT, "f")
    wait(workbench, lambda s: s.state is ConsumerState.LIVE)


def test_it_is_loaded_again_when_asked_for(workbench: TopicWorkbench) -> None:
    identity = workbench.add_stored("digits")
    wait(workbench, lambda s: s.generation == 1)
    workbench.rebuild(identity)
    wait(workbench, lambda s: s.generation == 2)


def test_one_that_cannot_run_shows_its_reason(workbench: TopicWorkbench, store: SmartStreamStore) -> None:
    workbench.add_stored("digits")
    wait(workbench, lambda s: s.generation == 1)
    store.path("digits").write_bytes(DIGIT[:40])
    shown = wait(workbench, lambda s: s.state is ConsumerState.STALE)
    assert shown.build is not None
    assert shown.build.error is not None
    assert "digits.wasm is not a valid WebAssembly module" in shown.build.error.message


def test_unknown_names_add_nothing(workbench: TopicWorkbench) -> None:
    with pytest.raises(UnknownSmartStreamError):
        workbench.add_stored("digit")
    assert workbench.snapshot().consumers == ()
