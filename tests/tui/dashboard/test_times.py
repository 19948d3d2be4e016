"""The histogram of a pane: what it counts, moving in it, and going to a record."""

import pytest

from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.widgets.panels.dock import Dock
from tui.dashboard.widgets.panels.time_panel import TimeBars, TimePanel


def bars(page: DashboardPage) -> TimeBars:
    return page.dashboard.query_one(TimeBars)


def shown(page: DashboardPage) -> str:
    return str(bars(page).render())


def test_bars_count_what_the_current_pane_shows(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.add("one", example_workbenches.odd)
    workbench.produce(*example_workbenches.numbers(0, 200))

    async def story(page: DashboardPage) -> None:
        await page.press("H")
        await page.until(lambda: "records 200" in shown(page))
        await page.press("H", "1", "H")
        await page.until(lambda: "passed 100" in shown(page) and "dropped 100" in shown(page))
        workbench.produce(*example_workbenches.numbers(200, 202))
        await page.drawn(workbench)
        await page.until(lambda: "passed 101" in shown(page))

    drive(workbench, story)


@pytest.mark.usefixtures("no_ticks")
def test_bars_take_the_room_that_there_is_without_a_new_record(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("H")
        await page.until(lambda: bars(page).found is not None and len(bars(page).found or ()) > 60)

    drive(example_workbenches.live(0, 200), story)


def test_keys_move_among_bars_and_enter_goes_there(drive: Drive) -> None:
    workbench = example_workbenches.live(0, 200)

    async def story(page: DashboardPage) -> None:
        await page.press("H")
        await page.until(lambda: bars(page).found is not None)
        assert bars(page).has_focus
        found = bars(page).found
        assert found is not None
        await page.press("left")
        assert bars(page).cursor == len(found) - 1
        await page.press("left")
        assert bars(page).cursor == len(found) - 2
        await page.press("home", "right", "enter")
        assert page.view.cursor == found.first_rows[1]
        assert not page.view.following
        assert isinstance(page.dashboard.query_one(Dock).front, TimePanel)
        await page.press("escape")
        assert page.view.has_focus

    drive(workbench, story)


def test_double_click_goes_to_a_bar(drive: Drive) -> None:
    workbench = example_workbenches.live(0, 200)

    async def story(page: DashboardPage) -> None:
        await page.press("H")
        await page.until(lambda: bars(page).found is not None)
        await page.click(TimeBars, offset=(7, 3), times=2)
        await page.until(lambda: page.view.cursor == 0)

    drive(workbench, story)
