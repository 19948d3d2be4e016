"""`L`: panes that are locked together show the same record."""

import pytest
from textual.pilot import Pilot

from tests.tui.conftest import Drive, produce
from tests.tui.scripted import Scripted
from tests.tui.test_actions import text_of
from tests.tui.test_following import numbers, odd, pane
from tests.tui.test_search import search
from tui.screens.inspector import Inspector


@pytest.fixture
def workbench() -> Scripted:
    made = Scripted()
    made.produce(*numbers(0, 300))
    made.add("odd", odd)
    return made


def cursors(pilot: Pilot[None]) -> list[int | None]:
    return [pane(pilot, number).view.cursor for number in (0, 1)]


def test_a_record_chosen_in_one_pane_is_in_view_in_the_others(drive: Drive, workbench: Scripted) -> None:
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


def test_locked_panes_follow_together(drive: Drive, workbench: Scripted) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("L", "up")
        assert not pane(pilot, 1).view.following
        await pilot.press("1", "end")
        assert pane(pilot).view.following
        assert pane(pilot, 1).view.following

    drive(workbench, story)


def test_the_mouse_a_search_and_the_inspector_choose_records_too(drive: Drive, workbench: Scripted) -> None:
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


def test_a_pane_that_was_paused_before_a_record_came_takes_it_in(drive: Drive, workbench: Scripted) -> None:
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
    alone = Scripted()
    alone.produce(b"one")

    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("L")
        assert "locked" not in text_of(pilot)

    drive(alone, story)


def test_a_pane_behind_a_tab_goes_along(drive: Drive, workbench: Scripted) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("L", "g", *["down"] * 20)
        await pilot.press("1")
        await pilot.pause()
        assert cursors(pilot) == [20, 21]

    drive(workbench, story, (60, 12))
