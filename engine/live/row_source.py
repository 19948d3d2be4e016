"""What a pane shows: ascending rows of one snapshot, and the record at each."""

from abc import ABC, abstractmethod

import numpy as np

from engine.errors import LostRecordError
from engine.live.evaluation.difference import Change
from engine.live.evaluation.output_log import KeptOutputs
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.window.matcher import Rows
from engine.live.window.snapshot import WindowSnapshot
from engine.records.batch import Batch
from engine.records.verdicts import Verdict


class RowSource(ABC):
    """The rows that a pane shows of one snapshot. Immutable; never reads a disk."""

    rows: range | Rows
    """The row of each record, ascending. A record that was made has the row of its input."""
    content: object = None
    """Another one means that a row may have another record than before."""

    @abstractmethod
    def locate(self, index: int) -> tuple[Batch, int]:
        """The batch that holds the record at `index`, and the record's index in it.

        `NotLoadedError` while the record is being read, `BrokerError` if it is lost.
        """

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, index: int) -> int:
        return int(self.rows[index])

    def find(self, row: int) -> int:
        """The index of the first record at `row` or later; the number of records if there is none."""
        if isinstance(self.rows, range):
            return min(max(row - self.rows.start, 0), len(self.rows))
        return int(np.searchsorted(self.rows, row))

    def among(self, rows: Rows) -> Rows:
        """Those of some ascending rows that are shown."""
        if isinstance(self.rows, range):
            return rows[slice(*np.searchsorted(rows, (self.rows.start, self.rows.stop)))]
        return np.intersect1d(rows, self.rows, assume_unique=True)


class WindowRows(RowSource):
    """Some records of a window and of what was read back before it."""

    def __init__(self, window: WindowSnapshot, rows: range | Rows) -> None:
        self._window = window
        self.rows = rows

    def locate(self, index: int) -> tuple[Batch, int]:
        return self._window.locate(self.row(index))


def every_row(window: WindowSnapshot) -> WindowRows:
    """All records of a window."""
    return WindowRows(window, range(window.first_row, window.end_row))


class OutputRows(RowSource):
    """What was made of some records of a window: of each, the first output."""

    def __init__(self, outputs: KeptOutputs, rows: Rows) -> None:
        self._outputs = outputs
        self.rows = rows
        self.content = outputs.content

    def locate(self, index: int) -> tuple[Batch, int]:
        found = self._outputs.locate(self.row(index))
        if found is None:
            raise LostRecordError("this output is not kept any more")
        return found


def passed_rows(window: WindowSnapshot, consumer: ConsumerSnapshot) -> RowSource:
    """The outputs of the records of a window that a consumer passes."""
    first = max(window.first_row, consumer.first_row)
    verdicts = consumer.verdicts[first - consumer.first_row :][: max(window.end_row - first, 0)]
    rows = np.flatnonzero(verdicts == Verdict.PASS) + first
    return WindowRows(window, rows) if consumer.outputs is None else OutputRows(consumer.outputs, rows)


def changed_rows(window: WindowSnapshot, change: Change) -> WindowRows:
    """The records of a window whose verdict a reload changed."""
    rows = change.rows()
    return WindowRows(window, rows[(rows >= window.first_row) & (rows < window.end_row)])
