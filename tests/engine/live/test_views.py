"""The views of a pane: which rows each shows."""

from dataclasses import replace

import numpy as np
import pytest

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import Live
from engine.live.versions.changes import Change
from engine.live.views import View, view_rows
from engine.live.window.limits import WindowLimits
from engine.live.window.snapshot import WindowSnapshot
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch
from engine.records.faults import Fault
from engine.records.verdicts import Verdict

PASS, DROP, PENDING = Verdict.PASS, Verdict.DROP, Verdict.PENDING
ERROR, TRAP, TIMEOUT = Verdict.ERROR, Verdict.TRAP, Verdict.TIMEOUT


@pytest.fixture
def window() -> WindowSnapshot:
    """Rows 2 to 9."""
    window = Window(WindowLimits(rows=8))
    window.append(Batch.consecutive(0, 0, record_batch([b"%d" % row for row in range(10)])))
    return window.snapshot()


def consumer(*verdicts: Verdict, first_row: int = 2) -> ConsumerSnapshot:
    return ConsumerSnapshot(1, "f", None, Live(), first_row=first_row, verdicts=np.array(verdicts, np.uint8))


def rows(view: View, window: WindowSnapshot, one: ConsumerSnapshot) -> list[int]:
    return [int(row) for row in view_rows(view, window, one).rows]


def test_each_record_is_in_one_of_the_views_of_verdicts(window: WindowSnapshot) -> None:
    one = consumer(PASS, DROP, ERROR, TRAP, TIMEOUT, DROP, PENDING)
    assert rows(View.PASSED, window, one) == [2]
    assert rows(View.DROPPED, window, one) == [3, 7]
    assert rows(View.FAILED, window, one) == [4, 5, 6]
    assert rows(View.ALL, window, one) == list(range(2, 10))
    assert rows(View.CHANGED, window, one) == []


@pytest.mark.parametrize("first_row", [0, 5])
def test_rows_outside_the_window_are_not_shown(window: WindowSnapshot, first_row: int) -> None:
    one = consumer(*[DROP] * 20, first_row=first_row)
    assert rows(View.DROPPED, window, one) == list(range(max(first_row, 2), 10))


def test_changed_records_are_those_of_the_last_reload(window: WindowSnapshot) -> None:
    before = np.array([PENDING, PASS, PENDING, DROP], np.uint8)
    change = Change(0, before, now_pass=1, now_drop=1, compared=4)
    assert rows(View.CHANGED, window, replace(consumer(), change=change)) == [3]


def test_a_failed_row_has_its_message_and_its_input(window: WindowSnapshot) -> None:
    faults = {4: Fault(0, ERROR, "no number\nat all")}
    source = view_rows(View.FAILED, window, replace(consumer(DROP, DROP, ERROR, TRAP), faults=faults))
    assert [source.note(index) for index in (0, 1)] == ["no number", ""]
    batch, index = source.locate(0)
    assert batch.record(index).value == b"4"


def test_views_go_round() -> None:
    assert [View.PASSED.step(steps) for steps in range(6)] == [*View, View.PASSED]
