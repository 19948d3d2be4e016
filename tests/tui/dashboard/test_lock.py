"""`L`: locked panes show the same records."""

import pytest
from textual.events import MouseEvent, MouseScrollDown, MouseScrollUp
from textual.scrollbar import ScrollTo

from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.example_workbenches import numbers, odd
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tests.tui.dashboard.test_columns import orders
from tests.tui.dashboard.test_following import pane, wheel
from tests.tui.dashboard.test_search import search
from tui.dashboard.screens.inspector import Inspector


@pytest.fixture
def workbench() -> ScriptedWorkbench:
    made = ScriptedWorkbench()
    made.produce(*numbers(0, 300))
    made.add("odd", odd)
    return made


def cursors(page: DashboardPage) -> list[int | None]:
    return [pane(page, number).view.cursor for number in (0, 1)]


def test_locked_panes_show_the_selected_record(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("g", "L")
        assert "locked by offset" in page.text()
        assert cursors(page) == [0, 1]
        assert pane(page).view.has_focus
        await page.press("pagedown")
        chosen, brought = cursors(page)
        assert chosen is not None
        assert brought == chosen + (chosen + 1) % 2
        filtered = pane(page, 1).view
        assert filtered.scroll_offset.y <= brought // 2 < filtered.scroll_offset.y + filtered.size.height
        await page.press("1", "down")
        assert cursors(page) == [brought + 2, brought + 2]
        await page.press("0", "down")
        assert cursors(page) == [brought + 3, brought + 4]
        await page.press("L", "L", "down")
        assert cursors(page) == [brought + 4, brought + 3]
        assert "by offset" not in page.text()

    drive(workbench, story)


def test_aligned_panes_show_a_record_at_the_same_line(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("L", "L", "up")
        assert "aligned by offset" in page.text()
        rows = [line for line in page.text().splitlines() if "value " in line]
        assert all(
            line.count(f"value {number}") == 1 + number % 2 and ("┄" in line) != bool(number % 2)
            for line in rows
            for number in [int(line.split("value ")[1].split()[0])]
        )
        await page.press("1", "up", "up", "L")
        assert list(pane(page, 1).view.rows) == list(range(1, 300, 2))

    drive(workbench, story)


def test_rows_of_aligned_panes_stay_on_one_line(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        def whole() -> bool:
            return '"schema": "v3"' in page.text().replace("\n", "")

        await page.press("up", "w")
        assert whole()
        await page.press("L", "L")
        assert "aligned by offset" in page.text()
        assert not whole()
        await page.press("w")
        assert await page.notice() == "rows of aligned panes have one line: L frees the panes"
        assert not whole()
        await page.press("L")
        assert whole()

    drive(orders(), story, (90, 20))


def test_mouse_search_and_inspector_move_locked_panes(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("L")
        view = pane(page, 1).view
        await page.click(view, offset=(8, 2))
        assert cursors(page)[0] == cursors(page)[1] == view.rows[view.scroll_offset.y + 2]
        await page.press("0")
        await search(page, "value 101")
        assert cursors(page) == [101, 101]
        await page.press("enter", "up")
        assert isinstance(page.app.screen, Inspector)
        await page.press("escape")
        assert cursors(page) == [100, 101]

    drive(workbench, story)


def test_a_paused_pane_takes_in_a_newer_record(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("1", "up", "0")
        await page.produce(workbench, *numbers(300, 400))
        await page.press("up", "up", "L")
        chosen = pane(page).view.cursor
        assert chosen is not None
        assert chosen > 300
        assert cursors(page)[1] == chosen + (chosen + 1) % 2

    drive(workbench, story)


def test_one_pane_alone_cannot_be_locked(drive: Drive) -> None:
    alone = ScriptedWorkbench()
    alone.produce(b"one")

    async def story(page: DashboardPage) -> None:
        await page.press("L")
        assert "locked" not in page.text()

    drive(alone, story)


def test_a_hidden_pane_goes_along(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("L", "g", *["down"] * 20)
        await page.press("1")
        await page.pause()
        assert cursors(page) == [20, 21]

    drive(workbench, story, (60, 12))


def turn_wheel(page: DashboardPage, number: int, event: type[MouseEvent]) -> None:
    view = pane(page, number).view
    view.post_message(wheel(event, view))


def topmost(page: DashboardPage, *panes: int) -> list[int | None]:
    return [pane(page, number).view.viewport.topmost for number in panes]


def test_the_wheel_in_one_pane_scrolls_the_others(drive: Drive, workbench: ScriptedWorkbench) -> None:
    workbench.add("all", lambda _: Verdict.PASS)

    async def story(page: DashboardPage) -> None:
        await page.press("L")
        turn_wheel(page, 0, MouseScrollUp)
        await page.until(lambda: pane(page, 1).view.following is False)
        newest = pane(page, 1).view
        assert topmost(page, 0)[0] in newest.rows[newest.scroll_offset.y :]
        pane(page).view.post_message(ScrollTo(y=100, animate=False))
        for number in (0, 1, 2, 1, 0):
            for _ in range(3):
                turn_wheel(page, number, MouseScrollUp)
                await page.pause()
                led = pane(page, number).view.viewport.topmost
                assert led is not None
                odd_one = led if led % 2 else led + 1
                assert topmost(page, 0, 1, 2) == [led, odd_one, led]
        views = [pane(page, number).view for number in range(3)]
        assert not any(view.following for view in views)
        assert [view.cursor for view in views] == [None] * 3
        assert all("paused" in str(pane(page, number).head.state) for number in range(3))

    drive(workbench, story)


def test_locked_panes_follow_together(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("L")
        turn_wheel(page, 1, MouseScrollUp)
        await page.until(lambda: not pane(page).view.following)
        while not pane(page, 1).view.following:
            turn_wheel(page, 1, MouseScrollDown)
            await page.pause()
        await page.until(lambda: pane(page).view.following)
        await page.press("0", "up")
        assert not pane(page, 1).view.following
        await page.press("1", "end")
        assert pane(page).view.following
        assert pane(page, 1).view.following

    drive(workbench, story)


def test_the_scrollbar_scrolls_the_others_which_stay_under_new_records_verdicts_and_sizes(
    drive: Drive, workbench: ScriptedWorkbench
) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("L")
        pane(page).view.post_message(ScrollTo(y=41, animate=False))
        await page.until(lambda: topmost(page, 0, 1) == [41, 41])
        pane(page, 1).view.post_message(ScrollTo(y=10, animate=False))
        await page.until(lambda: topmost(page, 0, 1) == [21, 21])
        pane(page).view.post_message(ScrollTo(y=101, animate=False))
        await page.until(lambda: topmost(page, 0, 1) == [101, 101])
        await page.produce(workbench, *numbers(300, 400))
        assert topmost(page, 0, 1) == [101, 101]
        # Fewer rows than were scrolled past: that pane cannot stay, but leads nobody.
        workbench.change(1, evaluate=lambda value: odd(value) if value < b"value 104" else Verdict.DROP)
        await page.drawn(workbench)
        assert topmost(page, 0) == [101]
        await page.resize_terminal(120, 60)
        assert topmost(page, 0) == [101]

    drive(workbench, story)


def test_a_hidden_pane_scrolls_along_to_new_records(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("L")
        await page.produce(workbench, *numbers(300, 400))
        pane(page).view.post_message(ScrollTo(y=321, animate=False))
        await page.until(lambda: topmost(page, 0) == [321])
        await page.press("1")
        await page.pause()
        assert topmost(page, 1) == [321]
        assert not pane(page, 1).view.following

    drive(workbench, story, (60, 12))
