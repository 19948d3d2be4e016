"""`d`: the list of what the last reload changed."""

from engine.live.window.limits import WindowLimits
from engine.records.verdicts import Verdict
from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.screens.inspector import Inspector
from tui.dashboard.widgets.panels.changes_panel import ChangesPanel, ChangesView


def short(value: bytes) -> Verdict:
    return Verdict.PASS if len(value) < 2 else Verdict.DROP


def odd(value: bytes) -> Verdict:
    return Verdict.TRAP if value == b"5" else Verdict.PASS if int(value) % 2 else Verdict.DROP


def reloaded(**limits: int) -> ScriptedWorkbench:
    workbench = ScriptedWorkbench(limits=WindowLimits(**limits))
    workbench.produce(*(b"%d" % number for number in range(20)))
    workbench.add("f", odd, before=short, version=2)
    return workbench


def view_of(page: DashboardPage) -> ChangesView:
    return page.app.screen.query_one(ChangesView)


def test_changes_show_both_verdicts_and_every_pane_goes_along(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        assert "Diff" in page.text()
        await page.press("d")
        assert list(view_of(page).rows) == [0, 2, 4, 5, 6, 8, 11, 13, 15, 17, 19]
        shown = page.text()
        assert "1 f  11 of 20 changed: +5 now pass, −5 now drop, 1 fault" in shown
        assert "   pass → drop     0 0" in shown
        assert "   pass → trap     5 5" in shown
        await page.press("down", "down", "down")
        cursors = [pane.view.cursor for pane in page.deck.panes]
        assert cursors == [5, 7]  # the filter's pane has no row 5: it shows the next one
        await page.press("enter")
        assert isinstance(page.app.screen, Inspector)
        await page.press("down", "escape")
        assert view_of(page).cursor == 6
        await page.press("d")
        assert not page.app.screen.query_one(ChangesPanel).display
        assert page.app.focused is page.deck.current.view

    drive(reloaded(), story)


def test_changes_have_the_columns_of_the_panes(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(*(b'{"kind": "k%d", "text": "order %d", "same": 1}' % (n % 3, n) for n in range(20)))
    workbench.add("f", lambda _: Verdict.PASS, before=lambda _: Verdict.DROP, version=2)

    async def story(page: DashboardPage) -> None:
        await page.press("d")
        await page.until(lambda: "drop → pass" in page.text())
        await page.until(lambda: sum("kind text" in line for line in page.text().splitlines()) == 2)
        lines = page.text().splitlines()
        title = next(line for line in reversed(lines) if "kind text" in line)
        row = next(line for line in lines if "drop → pass" in line)
        assert '"kind"' not in row
        assert row.index("order 0") == title.index("text")
        await page.resize_terminal(100, 34)
        await page.until(lambda: sum("kind text" in line for line in page.text().splitlines()) == 2)

    drive(workbench, story)


def test_changes_are_offered_only_if_there_are_any(drive: Drive) -> None:
    workbench = example_workbenches.live(0, 20)

    async def story(page: DashboardPage) -> None:
        assert "Diff" not in page.text()
        await page.press("d")
        assert not page.app.screen.query_one(ChangesPanel).display

    drive(workbench, story)


def test_the_list_closes_when_a_reload_changes_nothing(drive: Drive) -> None:
    workbench = reloaded()

    async def story(page: DashboardPage) -> None:
        await page.press("d")
        workbench.scripts[1].before = odd
        workbench.change(1, version=3)
        await page.drawn(workbench)
        assert not page.app.screen.query_one(ChangesPanel).display
        await page.press("q")

    drive(workbench, story)


def test_records_outside_window_leave_the_list_unless_it_is_paused(drive: Drive) -> None:
    workbench = reloaded(rows=20)

    async def story(page: DashboardPage) -> None:
        await page.press("d")
        await page.produce(workbench, *(b"%d" % number for number in range(20, 30)))
        assert view_of(page).cursor == 0
        assert "pass → drop" in page.text()
        await page.press("end")
        await page.drawn(workbench)
        assert min(view_of(page).rows) >= 10

    drive(workbench, story)


def test_changes_are_those_of_the_focused_pane(drive: Drive) -> None:
    workbench = reloaded()
    workbench.add("g", short, before=odd, version=2)

    async def story(page: DashboardPage) -> None:
        for key, consumer in (("1", 1), ("2", 2)):
            await page.press(key, "d")
            assert view_of(page).consumer == consumer
            await page.press("d")

    drive(workbench, story)
