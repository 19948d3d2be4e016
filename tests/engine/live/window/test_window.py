import random
import threading

import pytest

from engine.live.window.limits import WindowLimits
from engine.live.window.window import MERGE_BYTES, Window
from engine.records.batch import Batch, record_batch
from tests.waiting import PATIENCE


def batch(base_offset: int, count: int, *, partition: int = 0, size: int = 0) -> Batch:
    values = [f"{partition}/{base_offset + i}".encode().ljust(size, b".") for i in range(count)]
    return Batch.consecutive(partition, base_offset, record_batch(values, timestamps=0))


def values(window: Window) -> list[bytes]:
    snapshot = window.snapshot()
    return [snapshot.record(row).value for row in range(snapshot.first_row, snapshot.end_row)]


def test_keeps_exactly_the_newest_rows() -> None:
    window = Window(WindowLimits(rows=10))
    for base in range(0, 35, 7):
        window.append(batch(base, 7))
    snapshot = window.snapshot()
    assert (snapshot.first_row, snapshot.end_row, len(snapshot)) == (25, 35, 10)
    assert values(window) == [f"0/{n}".encode() for n in range(25, 35)]


def test_a_trickle_is_joined_into_few_chunks() -> None:
    window = Window()
    for offset in range(5_000):
        window.append(batch(offset, 1))
    assert len(window.snapshot().chunks) == 2
    assert window.snapshot().record(4_999).offset == 4_999


def test_bytes_are_bounded_and_the_newest_batch_always_stays() -> None:
    window = Window(WindowLimits(rows=1_000, bytes=3 * MERGE_BYTES))
    for offset in range(8):
        window.append(batch(offset, 1, size=MERGE_BYTES))
    snapshot = window.snapshot()
    assert snapshot.end_row == 8
    assert sum(chunk.batch.records.nbytes for chunk in snapshot.chunks) <= 3 * MERGE_BYTES
    window.append(batch(8, 1, size=4 * MERGE_BYTES))
    assert [chunk.first_row for chunk in window.snapshot().chunks] == [8]


def test_rows_follow_arrival_over_partitions_and_gaps() -> None:
    window = Window()
    window.append(batch(0, 3))
    window.append(batch(100, 2, partition=1))
    window.append(batch(3, 1))
    window.append(batch(50, 1))
    snapshot = window.snapshot()
    found = [(r.partition, r.offset) for r in map(snapshot.record, range(snapshot.end_row))]
    assert found == [(0, 0), (0, 1), (0, 2), (1, 100), (1, 101), (0, 3), (0, 50)]


def test_a_snapshot_does_not_change() -> None:
    window = Window(WindowLimits(rows=4))
    window.append(batch(0, 4))
    before = window.snapshot()
    assert window.snapshot() is before
    window.append(batch(4, 4))
    assert [before.record(row).offset for row in range(before.first_row, before.end_row)] == [0, 1, 2, 3]


def test_rows_outside_the_window_are_refused() -> None:
    window = Window(WindowLimits(rows=4))
    window.append(batch(0, 10))
    for row in (0, 5, 10):
        with pytest.raises(IndexError):
            window.snapshot().record(row)


def test_batches_from_any_row_cover_the_rest_once() -> None:
    chance = random.Random(5)
    window = Window(WindowLimits(rows=300))
    offset = 0
    for _ in range(40):
        count = chance.randint(1, 40)
        window.append(batch(offset, count, partition=0))
        offset += count
    snapshot = window.snapshot()
    for row in (0, snapshot.first_row, snapshot.first_row + 17, snapshot.end_row - 1, snapshot.end_row):
        chunks = list(snapshot.batches(row))
        found = [chunk.batch.first_offset + i for chunk in chunks for i in range(len(chunk.batch))]
        assert found == list(range(max(row, snapshot.first_row), snapshot.end_row))
        assert all(chunk.first_row == chunk.batch.first_offset for chunk in chunks)


class TestRoom:
    """A tail that replays a topic waits for the readers of its window."""

    @pytest.fixture
    def window(self) -> Window:
        window = Window(WindowLimits(rows=10))
        window.append(batch(0, 10))
        return window

    def has_room(self, window: Window, records: int) -> bool:
        looked: list[bool] = []
        window.wait_for_room(records, PATIENCE, unless=lambda: bool(looked.append(True) or looked))
        return not looked

    def test_without_readers_there_is_room(self, window: Window) -> None:
        assert self.has_room(window, 10)

    def test_no_row_is_evicted_that_a_reader_needs(self, window: Window) -> None:
        cursor = window.register()
        for row, records, room in ((0, 1, False), (5, 5, True), (5, 6, False), (10, 10, True), (4, 1, False)):
            cursor.move(row)
            assert self.has_room(window, records) is room, (row, records)

    def test_the_slowest_reader_counts_until_it_is_closed(self, window: Window) -> None:
        fast, slow = window.register(), window.register()
        fast.move(10)
        slow.move(0)
        assert not self.has_room(window, 5)
        slow.close()
        assert self.has_room(window, 5)

    def test_a_reader_without_a_row_holds_nothing_back(self, window: Window) -> None:
        cursor = window.register()
        cursor.move(0)
        cursor.move(None)
        assert self.has_room(window, 10)

    def test_a_cleared_window_has_room(self, window: Window) -> None:
        window.register().move(3)
        window.clear({0: 0})
        assert self.has_room(window, 10)

    def test_waits_until_the_reader_has_come_far_enough(self, window: Window) -> None:
        cursor = window.register()
        cursor.move(0)
        waiting, ended = threading.Event(), threading.Event()

        def wait() -> None:
            window.wait_for_room(5, PATIENCE, unless=lambda: bool(waiting.set()))
            ended.set()

        thread = threading.Thread(target=wait)
        thread.start()
        assert waiting.wait(PATIENCE)
        assert not ended.is_set()
        cursor.move(10)
        thread.join(PATIENCE)
        assert ended.is_set()
