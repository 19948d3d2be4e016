import random

import numpy as np
import pytest

from engine.live.window import row_index
from engine.live.window.limits import WindowLimits
from engine.live.window.row_index import RowIndex
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch


def batch(partition: int, base_offset: int, count: int) -> Batch:
    return Batch.consecutive(partition, base_offset, record_batch([b"v"] * count, timestamps=0))


def test_evicted_rows_keep_their_offsets() -> None:
    chance = random.Random(7)
    window = Window(WindowLimits(rows=100))
    window.clear({0: 50, 1: 0})
    ends = {0: 50, 1: 0}
    arrived = []
    for _ in range(300):
        partition, count = chance.randrange(2), chance.randint(1, 9)
        window.append(batch(partition, ends[partition], count))
        arrived += [(partition, ends[partition] + index) for index in range(count)]
        ends[partition] += count
    for first, end in ((0, len(arrived)), (17, 18), (3, 900), (window.first_row - 5, window.end_row - 3)):
        arrived_there = window.arrived(first, end)
        runs = arrived_there.runs
        found = [(run.partition, run.base_offset + index) for run in runs for index in range(run.count)]
        assert found == arrived[first:end]
        rows = [first + sum(run.count for run in runs[:place]) for place in range(len(runs))]
        assert [run.first_row for run in runs] == rows
        assert (arrived_there.first_row, arrived_there.positions) == (0, {0: 50, 1: 0})


def test_one_partition_is_one_run() -> None:
    known = RowIndex()
    for base in range(0, 5_000, 5):
        known.add(base, batch(0, base, 5))
    assert [(run.first_row, run.count) for run in known.between(-100, 9_000)] == [(0, 5_000)]


def test_the_oldest_runs_are_forgotten_and_their_positions_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_index, "RUNS_KEPT", 10)
    known = RowIndex()
    known.begin(0, {0: 0, 1: 0})
    for row in range(21):
        known.add(row, batch(row % 2, row // 2, 1))
    assert known.first_row == 11
    assert known.positions == {0: 6, 1: 5}
    assert [run.first_row for run in known.between(0, 100)] == list(range(11, 21))


def test_clearing_a_window_forgets_evicted_rows() -> None:
    window = Window(WindowLimits(rows=10))
    window.append(batch(0, 0, 30))
    window.append(batch(0, 30, 30))
    window.clear({0: 7})
    window.append(batch(0, 7, 3))
    arrived = window.arrived(0, 100)
    assert [(run.first_row, run.base_offset, run.count) for run in arrived.runs] == [(60, 7, 3)]
    assert (arrived.first_row, arrived.positions) == (60, {0: 7})


def test_gaps_between_offsets_end_runs() -> None:
    window = Window(WindowLimits(rows=4))
    records = record_batch([b"v", None, b"v", b"v"], timestamps=0)
    window.append(Batch(partition=0, records=records, offsets=np.array([3, 4, 8, 10]), next_offset=20))
    window.append(batch(0, 20, 4))
    runs = window.arrived(0, 100).runs
    assert [(run.first_row, run.base_offset, run.count) for run in runs] == [
        (0, 3, 2),
        (2, 8, 1),
        (3, 10, 1),
        (4, 20, 4),
    ]


def test_an_offset_in_a_gap_is_found_at_the_next_record() -> None:
    window = Window()
    records = record_batch([b"v"] * 2, timestamps=0)
    window.append(Batch(partition=0, records=records, offsets=np.array([3, 8]), next_offset=20))
    window.append(batch(1, 5, 2))
    window.append(batch(0, 25, 1))
    shown = window.snapshot()
    assert [shown.row_of(0, offset) for offset in (0, 3, 4, 8, 9, 20, 25, 26)] == [0, 0, 1, 1, 4, 4, 4, None]
    assert shown.row_of(1, 0) == 2


def test_an_offset_that_left_the_window_is_found_at_its_first_record() -> None:
    window = Window(WindowLimits(rows=5))
    window.append(batch(0, 0, 4))
    window.append(batch(1, 0, 3))
    shown = window.snapshot()
    assert shown.start_row == 2
    assert [shown.row_of(0, offset) for offset in (0, 2, 3, 4)] == [2, 2, 3, None]
    assert [shown.row_of(1, offset) for offset in (0, 2, 3)] == [4, 6, None]
