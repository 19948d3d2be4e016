"""Records counted by time: buckets, verdicts, and the rows that one can go to."""

import numpy as np
import pytest

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import Live
from engine.live.time_histogram import WindowTimes, bucket_width, histogram
from engine.live.window.limits import WindowLimits
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch
from engine.records.verdicts import Verdict

P, D, E, W = Verdict.PASS, Verdict.DROP, Verdict.ERROR, Verdict.PENDING


def consumer(*verdicts: Verdict, first_row: int = 0) -> ConsumerSnapshot:
    return ConsumerSnapshot(
        id=1,
        name="one",
        path=None,
        status=Live(),
        first_row=first_row,
        verdicts=np.array(verdicts, np.uint8),
    )


@pytest.mark.parametrize(
    ("first", "last", "most", "width"),
    [
        (0, 0, 10, 1),
        (0, 9, 10, 1),
        (0, 10, 10, 2),
        (1_000, 60_999, 60, 1_000),
        (1_000, 60_999, 59, 2_000),
        (0, 86_400_000 - 1, 24, 3_600_000),
        (-5, 5, 10, 2),
    ],
)
def test_bucket_is_the_narrowest_round_one_that_fits(first: int, last: int, most: int, width: int) -> None:
    assert bucket_width(first, last, most) == width
    assert last // width - first // width < most


def test_records_are_counted_by_what_became_of_them() -> None:
    stamps = np.array([1_000, 1_500, 2_000, 2_100, 5_000, 5_900])
    found = histogram(stamps, 0, consumer(P, D, E, P, D), 5)
    assert found is not None
    assert (found.start, found.width, len(found)) == (1_000, 1_000, 5)
    assert found.passed.tolist() == [1, 1, 0, 0, 0]
    assert found.dropped.tolist() == [1, 0, 0, 0, 1]
    assert found.failed.tolist() == [0, 1, 0, 0, 0]
    assert found.pending.tolist() == [0, 0, 0, 0, 1], "not evaluated yet"
    assert found.totals.tolist() == [2, 2, 0, 0, 2]


def test_each_bucket_names_the_record_that_arrived_first_though_times_do_not_rise() -> None:
    found = histogram(np.array([3_000, 1_000, 3_500, 1_200]), 70, None, 3)
    assert found is not None
    assert found.first_rows.tolist() == [71, -1, 70]
    assert found.passed.tolist() == [2, 0, 2]


def test_verdicts_from_other_rows_on_are_matched_by_row() -> None:
    stamps = np.zeros(4, np.int64)
    later = histogram(stamps, 10, consumer(P, P, first_row=12), 3)
    earlier = histogram(stamps, 10, consumer(D, D, P, P, first_row=8), 3)
    assert later is not None and earlier is not None
    assert (later.passed.sum(), later.pending.sum()) == (2, 2)
    assert (earlier.passed.sum(), earlier.pending.sum(), earlier.dropped.sum()) == (2, 2, 0)


def test_times_of_a_window_follow_it() -> None:
    window = Window(WindowLimits(rows=6, bytes=1 << 20))
    times = WindowTimes()
    for turn in range(5):
        stamps = [turn * 10, turn * 10 + 1]
        window.append(Batch.consecutive(0, turn * 2, record_batch([b"a", b"b"], timestamps=stamps)))
        snapshot = window.snapshot()
        assert times.of(snapshot).tolist() == [
            snapshot.record(row).timestamp for row in range(snapshot.start_row, snapshot.end_row)
        ]
    window.clear({0: 0})
    assert times.of(window.snapshot()).tolist() == []


def test_times_that_no_calendar_has_are_counted() -> None:
    found = histogram(np.array([-(2**63), 0, 2**63 - 1]), 0, None, 80)
    assert found is not None
    assert found.passed.sum() == 3
    assert len(found) <= 80
