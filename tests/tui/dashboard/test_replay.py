"""Reading a topic again."""

import time

from textual.widgets import Input, OptionList

from engine.live.snapshots import Replay
from engine.live.window.snapshot import WindowSnapshot
from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.present.panes.pane_header import Hold, raw_head
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.widgets.panes.pane_head import draw_head


def test_replay_from_beginning_now_or_time(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(b"one", b"two")

    async def story(page: DashboardPage) -> None:
        view = page.deck.current.view
        await page.press("up", "R", "enter")
        assert workbench.asked[-1] == "replay beginning 0"
        await page.drawn(workbench)
        assert view.following
        assert len(view.rows) == 0
        workbench.produce(b"once more")
        await page.drawn(workbench)
        assert "once more" in page.text()
        await page.press("R", "down", "enter")
        assert workbench.asked[-1] == "replay end 0"
        await page.press("R")
        await page.click(OptionList, offset=(3, 1))
        assert workbench.asked[-1] == "replay end 0"
        await page.press("R", *"soon", "enter")
        assert "invalid time" in page.text()
        page.app.screen.query_one(Input).value = "2021-02-03T09:30:00Z"
        await page.press("enter")
        assert workbench.asked[-1] == "replay time 1612344600000"
        before = time.time() * 1000
        await page.press("R", *"10m", "enter")
        assert before <= int(workbench.asked[-1].removeprefix("replay time ")) + 600_000 <= time.time() * 1000
        asked = len(workbench.asked)
        await page.press("R", "escape")
        assert isinstance(page.app.screen, Dashboard)
        assert len(workbench.asked) == asked

    drive(workbench, story)


def test_raw_head_shows_progress_of_replay() -> None:
    workbench = ScriptedWorkbench(replaying=Replay(read=250_000, total=1_000_000))
    assert raw_head(workbench.snapshot(), Hold()).news == ("read 250,000 of 1,000,000 · 25.0%", "read 25.0%")
    workbench.replaying = None
    assert raw_head(workbench.snapshot(), Hold()).news == ()


def test_progress_fits_beside_filter_columns() -> None:
    workbench = example_workbenches.live()
    workbench.replaying = Replay(read=1, total=2)
    head = raw_head(workbench.snapshot(), Hold())
    assert draw_head(head, 40).plain.splitlines()[-1] == "12 read 1 of 2 · 50.0% " + "─" * 17
    assert draw_head(head, 20).plain.splitlines()[-1].startswith("12 read 50.0% ─")


def test_cleared_window_continues_row_numbers() -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(b"a", b"b")
    workbench.window.clear({})
    assert workbench.window.snapshot() == WindowSnapshot((), 2, 2)
    workbench.produce(b"c")
    cleared = workbench.window.snapshot()
    assert (cleared.first_row, cleared.end_row, cleared.record(2).value) == (2, 3, b"c")
