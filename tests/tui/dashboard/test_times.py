"""The histogram of a pane: what it counts, moving in it, and going to a record."""

from contextlib import closing
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.live.topic_workbench import TopicWorkbench
from engine.live.window.limits import WindowLimits
from engine.records.batch import record_batch
from tests.contract.memory_broker import MemoryBroker
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
        assert "←→ moves · a whole log" in shown(page)
        assert bars(page).has_focus
        found = bars(page).found
        assert found is not None
        await page.press("left")
        assert bars(page).cursor == len(found) - 1
        assert "⏎ goes there · a whole log" in shown(page)
        await page.press("left")
        assert bars(page).cursor == len(found) - 2
        await page.press("home", "right", "enter")
        assert page.view.cursor == found.first_rows[1]
        assert not page.view.following
        assert isinstance(page.dashboard.query_one(Dock).front, TimePanel)
        await page.press("escape")
        assert page.view.has_focus

    drive(workbench, story)


def test_what_a_bar_counts_is_said_in_one_line_of_80_columns(drive: Drive) -> None:
    workbench = example_workbenches.live(0, 20_000)

    async def story(page: DashboardPage) -> None:
        await page.press("1", "H")
        await page.until(lambda: len(bars(page).found or ()) > 30 and "passed " in shown(page))
        await page.press("left")
        width, height = bars(page).size
        lines = shown(page).split("\n")
        assert len(lines) == height
        assert "dropped" in lines[0].partition("▲")[2]
        assert "a whole log" in lines[0]
        assert len(lines[0]) <= width

    drive(workbench, story, (80, 24))


def test_double_click_goes_to_a_bar(drive: Drive) -> None:
    workbench = example_workbenches.live(0, 200)

    async def story(page: DashboardPage) -> None:
        await page.press("H")
        await page.until(lambda: bars(page).found is not None)
        await page.click(TimeBars, offset=(7, 3), times=2)
        await page.until(lambda: page.view.cursor == 0)

    drive(workbench, story)


def test_the_whole_log_is_counted_and_gone_to(drive: Drive, tmp_path: Path) -> None:
    with EmbeddedBroker.open(tmp_path / "data", durable=False) as broker:
        broker.topics.create("t")
        broker.log.append("t", record_batch([b"x"] * 20_000, timestamps=range(0, 2_000_000, 100)))
        with closing(TopicWorkbench(broker, "t", window=WindowLimits(rows=1_000))) as workbench:

            async def story(page: DashboardPage) -> None:
                await page.press("H")
                await page.until(lambda: "records 1,000" in shown(page))
                await page.press("a")
                await page.until(lambda: "records about 20,000" in shown(page))
                found = bars(page).found
                assert found is not None
                await page.press("home", "right", "enter")
                await page.until(lambda: page.view.cursor is not None and page.view.record is not None)
                record = page.view.record
                assert record is not None
                assert record.timestamp == found.start + found.width
                await page.press("a")
                await page.until(lambda: "records 1,000" in shown(page))

            drive(workbench, story, (160, 34))


def test_a_log_that_cannot_be_counted_leaves_what_is_in_memory(drive: Drive) -> None:
    with MemoryBroker() as broker:
        broker.topics.create("t")
        broker.log.append("t", record_batch([b"x"] * 200, timestamps=range(200)))
        with closing(TopicWorkbench(broker, "t")) as workbench:

            async def story(page: DashboardPage) -> None:
                await page.press("H")
                await page.until(lambda: "records 200" in shown(page))
                broker.topics.delete("t")
                await page.press("a")
                await page.until(lambda: any("topic 't'" in notice for notice in page.notices()))
                await page.until(lambda: "records 200" in shown(page))

            drive(workbench, story)
