"""A tail and the pages before it over logs with gaps, tombstones and retention: on the broker in memory."""

from collections.abc import Callable, Iterator

import pytest

from engine.broker.read_range import Origin, Start
from engine.live.known_records import RecordCount
from engine.live.scrollback.log_pages import LogPages
from engine.live.tail import Tail
from engine.live.window.limits import WindowLimits
from engine.live.window.window import Window
from engine.records.batch import Record, record_batch
from tests.contract.memory_broker import MemoryBroker
from tests.waiting import PATIENCE, wait_until


@pytest.fixture
def broker() -> MemoryBroker:
    """Thirty records in topic `t`, with their offsets as values."""
    opened = MemoryBroker()
    opened.topics.create("t")
    opened.log.append("t", record_batch([b"%d" % n for n in range(30)], timestamps=range(30)))
    return opened


@pytest.fixture
def open_tail(broker: MemoryBroker) -> Iterator[Callable[[Window], Tail]]:
    opened: list[Tail] = []

    def begin(window: Window) -> Tail:
        opened.append(Tail(broker, "t", window, lambda: None))
        opened[-1].start()
        return opened[-1]

    yield begin
    for tail in opened:
        tail.close()


def records(window: Window, rows: int) -> list[Record]:
    """The records of a window, once so many rows have arrived."""
    with window.changed:
        assert window.changed.wait_for(lambda: window.end_row >= rows, PATIENCE), window.end_row
    snapshot = window.snapshot()
    return [snapshot.record(row) for row in range(snapshot.first_row, snapshot.end_row)]


def test_the_window_begins_with_as_many_records_as_it_takes(
    broker: MemoryBroker, open_tail: Callable[[Window], Tail]
) -> None:
    broker.compact("t", [n for n in range(30) if n % 3])
    window = Window(WindowLimits(rows=5))
    tail = open_tail(window)
    assert [record.offset for record in records(window, 5)] == [15, 18, 21, 24, 27]
    assert tail.lost == 0


def test_offsets_without_records_are_passed_and_not_lost(
    broker: MemoryBroker, open_tail: Callable[[Window], Tail]
) -> None:
    window = Window()
    tail = open_tail(window)
    records(window, 30)
    broker.skip("t", 5)
    broker.log.append("t", record_batch([None], keys=[b"gone"]))
    last = records(window, 31)[-1]
    assert (last.offset, last.key, last.value) == (35, b"gone", None)
    assert tail.lost == 0
    wait_until(lambda: tail.count() == RecordCount(records=31, exact=True))


def test_records_are_counted_where_they_are_read_and_offsets_before_that(
    broker: MemoryBroker, open_tail: Callable[[Window], Tail]
) -> None:
    broker.compact("t", [n for n in range(30) if n % 3])
    window = Window(WindowLimits(rows=5))
    tail = open_tail(window)
    assert records(window, 5)[0].offset == 15
    wait_until(lambda: tail.count() == RecordCount(records=15 + 5, exact=False))
    tail.replay(Start(Origin.BEGINNING))
    wait_until(lambda: tail.count() == RecordCount(records=10, exact=True))
    broker.retain("t", 25)
    wait_until(lambda: tail.count() == RecordCount(records=5, exact=False))


def test_retention_that_passes_a_slow_tail_is_counted(
    broker: MemoryBroker, open_tail: Callable[[Window], Tail]
) -> None:
    window = Window()
    with broker.slow():
        tail = open_tail(window)
        broker.log.append("t", record_batch([b"more"] * 5))
        broker.retain("t", 32)
    assert [record.offset for record in records(window, 3)] == [32, 33, 34]
    assert tail.lost == 32


def test_another_topic_of_that_name_is_read_from_its_beginning(
    broker: MemoryBroker, open_tail: Callable[[Window], Tail]
) -> None:
    window = Window()
    tail = open_tail(window)
    records(window, 30)
    broker.topics.delete("t")
    broker.topics.create("t")
    broker.log.append("t", record_batch([b"another topic's"] * 50))
    assert {record.value for record in records(window, 80)} == {b"another topic's"}
    assert window.snapshot().record(79).offset == 49
    assert "created again" in tail.notice


def test_pages_are_read_back_over_gaps(broker: MemoryBroker) -> None:
    broker.log.append("t", record_batch([None] * 10, timestamps=range(30, 40)))
    kept = [n for n in range(40) if n % 7 < 2]
    broker.compact("t", [n for n in range(40) if n not in kept])
    log, row, positions = LogPages(broker, "t"), 0, {0: 40}
    places: list[tuple[int, int]] = []
    while positions[0] > 0:
        page, positions = log.page_before(row, positions, {0: 0})
        if page is not None:
            rows = range(page.first_row, page.end_row)
            places[:0] = [page.place(each) for each in rows]
            row = page.first_row
            for each in rows:
                batch, index = LogPages(broker, "t").records(page).locate(each)
                assert batch.record(index).offset == page.place(each)[1]
    assert places == [(0, offset) for offset in kept]
