"""`/` beyond what is loaded: a real broker, whose topic is larger than the window."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.library.modules import add_module
from engine.live.topic_workbench import TopicWorkbench
from engine.live.window.limits import WindowLimits
from engine.records.batch import record_batch
from tests.contract.memory_broker import MemoryBroker
from tests.engine.consumer_bench import EVEN
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tui.dashboard.widgets.panels.search_bar import SearchBar
from tui.dashboard.widgets.rows.record_view import RecordView

RECORDS, WINDOW = 60_000, 1_000


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[TopicWorkbench]:
    with EmbeddedBroker.open(tmp_path / "data", durable=False) as broker:
        add_module(broker.modules, "even", EVEN, "f")
        broker.topics.create("t")
        values = [b"value %d" % offset for offset in range(RECORDS)]
        broker.log.append("t", record_batch(values, timestamps=range(RECORDS)))
        opened = TopicWorkbench(broker, "t", window=WindowLimits(rows=WINDOW))
        opened.add_stored("even")
        yield opened
        opened.close()


async def search(page: DashboardPage, text: str) -> None:
    """Search once the window is full."""
    await page.until(lambda: len(page.panes[0].view.rows) == WINDOW)
    await page.press("slash", *text, "enter")


def offset(view: RecordView) -> int | None:
    """The offset of the record under the cursor; None without one, or while it is loading."""
    return None if view.cursor is None or view.record is None else view.record.offset


def test_a_search_goes_on_through_the_log(drive: Drive, workbench: TopicWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        raw = page.panes[0].view
        await search(page, "777")
        # Of these, 59,777 is loaded, and 58,777 is not.
        await page.until(lambda: offset(raw) == 59_777)
        await page.until(lambda: "N searches the log" in page.text())
        for expected in (58_777, 57_779, 57_778):
            await page.press("N")
            await page.until(lambda expected=expected: offset(raw) == expected)
        await page.press("n")
        await page.until(lambda: offset(raw) == 57_779)
        await page.until(lambda: " hits" in page.text())

    drive(workbench, story, (160, 34))


def test_a_text_that_is_not_loaded_is_found_from_a_filters_pane(
    drive: Drive, workbench: TopicWorkbench
) -> None:
    async def story(page: DashboardPage) -> None:
        raw = page.panes[0].view
        await page.press("1")
        await search(page, "value 1235")
        await page.until(lambda: offset(raw) == 12_359 and page.deck.current.view is raw)
        await page.press("escape", "slash", *"no such text", "enter")
        await page.until(lambda: "no older match in the log" in page.notices())
        await page.until(lambda: "searched, 0 hits" in page.text())
        assert offset(raw) == 12_359

    drive(workbench, story, (160, 34))


def test_escape_stops_the_search_of_the_log_first(drive: Drive) -> None:
    with MemoryBroker() as broker:
        broker.topics.create("t")
        broker.log.append("t", record_batch([b"value"] * 2 * WINDOW, timestamps=0))
        with closing(TopicWorkbench(broker, "t", window=WindowLimits(rows=WINDOW))) as workbench:

            async def story(page: DashboardPage) -> None:
                bar = page.dashboard.query_one(SearchBar)
                await page.until(lambda: len(page.panes[0].view.rows) == WINDOW)
                with broker.stalled():
                    await page.press("slash", *"no such text", "enter")
                    await page.until(lambda: "esc stops" in page.text())
                    await page.press("escape")
                    assert bar.display
                    await page.until(lambda: "esc closes" in page.text())
                    await page.press("escape")
                    assert not bar.display

            drive(workbench, story, (160, 34))
