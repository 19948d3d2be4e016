"""`b`: the builds of a filter, and going back to one."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.widgets import OptionList

from engine.builds.rust.crates.permissions import BuildScriptsError, check_allowed
from engine.builds.source_archive import KeptBuild
from engine.builds.source_text import RestoringError, SourceText
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import Live
from engine.live.stats.counters import Counters
from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import NOON, ScriptedWorkbench, failed_build
from tui.dashboard.present.builds.build_table import running_facts, table
from tui.dashboard.screens.builds import BuildsPanel
from tui.dashboard.screens.dialogues.source_of_build import SourceOfBuild
from tui.dashboard.widgets.panels.dock import Dock


def chosen(page: DashboardPage) -> int | None:
    """The place of the build under the cursor."""
    return page.dashboard.query_one(BuildsPanel).query_one(OptionList).highlighted


def is_open(page: DashboardPage) -> bool:
    """Whether the list of builds is in front, over no other screen."""
    front = page.dashboard.query_one(Dock).front
    return page.app.screen is page.dashboard and isinstance(front, BuildsPanel)


def consumer_of(workbench: ScriptedWorkbench) -> ConsumerSnapshot:
    return workbench.snapshot().consumers[0]


def test_head_shows_earlier_version_and_builds_need_a_filter(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        shown = page.text()
        assert "◂ earlier v3 of 5" in shown
        assert "has_number.rs saved" in shown, "its trigger"
        await page.press("b")
        assert not is_open(page)
        assert page.notices() == ["this pane has no filter: go to the pane of one, or add one"]

    drive(example_workbenches.builds(), story)


def test_enter_switches_build_and_table_follows(drive: Drive) -> None:
    workbench = example_workbenches.builds()

    async def story(page: DashboardPage) -> None:
        await page.press("1", "b")
        assert is_open(page)
        assert chosen(page) == 2, "the one that runs"
        shown = page.text()
        assert "v3 of 5" in shown
        assert "5:39 no method named `is_numericc` found" in shown
        await page.press("down", "enter")
        assert workbench.asked[-1] == "use 1 2"
        workbench.change(1, version=2)
        await page.drawn(workbench)
        assert "v2 of 5" in page.text()
        assert chosen(page) == 3
        await page.press("k", "k", "j", "k", "k", "enter")
        assert workbench.asked[-1] == "use 1 5"
        await page.press("escape")
        assert not is_open(page)

    drive(workbench, story)


def test_build_without_module_or_source_cannot_be_chosen(drive: Drive) -> None:
    workbench = example_workbenches.builds()

    async def story(page: DashboardPage) -> None:
        await page.press("1", "b", "v", "d", "r")
        assert page.notices() == ["the source of v3 is not kept"] * 3
        assert is_open(page)
        await page.press("up", "enter")
        await page.press("end", "enter")
        said = page.notices()[3:]
        assert said == ["the module of v4 is no longer kept", "the module of v1 is no longer kept"]
        assert not any(asked.startswith("use") for asked in workbench.asked)
        await page.press("b")
        assert not is_open(page)

    drive(workbench, story)


def test_new_build_comes_first_and_cursor_stays(drive: Drive) -> None:
    workbench = example_workbenches.builds()

    async def story(page: DashboardPage) -> None:
        await page.press("1", "b", "down")
        history = (example_workbenches.entry(6), *consumer_of(workbench).history)
        workbench.change(1, version=6, newer=0, status=Live(), history=history)
        await page.drawn(workbench)
        assert chosen(page) == 4
        await page.press("enter")
        assert workbench.asked[-1] == "use 1 2"
        workbench.remove(1)
        await page.drawn(workbench)
        await page.press("escape")

    drive(workbench, story)


def test_no_build_to_choose_before_first(drive: Drive) -> None:
    workbench = example_workbenches.first_build()

    async def story(page: DashboardPage) -> None:
        await page.press("1", "b", "Z", "j", "k", "enter")
        assert "nothing runs yet" in page.text()
        assert chosen(page) is None
        workbench.change(1, version=1, building=None, history=(example_workbenches.entry(1),))
        await page.drawn(workbench)
        assert chosen(page) == 0
        await page.press("enter")
        assert workbench.asked[-1] == "use 1 1"

    drive(workbench, story)


def test_builds_fit_any_screen(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        for size in ((80, 24), (20, 8)):
            await page.resize_terminal(*size)
            await page.press("1", "b", "home", "end")
            assert is_open(page)
            await page.press("escape")

    drive(example_workbenches.builds(), story)


@pytest.mark.parametrize("width", [3, 12, 40, 66, 80, 104])
def test_table_fits_any_width(width: int) -> None:
    titles, rows = table(consumer_of(example_workbenches.builds()), width)
    assert cell_len(titles) <= width
    assert all(cell_len(row.text) <= width for row in rows)
    assert [row.version for row in rows if row.runs] == [3]


def test_narrow_table_drops_least_important_columns() -> None:
    consumer = consumer_of(example_workbenches.builds())
    wide, rows = table(consumer, 104)
    assert " ".join(wide.split()) == "build built trigger took module passed cost/record faults changed"
    assert rows[2].text.split() == [
        *("●", "v3", "12:03:00", "has_number.rs", "saved", "0.19", "s", "17.3", "KiB"),
        *("86.8%", "0.02", "µs", "22", "+40", "−6"),
    ]
    usual, _ = table(consumer, 66)
    assert usual.split() == ["build", "built", "passed", "cost/record", "faults", "changed"]
    narrow, _ = table(consumer, 40)
    assert narrow.split() == ["build", "passed", "faults", "changed"]


def test_facts_about_running_version() -> None:
    counters = Counters(
        passed=310,
        dropped=66,
        traps=24,
        errors=1,
        skipped=1_000,
        bytes=40_000,
        cost_p50=2e-8,
        cost_p99=3e-6,
        memory=1_114_112,
    )
    consumer = replace(consumer_of(example_workbenches.builds()), counters=counters)
    assert running_facts(consumer) == [
        ("records", "401 evaluated, 39.1 KiB, 1,000 skipped"),
        ("verdicts", "310 passed (77.3%), 66 dropped, 1 error, 24 traps"),
        ("cost", "0.02 µs per record (p50), 3 µs (p99)"),
        ("memory", "1.1 MiB"),
    ]
    fine = replace(consumer, counters=Counters(passed=1, dropped=3))
    assert running_facts(fine)[1] == ("verdicts", "1 passed (25.0%), 3 dropped, no faults")
    assert running_facts(replace(consumer, version=0)) == [("records", "nothing runs yet")]


def test_build_scripts_of_crates_are_asked_about(drive: Drive, tmp_path: Path) -> None:
    error = BuildScriptsError(["serde_core 1.0.0 (build script)"], tmp_path / "allowed")
    workbench = example_workbenches.builds()
    workbench.change(1, build=failed_build("has_number.rs", error=error))

    async def story(page: DashboardPage) -> None:
        await page.drawn(workbench)
        assert "press r in its pane to decide" in page.text()
        asked = len(workbench.asked)
        await page.press("1", "r")
        assert "serde_core 1.0.0 (build script)" in page.text()
        await page.press("escape")
        assert len(workbench.asked) == asked
        with pytest.raises(BuildScriptsError):
            check_allowed(error.crates, tmp_path / "allowed")
        await page.press("r", "enter")
        await page.until(lambda: workbench.asked[asked:] == ["rebuild 1"])
        check_allowed(error.crates, tmp_path / "allowed")

    drive(workbench, story)


def with_sources(folder: Path) -> ScriptedWorkbench:
    """Two builds of a file in this session, and one of an earlier one."""
    path = folder / "has_number.rs"
    path.write_text("fn f() {\n    new()\n}\n")
    workbench = example_workbenches.builds()
    history = tuple(
        example_workbenches.entry(number, sources=(SourceText(path=path, text=text),))
        for number, text in ((2, path.read_text()), (1, "fn f() {\n    old()\n}\n"))
    )
    workbench.change(1, version=2, newer=0, status=Live(), history=history)
    earlier = (SourceText(path=path, text="earliest"),)
    workbench.kept[1] = (
        KeptBuild(trigger="yesterday", started=NOON / 1000 - 86_400, ready=True, sources=earlier),
        KeptBuild(trigger="the same", started=history[1].started, ready=True, sources=earlier),
    )
    return workbench


def test_source_of_a_build_is_shown_and_compared(drive: Drive, tmp_path: Path) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("1", "b", "v")
        await page.until(lambda: "   2      new()" in page.text())
        await page.press("escape", "d")
        assert await page.notice() == "the file is as in v2"
        await page.press("down", "d")
        await page.until(lambda: isinstance(page.app.screen, SourceOfBuild))
        shown = page.text()
        assert "-    old()" in shown
        assert "+    new()" in shown
        await page.press("escape")
        assert is_open(page)

    drive(with_sources(tmp_path), story)


def test_source_of_an_earlier_session_is_restored(drive: Drive, tmp_path: Path) -> None:
    workbench = with_sources(tmp_path)

    async def story(page: DashboardPage) -> None:
        await page.press("1", "b")
        await page.until(lambda: "2026-02-28" in page.text())
        assert "yesterday" in page.text()
        assert "the same" not in page.text(), "a build of this session is listed once"
        await page.press("end", "enter")
        assert "the module of an earlier session is not kept: r restores its source" in page.notices()
        await page.press("r")
        await page.until(lambda: workbench.asked[-1] == "restore ['earliest']")
        await page.until(lambda: any(said.startswith("has_number.rs restored") for said in page.notices()))
        workbench.refuse = RestoringError("f.rs cannot be written: Is a directory")
        await page.press("r")
        await page.until(lambda: any("Is a directory" in said for said in page.notices()))

    drive(workbench, story)
