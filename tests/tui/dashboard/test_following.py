"""Following the newest records, pausing, and moving the cursor: what is seen and typed."""

import pytest
from textual.events import Key, MouseEvent, MouseScrollDown, MouseScrollUp

from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.example_workbenches import every_other, numbers
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.widgets.panes.pane import Pane
from tui.dashboard.widgets.rows.record_view import RecordView


@pytest.fixture
def workbench() -> ScriptedWorkbench:
    return every_other()


def pane(page: DashboardPage, number: int = 0) -> Pane:
    return page.deck.panes[number]


def lines(view: RecordView) -> list[str]:
    """The rows in view, as text."""
    return [strip.text.rstrip() for strip in view.render_lines(view.size.region)]


def test_the_newest_record_is_followed_at_any_size(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        assert lines(pane(page).view)[-1].endswith("value 299")
        await page.produce(workbench, *numbers(300, 310))
        assert lines(pane(page).view)[-1].endswith("value 309")
        assert lines(pane(page, 1).view)[-1].endswith("value 309")
        assert lines(pane(page, 1).view)[-2].endswith("value 307")
        for size in ((80, 24), (200, 50), (40, 10), (120, 34)):
            await page.resize_terminal(*size)
            await page.until(lambda: page.view.size.height == page.view.viewport.height)
            shown = [one.view for one in page.panes if one.display]
            assert all(view.following for view in shown)
            assert all(lines(view)[-1].endswith("value 309") for view in shown)

    drive(workbench, story)


def test_scrolling_back_pauses_that_pane_alone_and_counts_what_is_new(
    drive: Drive, workbench: ScriptedWorkbench
) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("pageup")
        raw, filtered = pane(page), pane(page, 1)
        assert (raw.view.following, filtered.view.following) == (False, True)
        before = lines(raw.view)
        await page.produce(workbench, *numbers(300, 317))
        assert lines(raw.view) == before
        assert raw.head.state is not None
        assert raw.head.state.paused[0] == "paused +17 new"
        assert lines(filtered.view)[-1].endswith("value 315")
        await page.press("end")
        assert raw.view.following
        assert lines(raw.view)[-1].endswith("value 316")
        assert raw.head.state.paused == ()

    drive(workbench, story)


def test_rows_of_a_paused_pane_stay_when_they_leave_the_window(
    drive: Drive, workbench: ScriptedWorkbench
) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("1", "pageup", "up")
        view = pane(page, 1).view
        before = lines(view)
        await page.produce(workbench, *numbers(300, 1_300))
        assert lines(view) == before
        await page.press("G")
        assert lines(view)[-1].endswith("value 1299")

    drive(workbench, story)


def space(page: DashboardPage) -> str:
    """What the footer offers under the space bar."""
    return page.app.screen.active_bindings["space"].binding.description


def test_the_mouse_wheel_pauses_and_follows_again_at_the_end(
    drive: Drive, workbench: ScriptedWorkbench
) -> None:
    async def story(page: DashboardPage) -> None:
        view = pane(page).view
        view.post_message(wheel(MouseScrollUp, view))
        await page.until(lambda: not view.following)
        assert pane(page, 1).view.following
        for _ in range(3):
            view.post_message(wheel(MouseScrollDown, view))
            await page.pause()
        await page.until(lambda: view.following)

    drive(workbench, story)


def test_space_applies_the_state_of_the_focused_pane_to_all(
    drive: Drive, workbench: ScriptedWorkbench
) -> None:
    async def story(page: DashboardPage) -> None:
        raw, filtered = pane(page).view, pane(page, 1).view
        await page.press("pageup", "1")
        cursor = raw.cursor
        assert space(page) == "Pause"
        await page.press("space")
        assert (raw.following, filtered.following) == (False, False)
        assert raw.cursor == cursor
        await page.press("end", "0")
        assert (raw.following, filtered.following) == (False, True)
        assert space(page) == "Follow"
        await page.press("space")
        assert (raw.following, filtered.following) == (True, True)
        await page.press("space")
        await page.produce(workbench, *numbers(300, 302))
        assert all(lines(view)[-1].endswith("value 299") for view in (raw, filtered))
        await page.press("space")
        assert all(lines(view)[-1].endswith("value 301") for view in (raw, filtered))

    drive(workbench, story)


def test_space_acts_on_the_panes_from_the_list_of_changes(drive: Drive, workbench: ScriptedWorkbench) -> None:
    workbench.change(1, version=2)
    workbench.scripts[1].before = lambda _: Verdict.DROP

    async def story(page: DashboardPage) -> None:
        await page.press("d", "space")
        assert all(pane(page, number).view.following for number in (0, 1))
        assert space(page) == "Pause"

    drive(workbench, story)


def test_an_empty_paused_pane_says_that_its_rows_left_the_window(
    drive: Drive, workbench: ScriptedWorkbench
) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("1", "up")
        view = pane(page, 1).view
        await page.produce(workbench, *numbers(300, 600))
        assert len(view.rows) == 150
        workbench.change(1, evaluate=lambda _: Verdict.DROP, version=2)
        await page.drawn(workbench)
        shown = "\n".join(lines(view))
        assert "nothing passed of 200" in shown
        assert "100 have left the window · end follows" in shown
        await page.produce(workbench, *numbers(600, 900))
        workbench.change(1, version=3)
        await page.drawn(workbench)
        shown = "\n".join(lines(view))
        assert "these records have left the window" in shown
        assert "end follows" in shown
        await page.press("end")
        assert "nothing passed of 500" in "\n".join(lines(view))

    drive(workbench, story)


def wheel(event: type[MouseEvent], view: RecordView) -> MouseEvent:
    nothing = (0, 0, 0, False, False, False)
    return event(view, 5, 5, *nothing)


def test_keys_and_clicks_move_the_cursor(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("1", "g")
        view = pane(page, 1).view
        assert view.cursor == 1
        assert lines(view)[0].endswith("value 1")
        await page.press("down", "j", "up")
        assert view.cursor == 3
        await page.press("pagedown")
        assert view.cursor == 3 + 2 * (view.size.height - 1)
        await page.press("end", "0")
        assert view.following
        await page.click(view, offset=(8, 2))
        assert view.has_focus
        assert view.cursor == view.rows[view.scroll_offset.y + 2]
        assert not view.following

    drive(workbench, story)


def test_a_cursor_key_takes_no_snapshot(drive: Drive, workbench: ScriptedWorkbench) -> None:
    presses = 50

    async def story(page: DashboardPage) -> None:
        await page.press("g")
        before = workbench.snapshots
        for _ in range(presses):
            page.app.post_message(Key("down", None))
        await page.until(lambda: pane(page).view.cursor == presses)
        assert workbench.snapshots - before < presses / 2, "only the clock draws"
        assert "paused" in str(pane(page).head.state)

    drive(workbench, story)
