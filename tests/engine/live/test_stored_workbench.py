"""A stored SmartStream in a workbench: a real broker, real modules, and panes that follow what is stored."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.errors import UnknownSmartStreamError
from engine.files import replace_file
from engine.library.modules import add_module
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import ConsumerState
from engine.live.topic_workbench import TopicWorkbench
from engine.records.batch import record_batch
from engine.runtime.loading import compile_worker
from tests.engine.runtime.configs import limited
from tests.engine.runtime.costly_modules import slow_to_compile
from tests.engine.runtime.wat_guests import by_hand, guest
from tests.processes import processes
from tests.waiting import wait_for, wait_until

DIGIT = by_hand("digit.wat")

pytestmark = pytest.mark.usefixtures("compiled_once")


@pytest.fixture
def workbench(tmp_path: Path, store: SmartStreamStore) -> Iterator[TopicWorkbench]:
    add_module(store, "digits", DIGIT, "f")
    with EmbeddedBroker.open(tmp_path / "data", durable=False) as broker:
        broker.topics.create("t")
        broker.log.append("t", record_batch([b"a", b"1", b"b2"]))
        opened = TopicWorkbench(broker, "t")
        opened.start(lambda: None)
        yield opened
        opened.close()


def wait(workbench: TopicWorkbench, wanted: Callable[[ConsumerSnapshot], bool]) -> ConsumerSnapshot:
    return wait_for(lambda: workbench.snapshot().consumers[0], wanted)


def test_a_stored_filter_is_replaced_and_removed(workbench: TopicWorkbench, store: SmartStreamStore) -> None:
    workbench.add_stored("digits")
    shown = wait(workbench, lambda s: s.verdicts.tolist() == [0, 1, 1])
    assert (shown.name, shown.path, shown.version) == ("digits", None, 1)
    add_module(store, "digits", guest("(i32.const 1)"), "f")
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
    add_module(store, "digits", DIGIT, "f")
    wait(workbench, lambda s: s.state is ConsumerState.LIVE and s.verdicts.tolist() == [0, 1, 1])


def test_an_earlier_stored_version_can_be_used_again(
    workbench: TopicWorkbench, store: SmartStreamStore
) -> None:
    consumer = workbench.add_stored("digits")
    wait(workbench, lambda s: s.verdicts.tolist() == [0, 1, 1])
    add_module(store, "digits", guest("(i32.const 1)"), "f")
    wait(workbench, lambda s: s.version == 2 and s.verdicts.tolist() == [1, 1, 1])
    consumer.use(1)
    shown = wait(workbench, lambda s: s.version == 1 and s.verdicts.tolist() == [0, 1, 1])
    assert (shown.state, shown.newer) == (ConsumerState.EARLIER, 2)
    assert [entry.trigger for entry in shown.history] == ["digits replaced", "first build"]


def test_an_internal_error_is_shown_and_the_next_version_runs(
    workbench: TopicWorkbench, store: SmartStreamStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(store: SmartStreamStore, name: str) -> bytes:
        raise LookupError("oh no")

    workbench.add_stored("digits")
    wait(workbench, lambda s: s.state is ConsumerState.LIVE)
    with monkeypatch.context() as broken:
        broken.setattr(SmartStreamStore, "load", fail)
        add_module(store, "digits", guest("(i32.const 1)"), "f")
        shown = wait(workbench, lambda s: s.state is ConsumerState.STALE)
    assert shown.build is not None
    assert shown.build.error is not None
    assert shown.build.error.message == "internal error: LookupError('oh no')"
    add_module(store, "digits", DIGIT, "f")
    wait(workbench, lambda s: s.state is ConsumerState.LIVE)


def test_rebuild_loads_the_stored_filter_again(workbench: TopicWorkbench) -> None:
    consumer = workbench.add_stored("digits")
    wait(workbench, lambda s: s.version == 1)
    consumer.rebuild()
    wait(workbench, lambda s: s.version == 2)


def test_an_invalid_stored_module_shows_its_error(workbench: TopicWorkbench, store: SmartStreamStore) -> None:
    workbench.add_stored("digits")
    wait(workbench, lambda s: s.version == 1)
    replace_file(store.path("digits"), DIGIT[:40])
    shown = wait(workbench, lambda s: s.state is ConsumerState.STALE)
    assert shown.build is not None
    assert shown.build.error is not None
    assert "the stored SmartStream 'digits' is not a valid WebAssembly module" in shown.build.error.message


def test_unknown_names_add_nothing(workbench: TopicWorkbench) -> None:
    with pytest.raises(UnknownSmartStreamError):
        workbench.add_stored("digit")
    assert workbench.snapshot().consumers == ()


def compilers(name: str) -> list[str]:
    running = (process.command for process in processes())
    return [command for command in running if compile_worker.__name__ in command and f"'{name}'" in command]


def test_a_slow_compilation_blocks_no_other_consumer(
    workbench: TopicWorkbench, store: SmartStreamStore
) -> None:
    other = workbench.add_stored("digits")
    store.path("endless").write_bytes(slow_to_compile(6_000))
    endless = workbench.add_stored("endless")
    wait_until(lambda: compilers("endless"))
    shown = workbench.snapshot().consumers[-1]
    assert shown.state is ConsumerState.BUILDING
    assert shown.building
    assert wait(workbench, lambda s: s.verdicts.tolist() == [0, 1, 1]).id == other.id
    # What takes its place does not wait for it.
    add_module(store, "endless", DIGIT, "f")
    wait_until(lambda: workbench.snapshot().consumers[-1].verdicts.tolist() == [0, 1, 1])
    assert not compilers("endless")
    store.path("endless").write_bytes(slow_to_compile(6_001))
    wait_until(lambda: compilers("endless"))
    assert workbench.snapshot().consumers[-1].building
    workbench.remove(endless.id)
    assert not compilers("endless")


def test_a_compilation_over_its_time_limit_fails(tmp_path: Path, store: SmartStreamStore) -> None:
    add_module(store, "slow", DIGIT, "f")
    store.path("slow").write_bytes(slow_to_compile(3_000))
    with EmbeddedBroker.open(tmp_path / "data", durable=False) as broker:
        broker.topics.create("t")
        opened = TopicWorkbench(broker, "t", config=limited(compile_seconds=0.2))
        try:
            opened.add_stored("slow")
            shown = wait(opened, lambda s: s.state is ConsumerState.FAILED)
        finally:
            opened.close()
    assert shown.build is not None
    assert shown.build.error is not None
    assert shown.build.error.message == "the stored SmartStream 'slow' takes longer than 200 ms to compile"


def test_a_module_in_a_file_is_replaced(workbench: TopicWorkbench, tmp_path: Path) -> None:
    module = tmp_path / "digits.wasm"
    module.write_bytes(DIGIT)
    workbench.add_file(module)
    wait(workbench, lambda s: s.verdicts.tolist() == [0, 1, 1])
    module.write_bytes(b"no module")
    shown = wait(workbench, lambda s: s.state is ConsumerState.STALE)
    assert shown.build is not None and shown.build.error is not None
    assert shown.build.error.message.startswith("digits.wasm ")
    replace_file(module, guest("(i32.const 1)"))
    shown = wait(workbench, lambda s: s.verdicts.tolist() == [1, 1, 1])
    assert shown.build is not None and shown.build.trigger == "digits.wasm replaced"
