import numpy as np
import pytest

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import Live
from engine.live.row_source import RowSource, changed_rows, every_row, passed_rows
from engine.live.versions.changes import Change
from engine.live.window.limits import WindowLimits
from engine.live.window.snapshot import WindowSnapshot
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch
from engine.records.verdicts import Verdict

PASS, DROP, PENDING = Verdict.PASS, Verdict.DROP, Verdict.PENDING


@pytest.fixture
def window() -> WindowSnapshot:
    """Rows 2 to 9; each offset is ten times its row."""
    window = Window(WindowLimits(rows=8))
    offsets = np.arange(0, 100, 10)
    window.append(
        Batch(partition=0, records=record_batch([b"v"] * 10, timestamps=0), offsets=offsets, next_offset=100)
    )
    return window.snapshot()


def consumer(first_row: int, *verdicts: Verdict) -> ConsumerSnapshot:
    return ConsumerSnapshot(1, "f", None, Live(), first_row=first_row, verdicts=np.array(verdicts, np.uint8))


def change(first_row: int, *before: Verdict) -> Change:
    return Change(first_row, np.array(before, np.uint8), now_pass=0, now_drop=0, compared=len(before))


def rows(source: RowSource) -> list[int]:
    return [source.row(index) for index in range(len(source))]


def offset(source: RowSource, index: int) -> int:
    batch, position = source.locate(index)
    return batch.record(position).offset


def test_every_row_of_a_window(window: WindowSnapshot) -> None:
    source = every_row(window)
    assert rows(source) == list(range(2, 10))
    assert [offset(source, index) for index in (0, 7)] == [20, 90]
    assert [source.find(row) for row in (-5, 2, 6, 9, 10)] == [0, 0, 4, 7, 8]
    assert source.among(np.array([0, 2, 5, 9, 12])).tolist() == [2, 5, 9]


@pytest.mark.parametrize(
    ("first_row", "verdicts", "passed"),
    [
        (2, [PASS, DROP, PASS, PENDING], [2, 4]),
        (0, [PASS, PASS, DROP, PASS], [3]),
        (4, [PASS] * 9, [4, 5, 6, 7, 8, 9]),
        (2, [], []),
        (20, [PASS], []),
    ],
)
def test_passed_rows(
    window: WindowSnapshot, first_row: int, verdicts: list[Verdict], passed: list[int]
) -> None:
    source = passed_rows(window, consumer(first_row, *verdicts))
    assert rows(source) == passed
    assert [offset(source, index) for index in range(len(source))] == [10 * row for row in passed]


def test_rows_between_those_shown_are_found_at_the_next_one(window: WindowSnapshot) -> None:
    source = passed_rows(window, consumer(2, DROP, PASS, DROP, PASS))
    assert [source.find(row) for row in (0, 3, 4, 5, 6)] == [0, 0, 1, 1, 2]
    assert source.among(np.array([2, 3, 4, 5, 6])).tolist() == [3, 5]


def test_changed_rows_that_left_the_window_are_not_shown(window: WindowSnapshot) -> None:
    assert rows(changed_rows(window, change(0, PASS, DROP, DROP, PENDING, PASS))) == [2, 4]
