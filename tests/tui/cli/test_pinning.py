"""`t` in the inspector: a record becomes a test case that `smartstream test` takes."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.consumer.chain_file import read_chain_file
from engine.consumer.step import ModuleFile, Step
from engine.live.topic_workbench import TopicWorkbench
from engine.records.batch import Record, record_batch
from engine.records.verdicts import Verdict
from engine.regression.expectations import read_cases
from tests.engine.runtime.wat_makers import aggregate, maker
from tests.tui.cli.conftest import InProcess, Program
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import NOON, ScriptedWorkbench
from tests.waiting import wait_for
from tui.dashboard.app.app import FluvioTui
from tui.dashboard.flow.pinning import PinError, pin

SOURCE = """
#[smartstream(filter)]
pub fn odd(value: &[u8]) -> bool {
    let text = str::from_utf8(value).unwrap();
    text.parse::<i64>().unwrap() % 2 == 1
}
"""


def odd(value: bytes) -> Verdict:
    if not value.isdigit():
        return Verdict.TRAP
    return Verdict.PASS if int(value) % 2 else Verdict.DROP


def workbench(folder: Path) -> ScriptedWorkbench:
    made = ScriptedWorkbench()
    made.produce(b"1", b"2", b"\xff", keys=[b"k", None, b"\xfe"], headers=(("trace", b"\x80"),))
    made.add("odd", odd, path=folder / "odd.rs", message="it is not UTF-8")
    return made


def press(bench: ScriptedWorkbench, *keys: str) -> Sequence[str]:
    """What the dashboard says after some keys."""
    app = FluvioTui(bench)
    app.animation_level = "none"

    async def main() -> list[str]:
        async with app.run_test(size=(120, 34)) as pilot:
            await pilot.pause()
            page = DashboardPage(app)
            await page.press(*keys)
            return page.notices()

    return asyncio.run(main())


@pytest.mark.cargo
def test_pinned_record_is_a_test_case(program: Program, here: InProcess, tmp_path: Path) -> None:
    source, file = tmp_path / "odd.rs", tmp_path / "odd.expect.jsonl"
    source.write_text(SOURCE)
    said = press(workbench(tmp_path), "enter", "t", "up", "t", "up", "t", "t")
    assert list(said) == [
        f"pinned as trap in {file}, 1 case",
        f"pinned as drop in {file}, 2 cases",
        f"pinned as pass in {file}, 3 cases",
        f"pinned as pass in {file}, 3 cases",
    ]
    assert [case.record for case in read_cases(file)][::-1] == [
        Record(0, 0, NOON, b"k", b"1", (("trace", b"\x80"),)),
        Record(0, 1, NOON + 37, None, b"2", (("trace", b"\x80"),)),
        Record(0, 2, NOON + 74, b"\xfe", b"\xff", (("trace", b"\x80"),)),
    ]
    here.ok("smartstream", "test", source, "--expect", file)
    source.write_text(SOURCE.replace("== 1", "== 0"))
    assert program.run("smartstream", "test", source, "--expect", file).status == 1


def test_raw_pane_asks_which_filter_to_pin(tmp_path: Path) -> None:
    bench = workbench(tmp_path)
    bench.add("all", lambda _: Verdict.PASS, path=tmp_path / "all.rs")
    assert press(bench, "enter", "t", "down", "enter") == [
        f"pinned as pass in {tmp_path}/all.expect.jsonl, 1 case"
    ]
    assert len(press(bench, "enter", "t", "a")) == 2
    assert press(bench, "enter", "t", "escape") == []
    assert press(bench, "1", "enter", "t") == [f"pinned as pass in {tmp_path}/odd.expect.jsonl, 2 cases"]
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["all.expect.jsonl", "odd.expect.jsonl"]


def test_unpinnable_record_says_why(tmp_path: Path) -> None:
    bench = workbench(tmp_path)
    bench.add("kept", lambda _: Verdict.PASS, stored=True)
    bench.scripts[1].evaluates = 1
    (said,) = press(bench, "2", "enter", "t")
    assert said.startswith("kept has no source file to pin to\n")
    assert press(bench, "enter", "t", "enter") == ["odd has not evaluated this record yet"]
    (tmp_path / "odd.expect.jsonl").mkdir()
    (said,) = press(bench, "enter", "up", "up", "t", "enter")
    assert said.startswith(f"{tmp_path}/odd.expect.jsonl cannot be written: Is a directory\n")


@pytest.fixture
def live(tmp_path: Path) -> Iterator[TopicWorkbench]:
    """A topic whose panes make records: modules in files, alone and in a chain."""
    (tmp_path / "total.wasm").write_bytes(aggregate("append"))
    (tmp_path / "twice.wasm").write_bytes(maker("array_map"))
    (tmp_path / "chain.yaml").write_text("transforms: [{module: twice.wasm}, {module: twice.wasm}]")
    with EmbeddedBroker.open(tmp_path / "live", durable=False) as broker:
        broker.topics.create("t")
        broker.log.append("t", record_batch([b"m2", b"e", b"m1", b"x"]))
        opened = TopicWorkbench(broker, "t")
        opened.start(lambda: None)
        yield opened
        opened.close()


def pin_all(live: TopicWorkbench) -> list[str]:
    """What is said when every record is pinned in the only pane."""
    shown = wait_for(live.snapshot, lambda s: len(s.consumers[0].verdicts) == 4)
    rows = range(shown.window.first_row, shown.window.end_row)
    return [pin(shown.window.record(row), row, shown.consumers[0]) for row in rows]


def test_an_aggregates_record_is_pinned_with_what_it_goes_on_from(
    live: TopicWorkbench, here: InProcess, tmp_path: Path
) -> None:
    total, file = tmp_path / "total.wasm", tmp_path / "total.expect.jsonl"
    live.add((Step(source=ModuleFile(path=total), aggregate_initial=b"0"),))
    assert pin_all(live)[-1] == f"pinned as pass in {file}, 4 cases"
    assert [case.accumulator for case in read_cases(file)] == [b"0", b"0m2", b"0m2", b"0m2m1"]
    # Each case stands for itself: in another order all are as expected.
    file.write_text("".join(reversed(file.read_text().splitlines(keepends=True))))
    here.ok("smartstream", "test", total, "--expect", file)
    file.write_text(file.read_text().replace('"0m2m1"', '"1m2m1"', 1))
    assert here.run("smartstream", "test", total, "--expect", file).status == 1


def test_a_chains_record_is_pinned_beside_its_file(
    live: TopicWorkbench, here: InProcess, tmp_path: Path
) -> None:
    chain, file = tmp_path / "chain.yaml", tmp_path / "chain.expect.jsonl"
    live.add(read_chain_file(chain))
    assert pin_all(live)[0] == f"pinned as pass in {file}, 1 case"
    assert [len(case.outputs or ()) for case in read_cases(file)] == [4, 0, 1, 1]
    here.ok("smartstream", "test", chain, "--expect", file)
    chain.write_text("transforms: [{module: twice.wasm}]")
    assert here.run("smartstream", "test", chain, "--expect", file).status == 1
    with pytest.raises(PinError, match=r"runs with other steps or parameters than .*chain.yaml has"):
        pin_all(live)


def test_a_chain_without_a_file_is_not_pinned(live: TopicWorkbench, tmp_path: Path) -> None:
    step = Step(source=ModuleFile(path=tmp_path / "twice.wasm"))
    live.add((step, step))
    with pytest.raises(PinError, match=r"twice \| twice has no transforms file to pin to"):
        pin_all(live)
