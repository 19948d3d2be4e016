"""Dragging the mouse over rows selects and copies what it goes over."""

import pytest
from textual.geometry import Offset

from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.widgets.rows.draggable_view import Drag


@pytest.mark.parametrize(
    "start, end, spans",
    [
        ((3, 1), (5, 1), [(0, 0), (3, 6), (0, 0)]),
        ((5, 1), (3, 1), [(0, 0), (3, 6), (0, 0)]),
        ((8, 0), (1, 2), [(8, 10), (0, 10), (0, 2)]),
        ((1, 2), (8, 0), [(8, 10), (0, 10), (0, 2)]),
        ((0, 0), (9, 2), [(0, 10), (0, 10), (0, 10)]),
    ],
)
def test_selection_runs_as_text_does(
    start: tuple[int, int], end: tuple[int, int], spans: list[tuple[int, int]]
) -> None:
    drag = Drag(start=Offset(*start), end=Offset(*end))
    assert [drag.span(line, 10) for line in range(3)] == spans


async def drag(page: DashboardPage, start: Offset, *way: Offset) -> None:
    await page.mouse_down(page.view, offset=start)
    for offset in way:
        await page.hover(page.view, offset=offset)
    await page.mouse_up(page.view, offset=way[-1] if way else start)


def test_dragging_copies_and_clicking_does_not(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(*(f"value {number}".encode() for number in range(100, 120)))

    async def story(page: DashboardPage) -> None:
        rows = [strip.text.split("value ")[1][:3] for strip in page.strips() if "value 1" in strip.text]
        column = next(strip.text.index("value") for strip in page.strips() if "value" in strip.text)
        left = column - page.view.region.x
        assert page.view.following
        await drag(page, Offset(left, 2), Offset(left + 3, 2), Offset(left + 8, 2))
        await page.until(lambda: page.app.clipboard == f"value {rows[2]}")
        assert not page.view.following, "new records must not move what is selected"
        await drag(page, Offset(left + 6, 3), Offset(left + 2, 4), Offset(left + 4, 5))
        await page.until(lambda: page.app.clipboard.startswith(f"{rows[3]}\n"))
        assert page.app.clipboard.splitlines()[2].endswith("value"), "cut at the end of the drag"
        cursor = page.view.cursor
        await drag(page, Offset(left, 7))
        await page.click(page.view, offset=Offset(left, 7))
        assert page.view.cursor != cursor
        assert page.app.clipboard.splitlines()[0] == rows[3], "a click copies nothing"

    drive(workbench, story)


def test_dragging_over_an_empty_pane_copies_nothing(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await drag(page, Offset(3, 2), Offset(20, 4))
        assert page.app.clipboard == ""

    drive(example_workbenches.ScriptedWorkbench(), story)
