import numpy as np

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import ConsumerState
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.window.limits import WindowLimits
from engine.records.faults import Fault
from engine.records.verdicts import Verdict
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.flow.paused_snapshot import hold

PASS, DROP, PENDING = Verdict.PASS, Verdict.DROP, Verdict.PENDING


def snapshot(
    workbench: ScriptedWorkbench, *verdicts: Verdict, version: int = 1, faults: dict[int, Fault] | None = None
) -> WorkbenchSnapshot:
    """The window of a workbench under one consumer with verdicts on its rows."""
    window = workbench.window.snapshot()
    consumer = ConsumerSnapshot(
        1,
        "f",
        None,
        ConsumerState.LIVE,
        version=version,
        first_row=window.first_row,
        verdicts=np.array(verdicts, np.uint8),
        faults=faults or {},
    )
    return WorkbenchSnapshot("t", window, (consumer,))


def test_rows_and_verdicts_stay_when_the_window_has_moved_on() -> None:
    workbench = ScriptedWorkbench(limits=WindowLimits(rows=3))
    workbench.produce(b"a", b"b", b"c")
    held = snapshot(workbench, PASS, DROP, PASS)
    workbench.produce(b"d", b"e")
    shown = hold(held, snapshot(workbench, DROP, DROP, DROP))
    assert (shown.window.first_row, shown.window.end_row) == (0, 3)
    assert [shown.consumers[0].verdict(row) for row in range(4)] == [PASS, DROP, DROP, PENDING]


def test_a_new_version_has_not_evaluated_what_has_left_the_window() -> None:
    workbench = ScriptedWorkbench(limits=WindowLimits(rows=2))
    workbench.produce(b"a", b"b")
    held = snapshot(workbench, PASS, PASS)
    workbench.produce(b"c")
    shown = hold(held, snapshot(workbench, DROP, PASS, version=2))
    assert [shown.consumers[0].verdict(row) for row in range(2)] == [PENDING, DROP]


def test_verdicts_that_came_during_the_hold_are_remembered() -> None:
    workbench = ScriptedWorkbench(limits=WindowLimits(rows=2))
    workbench.produce(b"a", b"b")
    held = hold(snapshot(workbench, PENDING, PENDING), snapshot(workbench, PASS, DROP))
    workbench.produce(b"c", b"d")
    shown = hold(held, snapshot(workbench, DROP, DROP))
    assert [shown.consumers[0].verdict(row) for row in range(2)] == [PASS, DROP]


def test_faults_of_held_rows_are_kept_and_others_are_not_gathered() -> None:
    workbench = ScriptedWorkbench(limits=WindowLimits(rows=2))
    workbench.produce(b"a", b"b")
    old, new = Fault(0, Verdict.TRAP, "old"), Fault(0, Verdict.TRAP, "new")
    held = snapshot(workbench, Verdict.TRAP, PASS, faults={0: old})
    workbench.produce(b"c", b"d")
    shown = hold(held, snapshot(workbench, Verdict.TRAP, PASS, faults={2: new}))
    assert shown.consumers[0].faults == {0: old}
