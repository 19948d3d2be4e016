"""`L`: panes that are locked together show the same records."""

import pytest
from textual.events import MouseEvent, MouseScrollDown, MouseScrollUp
from textual.pilot import Pilot
from textual.scrollbar import ScrollTo

from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive, drawn, produce, until
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tests.tui.dashboard.test_actions import text_of
from tests.tui.dashboard.test_following import numbers, odd, pane, wheel
from tests.tui.dashboard.test_search import search
from tui.dashboard.screens.inspector import Inspector


@pytest.fixture
def workbench() -> ScriptedWorkbench:
    made = ScriptedWorkbench()
    made.produce(*numbers(0, 300))
    made.add("odd", odd)
    return made


def cursors(pilot: Pilot[None]) -> list[int | None]:
    return [pane(pilot, number).view.cursor for number in (0, 1)]


def test_a_record_chosen_in_one_pane_is_in_view_in_the_others(
    drive: Drive, workbench: ScriptedWorkbench
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("g", "L")
        assert "locked by offset" in text_of(pilot)
        assert cursors(pilot) == [0, 1]
        assert pane(pilot).view.has_focus
        await pilot.press("pagedown")
        chosen, brought = cursors(pilot)
        assert chosen is not None
        assert brought == chosen + (chosen + 1) % 2
        filtered = pane(pilot, 1).view
        assert filtered.scroll_offset.y <= brought // 2 < filtered.scroll_offset.y + filtered.size.height
        await pilot.press("1", "down")
        assert cursors(pilot) == [brought + 2, brought + 2]
        await pilot.press("0", "down")
        assert cursors(pilot) == [brought + 3, brought + 4]
        await pilot.press("L", "down")
        assert cursors(pilot) == [brought + 4, brought + 4]
        assert "locked by offset" not in text_of(pilot)

    drive(workbench, story)


def test_locked_panes_follow_together(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("L", "up")
        assert not pane(pilot, 1).view.following
        await pilot.press("1", "end")
        assert pane(pilot).view.following
        assert pane(pilot, 1).view.following

    drive(workbench, story)


def test_the_mouse_a_search_and_the_inspector_choose_records_too(
    drive: Drive, workbench: ScriptedWorkbench
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("L")
        view = pane(pilot, 1).view
        await pilot.click(view, offset=(8, 2))
        assert cursors(pilot)[0] == cursors(pilot)[1] == view.rows[view.scroll_offset.y + 2]
        await pilot.press("0")
        await search(pilot, "value 101")
        assert cursors(pilot) == [101, 101]
        await pilot.press("enter", "up")
        assert isinstance(pilot.app.screen, Inspector)
        await pilot.press("escape")
        assert cursors(pilot) == [100, 101]

    drive(workbench, story)


def test_a_pane_that_was_paused_before_a_record_came_takes_it_in(
    drive: Drive, workbench: ScriptedWorkbench
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("1", "up", "0")
        await produce(pilot, workbench, *numbers(300, 400))
        await pilot.press("up", "up", "L")
        chosen = pane(pilot).view.cursor
        assert chosen is not None
        assert chosen > 300
        assert cursors(pilot)[1] == chosen + (chosen + 1) % 2

    drive(workbench, story)


def test_one_pane_alone_cannot_be_locked(drive: Drive) -> None:
    alone = ScriptedWorkbench()
    alone.produce(b"one")

    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("L")
        assert "locked" not in text_of(pilot)

    drive(alone, story)


def test_a_pane_behind_a_tab_goes_along(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("L", "g", *["down"] * 20)
        await pilot.press("1")
        await pilot.pause()
        assert cursors(pilot) == [20, 21]

    drive(workbench, story, (60, 12))


def turn_wheel(pilot: Pilot[None], number: int, event: type[MouseEvent]) -> None:
    view = pane(pilot, number).view
    view.post_message(wheel(event, view))


def topmost(pilot: Pilot[None], *panes: int) -> list[int | None]:
    return [pane(pilot, number).view.topmost for number in panes]


def test_the_wheel_in_one_pane_scrolls_the_others(drive: Drive, workbench: ScriptedWorkbench) -> None:
    workbench.add("all", lambda _: Verdict.PASS)

    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("L")
        turn_wheel(pilot, 0, MouseScrollUp)
        await until(pilot, lambda: pane(pilot, 1).view.following is False)
        newest = pane(pilot, 1).view
        assert topmost(pilot, 0)[0] in newest.rows[newest.scroll_offset.y :], "at its end, it is in sight"
        pane(pilot).view.post_message(ScrollTo(y=100, animate=False))
        for number in (0, 1, 2, 1, 0):
            for _ in range(3):
                turn_wheel(pilot, number, MouseScrollUp)
                await pilot.pause()
                led = pane(pilot, number).view.topmost
                assert led is not None
                odd_one = led if led % 2 else led + 1
                assert topmost(pilot, 0, 1, 2) == [led, odd_one, led]
        views = [pane(pilot, number).view for number in range(3)]
        assert not any(view.following for view in views)
        assert [view.cursor for view in views] == [None] * 3
        assert all("paused" in str(pane(pilot, number).head.state) for number in range(3))

    drive(workbench, story)


def test_the_wheel_at_the_end_of_any_pane_lets_all_follow(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("L")
        turn_wheel(pilot, 1, MouseScrollUp)
        await until(pilot, lambda: not pane(pilot).view.following)
        while not pane(pilot, 1).view.following:
            turn_wheel(pilot, 1, MouseScrollDown)
            await pilot.pause()
        await until(pilot, lambda: pane(pilot).view.following)

    drive(workbench, story)


def test_the_scroll_bar_leads_too(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("L")
        pane(pilot).view.post_message(ScrollTo(y=41, animate=False))
        await until(pilot, lambda: topmost(pilot, 0, 1) == [41, 41])
        pane(pilot, 1).view.post_message(ScrollTo(y=10, animate=False))
        await until(pilot, lambda: topmost(pilot, 0, 1) == [21, 21])

    drive(workbench, story)


def test_panes_that_are_not_locked_stay(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(pilot: Pilot[None]) -> None:
        turn_wheel(pilot, 0, MouseScrollUp)
        await until(pilot, lambda: not pane(pilot).view.following)
        assert pane(pilot, 1).view.following

    drive(workbench, story)


def test_what_is_read_stays_when_records_come_verdicts_change_and_the_size_does(
    drive: Drive, workbench: ScriptedWorkbench
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("L")
        pane(pilot).view.post_message(ScrollTo(y=101, animate=False))
        await until(pilot, lambda: topmost(pilot, 0, 1) == [101, 101])
        await produce(pilot, workbench, *numbers(300, 400))
        assert topmost(pilot, 0, 1) == [101, 101]
        # Fewer rows than were scrolled past: that pane cannot stay, but leads nobody.
        workbench.change(1, evaluate=lambda value: odd(value) if value < b"value 104" else Verdict.DROP)
        await drawn(pilot, workbench)
        assert topmost(pilot, 0) == [101]
        await pilot.resize_terminal(120, 60)
        assert topmost(pilot, 0) == [101]

    drive(workbench, story)


def test_a_pane_behind_a_tab_scrolls_along_with_records_that_it_never_showed(
    drive: Drive, workbench: ScriptedWorkbench
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("L")
        await produce(pilot, workbench, *numbers(300, 400))
        pane(pilot).view.post_message(ScrollTo(y=321, animate=False))
        await until(pilot, lambda: topmost(pilot, 0) == [321])
        await pilot.press("1")
        await pilot.pause()
        assert topmost(pilot, 1) == [321]
        assert not pane(pilot, 1).view.following

    drive(workbench, story, (60, 12))
