"""The lesson of a first start: it ticks off steps, and closes."""

from pathlib import Path

from engine.live.evaluation.status import Failed, Live, Stale
from engine.records.verdicts import Verdict
from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.app.appearance import Appearance
from tui.dashboard.keys.keymap import remap
from tui.dashboard.present.lesson import Progress, Step
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.screens.help import Help
from tui.dashboard.screens.inspector import Inspector
from tui.dashboard.widgets.panels.lesson_panel import LessonPanel

SMALL = (80, 24)


def panel(page: DashboardPage) -> LessonPanel:
    dashboard = page.app.screen_stack[0]
    assert isinstance(dashboard, Dashboard)
    return dashboard.query_one(LessonPanel)


def text(page: DashboardPage) -> str:
    return panel(page).text


def passes(value: bytes) -> Verdict:
    return Verdict.PASS


def drops(value: bytes) -> Verdict:
    return Verdict.DROP


def one_filter(path: Path = Path("/filters/f.rs")) -> ScriptedWorkbench:
    workbench = ScriptedWorkbench()
    workbench.produce(*(b"record %d" % number for number in range(40)))
    workbench.add("f", passes, path=path)
    return workbench


def reload(workbench: ScriptedWorkbench, **changed: object) -> None:
    """Switch to a version of which every verdict is the opposite."""
    script = workbench.scripts[1]
    script.before, evaluate = script.evaluate, drops if script.evaluate is passes else passes
    workbench.change(1, evaluate, version=script.fixed.version + 1, **changed)


def test_steps_are_ticked_off_in_order(drive: Drive) -> None:
    workbench = one_filter()

    async def story(page: DashboardPage) -> None:
        shown = panel(page)
        assert shown.display and shown.progress == Progress()
        assert "▸ save" in text(page) and "any editor works: /filters/f.rs" in text(page)
        reload(workbench)
        await page.drawn(workbench)
        assert shown.progress.done == {Step.SAVE}
        assert "✓ save" in text(page) and "▸ diff" in text(page)
        await page.press("d")
        assert shown.progress.next is Step.BREAK
        await page.press("d")
        workbench.change(1, status=Stale())
        await page.drawn(workbench)
        assert "f is STALE, the previous version keeps running: fix" in text(page)
        assert shown.progress.next is Step.BREAK
        reload(workbench, status=Live())
        await page.drawn(workbench)
        assert shown.progress.next is Step.INSPECT
        await page.press("enter")
        assert isinstance(page.app.screen, Inspector)
        await page.press("escape")
        assert shown.progress.next is Step.SEARCH
        await page.press("slash", "7")
        assert shown.progress.next is Step.SEARCH, "it is still being typed"
        await page.press("enter")
        await page.until(lambda: shown.progress.next is None)
        await page.until(lambda: "that is the loop; ? shows everything else" in text(page))

    drive(workbench, story, lesson=True)


def test_steps_can_be_taken_in_any_order_and_again(drive: Drive) -> None:
    workbench = one_filter()

    async def story(page: DashboardPage) -> None:
        await page.press("enter", "escape")
        assert panel(page).progress.done == {Step.INSPECT}
        assert "▸ save" in text(page) and "✓ inspect" in text(page)
        for step in Step:
            panel(page).note(step)
        await page.press("escape", "T")
        assert panel(page).progress == Progress()

    drive(workbench, story, lesson=True)


def test_save_without_changed_verdicts_is_no_step(drive: Drive) -> None:
    workbench = one_filter()

    async def story(page: DashboardPage) -> None:
        workbench.scripts[1].before = passes
        workbench.change(1, version=2)
        await page.drawn(workbench)
        assert panel(page).progress.done == set()
        assert "that save changed nothing" in text(page)

    drive(workbench, story, lesson=True)


def test_failed_first_build_is_no_step(drive: Drive) -> None:
    workbench = one_filter()
    workbench.change(1, status=Failed(), version=0)

    async def story(page: DashboardPage) -> None:
        workbench.change(1, status=Live(), version=1)
        await page.drawn(workbench)
        assert panel(page).progress.done == set()

    drive(workbench, story, lesson=True)


def test_lesson_names_file_of_current_pane(drive: Drive) -> None:
    workbench = one_filter()
    workbench.add("g", drops, path=Path("/filters/g.rs"))

    async def story(page: DashboardPage) -> None:
        assert "tab goes to a filter, e opens it" in text(page) and "/filters/f.rs" in text(page)
        await page.press("2")
        assert "e opens g.rs: change" in text(page) and "/filters/g.rs" in text(page)

    drive(workbench, story, lesson=True)


def test_lesson_begins_with_adding_without_file(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.add("sf1", passes, stored=True)

    async def story(page: DashboardPage) -> None:
        assert "a adds a filter" in text(page)

    drive(workbench, story, lesson=True)


def test_escape_closes_lesson_last_and_it_resumes(drive: Drive) -> None:
    workbench = example_workbenches.reloaded()

    async def story(page: DashboardPage) -> None:
        await page.press("d", "escape")
        assert panel(page).display
        await page.press("escape")
        assert not panel(page).display
        await page.press("enter", "escape")
        await page.press("T")
        assert panel(page).display
        assert panel(page).progress.done == {Step.SAVE, Step.CHANGES}
        await page.press("T")
        assert not panel(page).display

    drive(workbench, story, lesson=True)


def test_closed_lesson_takes_no_room(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        assert not panel(page).display
        await page.press("question_mark")
        assert isinstance(page.app.screen, Help)
        assert "Learn the loop in five steps" in str(page.app.screen.query_one(".keys").render())

    drive(one_filter(), story)


def test_lesson_names_remapped_keys(drive: Drive) -> None:
    chosen = Appearance(
        keys=remap({"dashboard.edit": "f6", "dashboard.next": "f7", "dashboard.search": "f3"})
    )

    async def story(page: DashboardPage) -> None:
        assert "f7 goes to a filter, f6 opens it" in text(page)
        assert "f3 searches" in text(page)

    drive(one_filter(), story, lesson=True, appearance=chosen)


def test_lesson_comes_back_when_another_tab_closes(drive: Drive) -> None:
    workbench = example_workbenches.reloaded()

    async def story(page: DashboardPage) -> None:
        assert panel(page).size.height == 7
        await page.press("d")
        assert not panel(page).display
        await page.press("d")
        assert "✓ diff" in text(page) and "▸ break" in text(page)
        await page.until(lambda: panel(page).size.height == 7)

    drive(workbench, story, lesson=True, size=SMALL)


def test_lesson_is_whole_in_a_small_terminal(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.until(lambda: "search" in text(page))
        assert "…" not in text(page)

    drive(one_filter(), story, lesson=True, size=SMALL)


def test_lesson_grows_with_terminal(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        for size, rows in (((60, 14), 2), ((300, 80), 7), ((60, 14), 2)):
            await page.resize_terminal(*size)
            await page.until(lambda rows=rows: panel(page).size.height == rows)  # type: ignore[misc]
            assert max(map(len, text(page).splitlines())) <= panel(page).size.width

    drive(example_workbenches.reloaded(), story, lesson=True)
