"""`t` in the inspector: a record becomes a test case that `smartstream test` takes."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.records.batch import Record
from engine.records.verdicts import Verdict
from engine.regression.expectations import read_cases
from tests.tui.cli.conftest import InProcess, Program
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import NOON, ScriptedWorkbench
from tui.dashboard.app.app import FluvioTui
from tui.dashboard.app.gc_policy import collected_seldom

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

    with collected_seldom():
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
    assert said.startswith("kept is a stored SmartStream: there is no file of its own to pin to\n")
    assert press(bench, "enter", "t", "enter") == ["odd has not evaluated this record yet"]
    (tmp_path / "odd.expect.jsonl").mkdir()
    (said,) = press(bench, "enter", "up", "up", "t", "enter")
    assert said.startswith(f"{tmp_path}/odd.expect.jsonl cannot be written: Is a directory\n")
