"""Comparing two sides: real modules over a real window, and cases of a file."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.consumer.step import ModuleFile, Step
from engine.files import replace_file
from engine.live.comparison.compared import Compared
from engine.live.comparison.evaluated import FIRST_CASE
from engine.live.comparison.side import BuildSide, CasesSide, PaneSide, Side
from engine.live.comparison.start import ComparisonError
from engine.live.topic_workbench import TopicWorkbench
from engine.live.versions.output_log import KeptOutputs
from engine.records.batch import Record, record_batch
from engine.records.verdicts import Verdict
from engine.regression.expectations import pin_case
from engine.regression.trial import Case
from tests.engine.consumer_bench import slow
from tests.engine.runtime.wat_guests import by_hand, guest
from tests.engine.runtime.wat_makers import aggregate, maker
from tests.waiting import wait_for

DIGIT, ALL = by_hand("digit.wat"), guest("(i32.const 1)")
VALUES = [b"m1", b"x", b"m2", b"y"]


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[TopicWorkbench]:
    with EmbeddedBroker.open(tmp_path / "data", durable=False) as broker:
        broker.topics.create("t")
        broker.log.append("t", record_batch(VALUES))
        opened = TopicWorkbench(broker, "t")
        opened.start(lambda: None)
        yield opened
        opened.close()


def add(workbench: TopicWorkbench, path: Path, wasm: bytes, initial: bytes = b"") -> int:
    """A pane of a module, once it has evaluated the window."""
    path.write_bytes(wasm)
    identity = workbench.add((Step(source=ModuleFile(path=path), aggregate_initial=initial),)).id
    wait_version(workbench, identity, 1)
    return identity


def wait_version(workbench: TopicWorkbench, identity: int, version: int) -> None:
    def reached() -> bool:
        found = workbench.snapshot().consumer(identity)
        assert found is not None
        return found.version == version and len(found.verdicts) == len(VALUES)

    wait_for(reached, bool)


def compared(workbench: TopicWorkbench, old: Side, new: Side) -> Compared:
    comparison = workbench.compare(old, new)
    try:
        return wait_for(comparison.snapshot, lambda found: found.ended)
    finally:
        comparison.close()


def changes(found: Compared) -> dict[int, tuple[Verdict | None, Verdict]]:
    assert found.change is not None, found.problem
    verdicts = found.results.verdicts
    rows = map(int, found.change.rows())
    return {row: (found.change.was(row), Verdict(verdicts[row - found.results.first_row])) for row in rows}


def output(kept: KeptOutputs | None, row: int) -> bytes | None:
    found = None if kept is None else kept.find(row)
    assert found is not None
    return found[0].record(found[1][0]).value


def test_two_builds_of_one_filter(workbench: TopicWorkbench, tmp_path: Path) -> None:
    path = tmp_path / "f.wasm"
    one = add(workbench, path, DIGIT)
    for version, wasm in ((2, ALL), (3, guest("(i32.const 0)"))):
        replace_file(path, wasm)
        wait_version(workbench, one, version)
    found = compared(workbench, BuildSide(consumer=one, version=1), BuildSide(consumer=one, version=2))
    assert (found.old, found.new, found.consumer) == ("1 f v1", "1 f v2", one)
    assert changes(found) == {1: (Verdict.DROP, Verdict.PASS), 3: (Verdict.DROP, Verdict.PASS)}
    found = compared(workbench, BuildSide(consumer=one, version=2), PaneSide(consumer=one))
    assert set(changes(found).values()) == {(Verdict.PASS, Verdict.DROP)}
    shown = workbench.snapshot().consumers[0]
    assert shown.change is not None
    assert (shown.version, shown.change.now_drop) == (3, 4), "the pane is as before"


def test_two_panes(workbench: TopicWorkbench, tmp_path: Path) -> None:
    sides = [add(workbench, tmp_path / name, wasm) for name, wasm in (("d.wasm", DIGIT), ("a.wasm", ALL))]
    old, new = (PaneSide(consumer=one) for one in sides)
    found = compared(workbench, old, new)
    assert (found.old, found.new) == ("1 d", "2 a")
    assert list(changes(found)) == [1, 3]
    assert found.change is not None
    assert (found.change.now_pass, found.change.compared) == (2, 4)
    assert changes(compared(workbench, new, new)) == {}


def test_outputs_are_compared(workbench: TopicWorkbench, tmp_path: Path) -> None:
    one, two = (
        add(workbench, tmp_path / f"{initial.decode()}.wasm", aggregate("append"), initial)
        for initial in (b"0", b"1")
    )
    found = compared(workbench, PaneSide(consumer=one), PaneSide(consumer=two))
    assert len(changes(found)) == len(VALUES)
    assert found.change is not None
    assert found.change.outputs == len(VALUES)
    assert output(found.change.old, 1) == b"0m1x"
    assert output(found.results.outputs, 1) == b"1m1x"


def test_a_pane_and_the_expectations_of_a_file(workbench: TopicWorkbench, tmp_path: Path) -> None:
    one = add(workbench, tmp_path / "twice.wasm", maker("array_map"))
    path = tmp_path / "twice.expect.jsonl"

    def pin(offset: int, value: bytes, expected: Verdict, *outputs: bytes) -> None:
        record = Record(3, offset, 0, None, value)
        pin_case(path, Case(record, expected, tuple((None, made) for made in outputs) or None))

    pin(70, b"m2", Verdict.PASS, b"m2", b"m2")
    pin(71, b"m1", Verdict.PASS, b"another")
    pin(72, b"m1", Verdict.DROP)
    pin(73, b"m2", Verdict.PASS)
    found = compared(workbench, CasesSide(path=path), PaneSide(consumer=one))
    assert (found.old, found.new) == ("twice.expect.jsonl", "1 twice")
    first = FIRST_CASE
    assert changes(found) == {
        first + 1: (Verdict.PASS, Verdict.PASS),
        first + 2: (Verdict.DROP, Verdict.PASS),
    }
    assert found.change is not None
    assert (found.change.outputs, found.change.now_pass, found.change.compared) == (1, 1, 4)
    assert output(found.change.old, first + 1) == b"another"
    assert output(found.results.outputs, first + 1) == b"m1"
    assert found.window is not None
    record = found.window.record(first + 1)
    assert (record.partition, record.offset, record.value) == (3, 71, b"m1")


def test_what_is_gone_says_so(workbench: TopicWorkbench, tmp_path: Path) -> None:
    one = add(workbench, tmp_path / "f.wasm", DIGIT)
    pane = PaneSide(consumer=one)
    with pytest.raises(ComparisonError, match="1 f v9 has no module that is kept"):
        workbench.compare(BuildSide(consumer=one, version=9), pane)
    with pytest.raises(ComparisonError, match="this pane was closed"):
        workbench.compare(PaneSide(consumer=9), pane)
    missing = compared(workbench, CasesSide(path=tmp_path / "none"), pane)
    assert missing.problem == f"cannot read {tmp_path / 'none'}: No such file or directory"
    (tmp_path / "bad").write_text("x")
    assert "line 1 of" in compared(workbench, CasesSide(path=tmp_path / "bad"), pane).problem


def test_it_ends_when_it_is_closed(workbench: TopicWorkbench, tmp_path: Path) -> None:
    one = add(workbench, tmp_path / "f.wasm", DIGIT)
    replace_file(tmp_path / "f.wasm", slow(2_000_000))
    wait_for(workbench.snapshot, lambda s: s.consumers[0].version == 2)
    workbench.compare(BuildSide(consumer=one, version=2), PaneSide(consumer=one)).close()
    assert "compare" not in [thread.name for thread in threading.enumerate()]
