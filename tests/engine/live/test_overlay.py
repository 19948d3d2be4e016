import numpy as np

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import Live
from engine.live.overlay import paused
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.window.limits import WindowLimits
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch
from engine.records.faults import Fault
from engine.records.verdicts import Verdict

PASS, DROP, PENDING = Verdict.PASS, Verdict.DROP, Verdict.PENDING


def append(window: Window, *values: bytes) -> None:
    window.append(Batch.consecutive(0, window.end_row, record_batch(values, timestamps=0)))


def snapshot(
    window: Window, *verdicts: Verdict, version: int = 1, faults: dict[int, Fault] | None = None
) -> WorkbenchSnapshot:
    """The window and one consumer with verdicts on its rows."""
    kept = window.snapshot()
    consumer = ConsumerSnapshot(
        1,
        "f",
        None,
        Live(),
        version=version,
        first_row=kept.first_row,
        verdicts=np.array(verdicts, np.uint8),
        faults=faults or {},
    )
    return WorkbenchSnapshot(topic="t", window=kept, consumers=(consumer,))


def test_rows_and_verdicts_stay_when_the_window_has_moved_on() -> None:
    window = Window(WindowLimits(rows=3))
    append(window, b"a", b"b", b"c")
    kept = snapshot(window, PASS, DROP, PASS)
    append(window, b"d", b"e")
    shown = paused(kept, snapshot(window, DROP, DROP, DROP))
    assert (shown.window.first_row, shown.window.end_row) == (0, 3)
    assert [shown.consumers[0].verdict(row) for row in range(4)] == [PASS, DROP, DROP, PENDING]


def test_a_new_version_has_not_evaluated_what_has_left_the_window() -> None:
    window = Window(WindowLimits(rows=2))
    append(window, b"a", b"b")
    kept = snapshot(window, PASS, PASS)
    append(window, b"c")
    shown = paused(kept, snapshot(window, DROP, PASS, version=2))
    assert [shown.consumers[0].verdict(row) for row in range(2)] == [PENDING, DROP]


def test_verdicts_that_came_during_the_pause_are_kept() -> None:
    window = Window(WindowLimits(rows=2))
    append(window, b"a", b"b")
    kept = paused(snapshot(window, PENDING, PENDING), snapshot(window, PASS, DROP))
    append(window, b"c", b"d")
    shown = paused(kept, snapshot(window, DROP, DROP))
    assert [shown.consumers[0].verdict(row) for row in range(2)] == [PASS, DROP]


def test_faults_of_kept_rows_stay_and_others_are_not_gathered() -> None:
    window = Window(WindowLimits(rows=2))
    append(window, b"a", b"b")
    old, new = Fault(0, Verdict.TRAP, "old"), Fault(0, Verdict.TRAP, "new")
    kept = snapshot(window, Verdict.TRAP, PASS, faults={0: old})
    append(window, b"c", b"d")
    shown = paused(kept, snapshot(window, Verdict.TRAP, PASS, faults={2: new}))
    assert shown.consumers[0].faults == {0: old}
