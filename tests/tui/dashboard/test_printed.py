"""What filters print: a panel of its own, and in the inspector beside the record."""

from engine.live.stats.printed_lines import Line, Printed
from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.widgets.panels.printed_panel import PrintedPanel, PrintedView


def chatty() -> ScriptedWorkbench:
    workbench = example_workbenches.live(0, 40)
    many = tuple(Line(row, f"row {row}\x1b[2J") for row in range(0, 40, 2))
    workbench.change(1, printed=Printed(many, 120, 3))
    workbench.change(2, printed=Printed((Line(7, "seven"), Line(39, "last")), 2))
    return workbench


def test_panel_has_lines_of_all_filters_by_record(drive: Drive) -> None:
    workbench = chatty()

    async def story(page: DashboardPage) -> None:
        assert "Output" in page.text()
        await page.press("o")
        view = page.app.screen.query_one(PrintedView)
        assert [line.row for line in view.lines] == sorted([*range(0, 40, 2), 7, 39])
        shown = page.text()
        assert "122 lines printed · the newest 22 kept · 3 dropped" in shown
        assert "2 errors_only 39  last" in shown
        assert "row 38\\x1b[2J" in shown
        await page.press("home")
        assert "1 has_number  0  row 0" in page.text()
        await page.press("o")
        assert not page.app.screen.query_one(PrintedPanel).display
        assert page.app.focused is not view

    drive(workbench, story)


def test_panel_follows_new_lines_unless_scrolled_back(drive: Drive) -> None:
    workbench = chatty()

    async def story(page: DashboardPage) -> None:
        await page.press("o")
        workbench.change(2, printed=Printed((Line(39, "newer"),), 3))
        await page.drawn(workbench)
        assert "newer" in page.text()
        await page.press("home")
        workbench.change(2, printed=Printed((Line(39, "newest"),), 4))
        await page.drawn(workbench)
        shown = page.text()
        assert "row 0" in shown
        assert "newest\n" not in shown

    drive(workbench, story)


def test_output_is_offered_once_something_is_printed(drive: Drive) -> None:
    workbench = example_workbenches.live(0, 10)

    async def story(page: DashboardPage) -> None:
        assert "Output" not in page.text()
        await page.press("o")
        assert not page.app.screen.query_one(PrintedPanel).display
        workbench.change(2, printed=Printed((Line(1, "first"),), 1))
        await page.drawn(workbench)
        assert "Output" in page.text()

    drive(workbench, story)


def test_inspector_shows_printed_lines_of_record(drive: Drive) -> None:
    workbench = chatty()

    async def story(page: DashboardPage) -> None:
        await page.press("enter")
        shown = page.text()
        assert "▏ last" in shown
        assert "seven" not in shown

    drive(workbench, story)
