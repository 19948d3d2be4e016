"""What a view shows during a pause, without a screen."""

from collections.abc import Callable

import pytest

from engine.live.row_source import RowSource, every_row, passed_rows
from engine.live.snapshots import WorkbenchSnapshot
from engine.records.verdicts import Verdict
from tests.tui.dashboard.example_workbenches import every_other, numbers
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.widgets.rows.shown_rows import ShownRows


def raw(snapshot: WorkbenchSnapshot) -> RowSource:
    return every_row(snapshot.window)


def passed(snapshot: WorkbenchSnapshot) -> RowSource:
    return passed_rows(snapshot.window, snapshot.consumers[0])


@pytest.fixture
def workbench() -> ScriptedWorkbench:
    return every_other()


def shown(workbench: ScriptedWorkbench, source: Callable[[WorkbenchSnapshot], RowSource] = raw) -> ShownRows:
    return ShownRows(workbench.snapshot(), source, None if source is raw else 1)


def test_without_a_pause_the_newest_rows_are_shown(workbench: ScriptedWorkbench) -> None:
    rows = shown(workbench, passed)
    workbench.produce(*numbers(300, 700))
    assert rows.update(workbench.snapshot(), paused=False)
    assert rows.source.rows[-1] == 699
    assert not rows.update(workbench.snapshot(), paused=False)
    assert (rows.new, rows.left) == ((0, False), 0)


@pytest.mark.parametrize(("source", "kept", "new"), [(raw, 300, 500), (passed, 150, 250)])
def test_a_pause_keeps_rows_that_left_the_window(
    workbench: ScriptedWorkbench,
    source: Callable[[WorkbenchSnapshot], RowSource],
    kept: int,
    new: int,
) -> None:
    rows = shown(workbench, source)
    workbench.produce(*numbers(300, 317))
    assert not rows.update(workbench.snapshot(), paused=True)
    assert rows.new == (17 * new // 500, False)
    for start in range(317, 1_317, 250):
        workbench.produce(*numbers(start, start + 250))
        assert not rows.update(workbench.snapshot(), paused=True)
    assert (len(rows.source), rows.left) == (kept, 300)
    assert rows.new == (new, True)
    assert rows.update(rows.newest, paused=False)
    assert (len(rows.source), rows.new) == (new, (0, False))


def test_a_new_version_changes_the_verdicts_on_kept_rows(workbench: ScriptedWorkbench) -> None:
    rows = shown(workbench, passed)
    workbench.produce(*numbers(300, 600))
    workbench.change(1, evaluate=lambda _: Verdict.PASS, version=2)
    assert rows.update(workbench.snapshot(), paused=True)
    assert (rows.source.rows[0], rows.source.rows[-1]) == (100, 299)
    assert (rows.left, rows.lacks_verdicts) == (100, True)
    workbench.change(1, rate_limit=5.0)
    rows.update(workbench.snapshot(), paused=True)
    assert not rows.lacks_verdicts


def test_a_row_that_another_view_shows_is_taken_in(workbench: ScriptedWorkbench) -> None:
    rows = shown(workbench)
    workbench.produce(*numbers(300, 400))
    rows.update(workbench.snapshot(), paused=True)
    assert not rows.extend_to(299)
    assert rows.extend_to(300)
    assert rows.source.rows == range(400)
    assert not rows.extend_to(-5)


def test_a_record_is_found_whether_it_passes_or_not(workbench: ScriptedWorkbench) -> None:
    found = shown(workbench, passed).record(2)
    assert found is not None
    assert found.value == b"value 2"
