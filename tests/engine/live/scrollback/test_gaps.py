"""Scrolling back in logs whose offsets have gaps, and whose records may be tombstones."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from engine.broker.read_range import Origin, Start
from engine.errors import LostRecordError
from engine.live.scrollback.log_pages import LogPages
from engine.live.scrollback.page import Page, parts_of
from engine.live.scrollback.shown_pane import ShownPane
from engine.live.scrollback.shown_records import ShownRecords
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.topic_workbench import TopicWorkbench
from engine.live.window.limits import WindowLimits
from engine.live.window.snapshot import NotLoadedError
from engine.records.batch import Batch, record_batch
from tests.contract.memory_broker import MemoryBroker
from tests.engine.live.scrollback.test_log_pages import places, read_back
from tests.waiting import wait_for

WINDOW = 100


@pytest.fixture
def broker() -> MemoryBroker:
    broker = MemoryBroker()
    broker.topics.create("t", 2)
    return broker


@pytest.fixture
def workbench(broker: MemoryBroker) -> Iterator[TopicWorkbench]:
    """Over a topic of which every third record is a tombstone, and every seventh was removed."""
    produce(broker, 2_000)
    broker.compact("t", range(0, 2_000, 7))
    opened = TopicWorkbench(broker, "t", window=WindowLimits(rows=WINDOW))
    opened.start(lambda: None)
    yield opened
    opened.close()


def produce(broker: MemoryBroker, count: int, partition: int = 0) -> None:
    first = broker.log.offsets("t")[partition].end
    values = [None if offset % 3 == 0 else b"%d" % offset for offset in range(first, first + count)]
    broker.log.append("t", record_batch(values, timestamps=range(first, first + count)), partition)


def wait(workbench: TopicWorkbench, wanted: Callable[[WorkbenchSnapshot], object]) -> WorkbenchSnapshot:
    return wait_for(workbench.snapshot, wanted)


def batch(*offsets: int) -> Batch:
    return Batch(
        partition=0,
        records=record_batch([b"v"] * len(offsets), timestamps=0),
        offsets=np.array(offsets),
        next_offset=offsets[-1] + 1,
    )


def test_partitions_with_gaps_are_read_back_to_their_beginning(broker: MemoryBroker) -> None:
    for partition in range(2):
        produce(broker, 20_000, partition)
    broker.compact("t", range(0, 20_000, 3))
    broker.compact("t", range(5_000, 15_000), partition=1)
    pages = read_back(broker, {0: 20_000, 1: 20_000})
    found = places(pages)
    assert [offset for p, offset in found if p == 0] == [o for o in range(20_000) if o % 3]
    assert [offset for p, offset in found if p == 1] == [*range(5_000), *range(15_000, 20_000)]
    fresh = LogPages(broker, "t")
    again = [fresh.records(page).locate(row) for page in pages for row in range(page.first_row, page.end_row)]
    assert [(batch.partition, batch.offset(index)) for batch, index in again] == found


def test_a_wide_gap_costs_no_reads(broker: MemoryBroker) -> None:
    produce(broker, 10)
    broker.skip("t", 1_000_000_000)
    produce(broker, 10)
    (page,) = read_back(broker, {0: 1_000_000_020})
    assert [page.place(row)[1] for row in (-20, -11, -10, -1)] == [0, 9, 1_000_000_010, 1_000_000_019]
    assert page.ranges == {0: (0, 1_000_000_020)}


@pytest.mark.parametrize("removed", [0, 4, 9])
def test_a_record_that_is_removed_later_is_lost_alone(broker: MemoryBroker, removed: int) -> None:
    produce(broker, 10)
    (page,) = read_back(broker, {0: 10})
    broker.compact("t", [removed])
    records = LogPages(broker, "t").records(page)
    for row in set(range(-10, 0)) - {removed - 10}:
        batch, index = records.locate(row)
        assert batch.offset(index) == 10 + row
    with pytest.raises(LostRecordError, match=f"offset {removed} of topic 't', partition 0"):
        records.locate(removed - 10)


def test_rows_of_removed_records_do_not_end_scrolling_back(
    broker: MemoryBroker, workbench: TopicWorkbench
) -> None:
    wait(workbench, lambda s: s.window.end_row == WINDOW // 2)
    produce(broker, 1_000)
    wait(workbench, lambda s: s.window.end_row == WINDOW // 2 + 1_000)
    broker.compact("t", range(2_100, 2_200))
    first = workbench.snapshot().window.start_row
    older = ShownPane(consumer=None, first_row=first, start_row=first, rows=(151, 350), wants_older=True)
    workbench.show([older])
    snapshot = wait(workbench, lambda s: s.scrollback is not None and len(s.scrollback.loaded) == 2)
    window = snapshot.window.reaching_back(snapshot.scrollback)
    with pytest.raises(LostRecordError):
        window.record(151)
    assert window.record(350).offset == 2_300
    snapshot = wait(workbench, lambda s: s.scrollback is not None and s.scrollback.complete)
    window = snapshot.window.reaching_back(snapshot.scrollback)
    assert window.first_row < 0, "also what is before them"


@pytest.mark.parametrize(
    ("batches", "found"),
    [
        ([(2, 5, 6, 9)], [(2, 5, 6, 9)]),
        ([(2, 5), (6, 9)], [(2, 5), (6, 9)]),
        ([(0, 2, 3, 5, 6, 8, 9, 12)], [(2,), (5, 6), (9,)]),
        ([(2, 5, 9)], [(2, 5, 9)]),
        ([(2, 5)], [(2, 5)]),
        ([(0, 1), (6, 7, 9)], [(6,), (9,)]),
    ],
)
def test_parts_of_a_page_with_gaps(batches: list[tuple[int, ...]], found: list[tuple[int, ...]]) -> None:
    offsets = [2, 5, 6, 9]
    page = Page.of_records(100, np.zeros(4, np.int64), np.array(offsets))
    parts = parts_of(page, 0, [batch(*offsets) for offsets in batches])
    assert [tuple(part.batch.offset_array()) for part in parts] == found
    rows = [96 + offsets.index(offset) for part in found for offset in part]
    assert np.concatenate([part.rows for part in parts]).tolist() == rows


def test_scrolling_back_through_gaps_and_tombstones(workbench: TopicWorkbench) -> None:
    wait(workbench, lambda s: s.window.end_row == WINDOW // 2)
    pane = ShownPane(consumer=None, first_row=0, start_row=0, wants_older=True)
    workbench.show([pane])
    snapshot = wait(workbench, lambda s: s.scrollback is not None and s.scrollback.complete)
    window = snapshot.window.reaching_back(snapshot.scrollback)
    offsets = [offset for offset in range(2_000) if offset % 7]
    assert len(window) == len(offsets)
    rows = (window.first_row, -17, -1)
    with pytest.raises(NotLoadedError):
        window.record(-1)
    workbench.show([ShownPane(consumer=None, first_row=0, start_row=0, rows=rows)])
    snapshot = wait(workbench, lambda s: s.scrollback is not None and len(s.scrollback.loaded) == len(rows))
    window = snapshot.window.reaching_back(snapshot.scrollback)
    for row in rows:
        offset = offsets[row - window.first_row]
        record = window.record(row)
        assert (record.offset, record.value) == (offset, None if offset % 3 == 0 else b"%d" % offset)


def test_a_pane_paused_later_reads_nothing_for_another(
    broker: MemoryBroker, workbench: TopicWorkbench
) -> None:
    wait(workbench, lambda s: s.window.end_row == WINDOW // 2)
    back = ShownPane(consumer=None, first_row=0, start_row=0, scrolled_back=True, wants_older=True)
    workbench.show([back])
    wait(workbench, lambda s: s.scrollback is not None and s.scrollback.complete)
    produce(broker, 1_000)
    snapshot = wait(workbench, lambda s: s.window.end_row == WINDOW // 2 + 1_000)
    start_row = snapshot.window.start_row
    workbench.show([back, ShownPane(consumer=None, first_row=start_row, start_row=start_row)])
    assert workbench.snapshot().scrollback is not None
    assert not workbench.snapshot().scrollback.reading  # type: ignore[union-attr]
    later = ShownPane(consumer=None, first_row=start_row, start_row=start_row, scrolled_back=True)
    workbench.show([back, later])
    wait(workbench, lambda s: s.scrollback is not None and s.scrollback.end_row == start_row)


def test_go_to_an_offset_in_a_gap_finds_the_next_record(workbench: TopicWorkbench) -> None:
    wait(workbench, lambda s: s.window.end_row == WINDOW // 2)
    assert workbench.reach(Start(Origin.ZERO, 700), 0) == {0: 700}
    snapshot = wait(workbench, lambda s: s.scrollback is not None and not s.scrollback.reading)
    window = snapshot.window.reaching_back(snapshot.scrollback)
    row = window.row_of(0, 700)
    assert row is not None
    assert row == window.row_of(0, 701) == window.first_row + [o for o in range(2_000) if o % 7].index(701)
    assert window.row_of(0, 1_995) == window.row_of(0, 1_996)


def test_an_offset_far_back_across_a_gap_is_in_reach(broker: MemoryBroker, workbench: TopicWorkbench) -> None:
    broker.skip("t", 1_000_000_000)
    produce(broker, 300)
    wait(workbench, lambda s: s.window.end_row == WINDOW // 2 + 300)
    assert workbench.reach(Start(Origin.ZERO, 1_990), 0) == {0: 1_990}
    snapshot = wait(workbench, lambda s: s.scrollback is not None and not s.scrollback.reading)
    window = snapshot.window.reaching_back(snapshot.scrollback)
    row = window.row_of(0, 1_990)
    assert row is not None
    (record,) = LogPages(broker, "t").decoded(window, [row])
    assert record.offset == 1_990


class TestShownRecords:
    @pytest.fixture
    def log(self, broker: MemoryBroker) -> LogPages:
        produce(broker, 3_000)
        return LogPages(broker, "t")

    @pytest.fixture
    def pages(self, log: LogPages) -> tuple[Page, ...]:
        newest, positions = log.page_before(0, {0: 3_000}, {0: 0})
        assert newest is not None
        older, _ = log.page_before(newest.first_row, positions, {0: 0})
        assert older is not None
        return older, newest

    def test_those_of_one_page_are_loaded_at_a_time(self, log: LogPages, pages: tuple[Page, ...]) -> None:
        shown = ShownRecords()
        wanted = (-2, -2_000, -1, -1_999, 5, -9_999)
        assert shown.step(wanted, pages, log)
        assert sorted(shown.loaded) == [-2, -1]
        assert shown.step(wanted, pages, log)
        assert sorted(shown.loaded) == [-2_000, -1_999, -2, -1]
        assert not shown.step(wanted, pages, log)
        offsets = {row: batch.offset(index) for row, (batch, index) in shown.loaded.items()}  # type: ignore[misc]
        assert offsets == {-2_000: 1_000, -1_999: 1_001, -2: 2_998, -1: 2_999}

    def test_those_not_shown_any_more_are_dropped(self, log: LogPages, pages: tuple[Page, ...]) -> None:
        shown = ShownRecords()
        shown.step((-1, -2), pages, log)
        shown.step((-2, -3), pages, log)
        assert sorted(shown.loaded) == [-3, -2]

    def test_a_copy_is_no_larger_than_its_record(self, log: LogPages, pages: tuple[Page, ...]) -> None:
        shown = ShownRecords()
        shown.step((-2,), pages, log)
        ((batch, _),) = shown.loaded.values()  # type: ignore[misc]
        assert batch.records.get_total_buffer_size() < 1_000

    def test_lost_records_are_errors(
        self, broker: MemoryBroker, log: LogPages, pages: tuple[Page, ...]
    ) -> None:
        broker.retain("t", 2_500)
        shown = ShownRecords()
        assert shown.step((-1, -2_000), pages, LogPages(broker, "t"))
        assert shown.step((-1, -2_000), pages, LogPages(broker, "t"))
        assert isinstance(shown.loaded[-2_000], LostRecordError)
        assert not isinstance(shown.loaded[-1], LostRecordError)
        assert not shown.step((-1, -2_000), pages, log)
