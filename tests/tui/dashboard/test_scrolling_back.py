"""Scrolling back beyond the window, and going to an offset or a time: a real broker and real modules."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.events import MouseScrollUp
from textual.widgets import Input

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.library.modules import add_module
from engine.live.topic_workbench import TopicWorkbench
from engine.live.window.limits import WindowLimits
from engine.records.batch import record_batch
from engine.records.verdicts import Verdict
from tests.engine.consumer_bench import module
from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.screens.inspector import Inspector
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.rows.record_view import RecordView

ONE_IN_A_THOUSAND = module("(i32.eqz (i32.rem_u (local.get $offset) (i32.const 1000)))")
ONE_IN_A_HUNDRED = module("(i32.eqz (i32.rem_u (local.get $offset) (i32.const 100)))")
WINDOW = 1_000
Open = Callable[..., TopicWorkbench]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker.open(tmp_path / "data", durable=False) as broker:
        yield broker


@pytest.fixture
def open_workbench(broker: EmbeddedBroker) -> Iterator[Open]:
    """A workbench on a new topic of so many records, with one filter."""
    opened: list[TopicWorkbench] = []
    add_module(broker.modules, "thousands", ONE_IN_A_THOUSAND, "f")

    def begin(*counts: int) -> TopicWorkbench:
        broker.topics.create("t", len(counts))
        for partition, count in enumerate(counts):
            produce(broker, count, partition)
        workbench = TopicWorkbench(broker, "t", window=WindowLimits(rows=WINDOW))
        opened.append(workbench)
        workbench.add_stored("thousands")
        return workbench

    yield begin
    for workbench in opened:
        workbench.close()


def produce(broker: EmbeddedBroker, count: int, partition: int = 0) -> None:
    first = broker.log.offsets("t")[partition].end
    values = [b"value %d" % offset for offset in range(first, first + count)]
    for start in range(0, count, 1_000):
        part = values[start : start + 1_000]
        stamps = range(first + start, first + start + len(part))
        broker.log.append("t", record_batch(part, timestamps=stamps), partition)


def deck(page: DashboardPage) -> Deck:
    screen = page.app.screen_stack[0]
    assert isinstance(screen, Dashboard)
    return screen.query_one(Deck)


def views(page: DashboardPage) -> list[RecordView]:
    return [pane.view for pane in deck(page).panes]


def offset(view: RecordView) -> int | None:
    """The offset of the selected record; None while it is loading."""
    return None if view.record is None else view.record.offset


def stamp(view: RecordView) -> tuple[int, int] | None:
    """The timestamp and the partition of the selected record."""
    return None if view.record is None else (view.record.timestamp, view.record.partition)


def line_of_cursor(view: RecordView) -> int:
    assert view.cursor is not None
    return list(view.rows).index(view.cursor) - view.scroll_offset.y


async def evaluated(page: DashboardPage, workbench: TopicWorkbench) -> None:
    """Wait until the window is full and evaluated."""
    await page.until(
        lambda: (
            len(workbench.snapshot().consumers[0].verdicts) == WINDOW and len(views(page)[0].rows) == WINDOW
        ),
    )


async def go_to(page: DashboardPage, place: str) -> None:
    await page.press("colon")
    page.app.screen.query_one(Input).value = place
    await page.press("enter")


def test_the_raw_pane_scrolls_back_to_the_first_record(
    drive: Drive, open_workbench: Open, broker: EmbeddedBroker
) -> None:
    workbench = open_workbench(40_000)

    async def story(page: DashboardPage) -> None:
        await evaluated(page, workbench)
        raw, _ = views(page)
        await page.press("g")
        await page.until(lambda: (offset(raw), line_of_cursor(raw)) == (39_000, 0))
        await page.until(lambda: len(raw.rows) > WINDOW)
        await page.until(lambda: offset(raw) == 39_000)
        assert raw.viewport.top > 100
        await page.press("up")
        await page.until(lambda: offset(raw) == 38_999)
        while len(raw.rows) < 40_000:
            before = raw.rows[0]
            await page.press("g")
            await page.until(lambda before=before: raw.rows[0] < before)
        await page.press("g")
        await page.until(lambda: (offset(raw), len(raw.rows)) == (0, 40_000))
        await page.press("enter")
        assert isinstance(page.app.screen, Inspector)
        await page.press("down", "escape")
        await page.until(lambda: offset(raw) == 1)
        # Nothing of this stays when the stream is followed again.
        assert workbench.snapshot().scrollback is not None
        await page.press("G")
        await page.until(lambda: workbench.snapshot().scrollback is None)
        assert len(raw.rows) == WINDOW

    drive(workbench, story)


def test_a_filter_evaluates_back_until_its_pane_is_full(drive: Drive, open_workbench: Open) -> None:
    workbench = open_workbench(90_000)

    async def story(page: DashboardPage) -> None:
        await evaluated(page, workbench)
        _, thousands = views(page)
        await page.press("tab")
        assert list(thousands.rows) == [0]
        await page.press("g")
        await page.until(lambda: len(thousands.rows) > thousands.size.height)
        await page.until(lambda: offset(thousands) == 89_000)
        assert not thousands.following
        # Row 0 is the first of the window, offset 89,000.
        assert list(thousands.rows) == list(range(thousands.rows[0], 1, 1_000))
        await page.press("up")
        await page.until(lambda: offset(thousands) == 88_000)

    drive(workbench, story)


def test_the_wheel_at_the_top_loads_older_records(drive: Drive, open_workbench: Open) -> None:
    workbench = open_workbench(60_000)

    async def story(page: DashboardPage) -> None:
        await evaluated(page, workbench)
        _, thousands = views(page)
        thousands.post_message(MouseScrollUp(thousands, 3, 3, 0, 0, 0, shift=False, meta=False, ctrl=False))
        await page.until(lambda: len(thousands.rows) > thousands.size.height)
        assert not thousands.following

    drive(workbench, story)


def test_go_to_an_offset_outside_window(drive: Drive, open_workbench: Open) -> None:
    workbench = open_workbench(200_000)

    async def story(page: DashboardPage) -> None:
        await evaluated(page, workbench)
        raw, thousands = views(page)
        await go_to(page, "12,345")
        await page.until(lambda: offset(raw) == 12_345)
        await page.press("L")
        await page.until(lambda: offset(thousands) == 13_000)
        # In the pane of a filter, the next record that passes.
        await page.press("tab")
        await go_to(page, "0:50_500")
        await page.until(lambda: offset(thousands) == 51_000)
        await page.until(lambda: offset(raw) == 51_000)

    drive(workbench, story)


def test_locked_panes_arrive_when_their_filters_have_evaluated(drive: Drive, open_workbench: Open) -> None:
    workbench = open_workbench(400_000)

    async def story(page: DashboardPage) -> None:
        await evaluated(page, workbench)
        raw, thousands = views(page)
        await page.press("L")
        await go_to(page, "12345")
        await page.until(lambda: offset(raw) == 12_345)
        await page.until(lambda: offset(thousands) == 13_000)
        await page.press("tab", "down")
        await page.until(lambda: (offset(raw), offset(thousands)) == (14_000, 14_000))

    drive(workbench, story)


def test_go_to_a_time(drive: Drive, open_workbench: Open) -> None:
    workbench = open_workbench(20_000, 20_000)

    async def story(page: DashboardPage) -> None:
        await evaluated(page, workbench)
        raw, _ = views(page)
        await go_to(page, "1970-01-01T00:00:07.500+00:00")
        await page.until(lambda: stamp(raw) == (7_500, 0))
        await page.press("down")
        await page.until(lambda: stamp(raw) == (7_500, 1))
        await go_to(page, "1:250")
        await page.until(lambda: stamp(raw) == (250, 1))

    drive(workbench, story)


def test_go_to_finds_the_earliest_record_in_all_partitions(
    drive: Drive, open_workbench: Open, broker: EmbeddedBroker
) -> None:
    workbench = open_workbench(0, 0)
    for partition, first in enumerate((0, 5)):
        stamps = range(first, 10 * WINDOW // 2, 10)
        broker.log.append("t", record_batch([b"x"] * len(stamps), timestamps=stamps), partition)

    async def story(page: DashboardPage) -> None:
        await evaluated(page, workbench)
        raw, _ = views(page)
        await go_to(page, "1970-01-01T00:00:01.001+00:00")
        await page.until(lambda: stamp(raw) == (1_005, 1))
        await go_to(page, "200")
        await page.until(lambda: stamp(raw) == (2_000, 0))

    drive(workbench, story)


def test_go_to_an_offset_in_the_window(drive: Drive, open_workbench: Open) -> None:
    workbench = open_workbench(5_000)

    async def story(page: DashboardPage) -> None:
        await evaluated(page, workbench)
        raw, _ = views(page)
        await go_to(page, "4500")
        await page.until(lambda: raw.cursor == 500)
        await page.until(lambda: offset(raw) == 4_500)

    drive(workbench, story)


def test_go_to_nowhere_is_explained(drive: Drive, open_workbench: Open) -> None:
    workbench = open_workbench(5_000)

    async def story(page: DashboardPage) -> None:
        await evaluated(page, workbench)
        await page.press("colon")
        page.app.screen.query_one(Input).value = "nowhere"
        await page.press("enter")
        problem = str(page.app.screen.query_one("#problem").render())
        assert "invalid time 'nowhere'" in problem
        await page.press("escape")
        await go_to(page, "5000")
        await page.until(lambda: len(page.notices()) == 1)
        notice = await page.notice()
        assert "topic 't' ends before offset 5,000" in notice
        assert all(view.following for view in views(page))

    drive(workbench, story)


def test_records_that_retention_removed_say_so(
    drive: Drive, open_workbench: Open, broker: EmbeddedBroker
) -> None:
    workbench = open_workbench(300_000)

    async def story(page: DashboardPage) -> None:
        await evaluated(page, workbench)
        raw, _ = views(page)
        await go_to(page, "100")
        await page.until(lambda: raw.cursor is not None)
        await go_to(page, "299000")
        await page.until(lambda: offset(raw) == 299_000)
        broker.log.trim("t", 0, 250_000)
        await page.press("colon")
        await page.press("escape")
        raw.select(raw.shown.window.first_row + 200_000)
        await page.until(lambda: "no longer in the log: offset" in page.text())
        assert raw.record is None
        await page.press("enter")
        assert isinstance(page.app.screen, Inspector)
        await page.press("y", "t", "escape")

    drive(workbench, story)


def test_go_to_an_offset_while_records_arrive(
    drive: Drive, open_workbench: Open, broker: EmbeddedBroker
) -> None:
    workbench = open_workbench(200_000)
    stop = threading.Event()

    def stream() -> None:
        # As a busy topic does, and not all that a processor can.
        while not stop.wait(0.005):
            produce(broker, 20)

    async def story(page: DashboardPage) -> None:
        await evaluated(page, workbench)
        raw, _ = views(page)
        thread = threading.Thread(target=stream)
        thread.start()
        try:
            await page.until(lambda: raw.shown.window.first_row > 50)
            await go_to(page, "12345")
            await page.until(lambda: offset(raw) == 12_345)
            gone = workbench.snapshot().window.first_row
            await page.until(lambda: workbench.snapshot().window.first_row > gone + 2 * WINDOW)
            # By now this has left the window, and no pane holds it.
            await go_to(page, str(200_000 + gone))
            await page.until(lambda: offset(raw) == 200_000 + gone)
        finally:
            stop.set()
            thread.join()

    drive(workbench, story)


def test_search_covers_scrollback_while_records_arrive(
    drive: Drive, open_workbench: Open, broker: EmbeddedBroker
) -> None:
    workbench = open_workbench(200_000)

    async def story(page: DashboardPage) -> None:
        await evaluated(page, workbench)
        raw, _ = views(page)
        await go_to(page, "150000")
        await page.until(lambda: raw.cursor is not None)
        produce(broker, 5)
        await page.until(lambda: workbench.snapshot().window.start_row == 5)
        await page.press("slash", *"value 151234", "enter")
        await page.until(lambda: offset(raw) == 151_234)
        await page.press("escape", "G", "slash", *"value 200001", "enter")
        await page.until(lambda: offset(raw) == 200_001)

    drive(workbench, story)


def test_the_list_of_changes_loads_no_older_records(drive: Drive) -> None:
    workbench = example_workbenches.reloaded()

    async def story(page: DashboardPage) -> None:
        await page.press("d", "up", "up", "home")
        await page.pause()
        assert not any(pane.wants_older for pane in workbench.panes)
        await page.press("escape", "home")
        await page.until(lambda: any(pane.wants_older for pane in workbench.panes))

    drive(workbench, story)


def test_search_and_reload_cover_paused_rows_outside_window(
    drive: Drive, open_workbench: Open, broker: EmbeddedBroker, tmp_path: Path
) -> None:
    workbench = open_workbench(5_000)

    async def story(page: DashboardPage) -> None:
        await evaluated(page, workbench)
        raw, thousands = views(page)
        await page.press("up", "up", "tab", "up")
        assert (raw.following, thousands.following, offset(thousands)) == (False, False, 4_000)
        produce(broker, 20_000)
        await page.until(lambda: workbench.snapshot().window.start_row == 20_000)
        await page.press("shift+tab", "slash", *"value 4321", "enter")
        await page.until(lambda: offset(raw) == 4_321)
        await page.press("escape")
        add_module(broker.modules, "thousands", ONE_IN_A_HUNDRED, "f")
        # Those before the pane, which filled it, among them.
        await page.until(lambda: len(thousands.rows) == 50)
        assert list(thousands.rows) == list(range(-4_000, 1_000, 100))
        assert raw.shown.consumers[0].verdict(0) is Verdict.PASS
        assert raw.shown.consumers[0].verdict(1) is Verdict.DROP

    drive(workbench, story)


def test_dropped_records_are_scrolled_back_to(drive: Drive, open_workbench: Open) -> None:
    workbench = open_workbench(3_000)

    async def story(page: DashboardPage) -> None:
        await evaluated(page, workbench)
        await page.press("1", "f")
        view = views(page)[1]
        assert len(view.rows) == WINDOW - 1
        await page.press("home")
        await page.until(lambda: len(view.rows) > WINDOW)
        await go_to(page, "1")
        await page.until(lambda: offset(view) == 1)
        # 0, 1,000 and 2,000 passed.
        await page.until(lambda: len(view.rows) == 3_000 - 3)

    drive(workbench, story)
