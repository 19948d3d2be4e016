"""What a pane can show of its consumer's records: the outputs, or the inputs that became something else."""

from collections.abc import Mapping
from enum import Enum

import numpy as np

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.row_source import RowSource, WindowRows, changed_rows, every_row, passed_rows
from engine.live.window.matcher import Rows
from engine.live.window.snapshot import WindowSnapshot
from engine.records.faults import Fault
from engine.records.verdicts import Verdict

_FAULTS = (Verdict.ERROR, Verdict.TRAP, Verdict.TIMEOUT)


class View(Enum):
    """Which records of a consumer; its value is the word for them."""

    PASSED = "passed"
    DROPPED = "dropped"
    FAILED = "failed"
    CHANGED = "changed"
    """Since the last reload."""
    ALL = "all"

    def step(self, steps: int) -> "View":
        """The view this many steps on, wrapping around."""
        views = list(View)
        return views[(views.index(self) + steps) % len(views)]


class FailedRows(WindowRows):
    """The inputs that a consumer failed on, with the message of each."""

    def __init__(self, window: WindowSnapshot, rows: Rows, consumer: ConsumerSnapshot) -> None:
        super().__init__(window, rows)
        self._faults: Mapping[int, Fault] = consumer.faults
        self.content = (View.FAILED, consumer.version)

    def note(self, index: int) -> str:
        fault = self._faults.get(self.row(index))
        return "" if fault is None else fault.message.partition("\n")[0]


def view_rows(
    view: View, window: WindowSnapshot, consumer: ConsumerSnapshot, *, inputs: bool = False
) -> RowSource:
    """The rows of a window that a view shows; `inputs` are shown beside outputs if asked for."""
    match view:
        case View.PASSED:
            return passed_rows(window, consumer, inputs=inputs)
        case View.DROPPED:
            return WindowRows(window, _rows(window, consumer, Verdict.DROP))
        case View.FAILED:
            return FailedRows(window, _rows(window, consumer, *_FAULTS), consumer)
        case View.CHANGED if consumer.change is not None:
            return changed_rows(window, consumer.change, consumer.outputs)
        case View.CHANGED:
            return WindowRows(window, range(0))
        case View.ALL:
            return every_row(window)


def _rows(window: WindowSnapshot, consumer: ConsumerSnapshot, *verdicts: Verdict) -> Rows:
    first = max(window.first_row, consumer.first_row)
    among = consumer.verdicts[first - consumer.first_row :][: max(window.end_row - first, 0)]
    return np.flatnonzero(np.isin(among, verdicts)) + first
