"""The dock under the panes: one tab at a time, by keys and by the mouse."""

from engine.builds.diagnostic import Diagnostic
from engine.records.faults import Location
from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tui.dashboard.widgets.panels.dock import Dock, DockBar
from tui.dashboard.widgets.panels.error_panel import ErrorPanel
from tui.dashboard.widgets.panels.messages_panel import MessagesPanel
from tui.dashboard.widgets.panels.plot_panel import PlotPanel


def dock(page: DashboardPage) -> Dock:
    return page.dashboard.query_one(Dock)


def bar(page: DashboardPage) -> str:
    return str(page.dashboard.query_one(DockBar).render())


def test_click_on_label_brings_tab_to_front(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        assert not dock(page).display
        await page.press("3", "d")
        await page.pause()
        await page.click(DockBar, offset=(bar(page).index("Plot") + 1, 0))
        assert isinstance(dock(page).front, PlotPanel)
        await page.click(DockBar, offset=(bar(page).index("Plot") + 1, 0))
        assert not dock(page).display

    drive(example_workbenches.reloaded(), story)


def test_dock_keeps_to_its_share_of_the_screen_unless_enlarged(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("Z")
        assert not dock(page).display
        await page.press("v")
        await page.until(lambda: 0 < dock(page).size.height <= 0.4 * 34)
        usual = dock(page).size.height
        await page.press("Z")
        await page.until(lambda: dock(page).size.height > 2 * usual)
        await page.press("escape", "v")
        await page.until(lambda: dock(page).size.height == usual)

    drive(example_workbenches.reloaded(), story)


def test_messages_are_a_tab_and_leave_no_second_panel(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        errors = page.dashboard.query_one(ErrorPanel)
        whole = errors.size.height
        await page.press("v")
        await page.until(lambda: 0 < errors.size.height < whole)
        assert "errors_only.rs does not build" in page.text()
        await page.press("m", "Z")
        assert isinstance(dock(page).front, MessagesPanel)
        assert "Messages 2" in bar(page)
        assert not errors.display
        await page.until(lambda: "has_number: trap" in page.text())
        assert "errors_only.rs does not build" in page.text()
        await page.press("m")
        assert errors.display
        assert page.view.has_focus

    drive(example_workbenches.stale(), story)


def test_opened_messages_have_at_least_the_room_of_the_panel_before(drive: Drive) -> None:
    workbench = example_workbenches.stale()
    place = Location("errors_only.rs", 5, 39)
    long = Diagnostic("error", "mismatched types", "E0308", place, "error: mismatched types\n" * 30)
    workbench.change(2, build=example_workbenches.failed_build("errors_only", long))

    async def story(page: DashboardPage) -> None:
        errors = page.dashboard.query_one(ErrorPanel)
        await page.until(lambda: errors.size.height > 10)
        before = errors.size.height
        await page.press("m")
        await page.until(lambda: dock(page).size.height >= before)

    drive(workbench, story, (120, 50))


def test_messages_close_with_the_last_problem(drive: Drive) -> None:
    workbench = example_workbenches.stale()

    async def story(page: DashboardPage) -> None:
        await page.press("m")
        workbench.change(1, evaluate=example_workbenches.errors_only)
        workbench.change(2, build=None)
        await page.drawn(workbench)
        await page.until(lambda: not dock(page).display)
        assert page.view.has_focus

    drive(workbench, story)
