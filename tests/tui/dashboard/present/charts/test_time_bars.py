"""Histograms over time as characters, without a screen."""

import numpy as np
import pytest

from engine.live.time_histogram import TimeHistogram
from engine.live.versions.switch import Switch
from tui.dashboard.present.charts import time_bars
from tui.dashboard.present.charts.plot import DOTS_ACROSS, Row


def made(
    passed: list[int],
    dropped: list[int] | None = None,
    failed: list[int] | None = None,
    *,
    width: int = 1_000,
) -> TimeHistogram:
    none = [0] * len(passed)
    return TimeHistogram(
        start=0,
        width=width,
        passed=np.array(passed),
        dropped=np.array(dropped or none),
        failed=np.array(failed or none),
        pending=np.array(none),
        first_rows=np.arange(len(passed)),
    )


def drawn(rows: list[Row]) -> list[str]:
    return ["".join(text for text, _ in row) for row in rows]


def test_bars_are_as_high_as_their_share_of_the_greatest() -> None:
    assert drawn(time_bars.bars(made([0, 4, 8, 16]), 2, coloured=True)) == ["   █", " ▄██"]


def test_single_record_among_many_is_seen() -> None:
    assert drawn(time_bars.bars(made([1, 100_000]), 1, coloured=True)) == ["▁█"]


def test_parts_are_stacked_and_share_a_cell() -> None:
    top, bottom = time_bars.bars(made([4], [8], [4]), 2, coloured=True)
    assert bottom == [("▄", "$error on $success")]
    assert top == [("█", "$foreground 45%")]


def test_without_colours_parts_have_signs_and_failures_are_never_hidden() -> None:
    assert drawn(time_bars.bars(made([8, 8], [8, 8], [0, 1]), 2, coloured=False)) == ["░░", "█!"]


def test_bucket_is_said_in_words() -> None:
    found = made([1_200, 0], [0, 0], [3, 0])
    assert time_bars.at(found, 0, filtered=True).endswith("3 failed · 1,200 passed")
    assert time_bars.at(found, 0, filtered=False).endswith("1,203 records")
    assert time_bars.at(found, 1, filtered=True).endswith("no records")


@pytest.mark.parametrize("buckets", [1, 13, 14, 60])
def test_times_of_the_axis_fit(buckets: int) -> None:
    found = made([1] * buckets)
    axis = time_bars.axis(found, buckets)
    assert len(axis) == max(buckets, len(axis.rstrip()))
    assert all(axis[place] == "╵" for place in range(0, buckets - 9, 14))


@pytest.mark.parametrize(("width", "length"), [(1, 12), (1_000, 8), (60_000, 11), (86_400_000, 10)])
def test_time_is_as_exact_as_the_bucket(width: int, length: int) -> None:
    assert len(time_bars.moment(1_772_366_400_123, width)) == length


def test_time_beyond_the_calendar_has_a_number() -> None:
    assert time_bars.moment(10**17, 1) == f"{10**17} ms"


def test_new_versions_are_marked_at_their_bucket() -> None:
    switches = Switch(5, 2), Switch(7, 3), Switch(90, 4)
    marks = time_bars.marks(made([1] * 10), 1, switches, behind=1)
    assert [(mark.place // DOTS_ACROSS, mark.version) for mark in marks] == [(6, 2), (8, 3)]
