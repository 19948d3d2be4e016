"""What a pane shows: ascending rows of one snapshot, and the record at each."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from typing import Self, TypeAlias

import numpy as np

from engine.errors import EngineError, LostRecordError
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.versions.changes import Change
from engine.live.versions.output_log import KeptOutputs
from engine.live.window.matcher import Rows
from engine.live.window.snapshot import NotLoadedError, WindowSnapshot
from engine.records.batch import Batch, Record
from engine.records.verdict_arrays import where
from engine.records.verdicts import Verdict

ReadsRows: TypeAlias = Callable[[WindowSnapshot, Iterable[int]], Iterable[Record]]
"""The records at some rows of a window, read from the disk where they are not in memory."""


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

    @abstractmethod
    def records(self, read: ReadsRows) -> Iterator[Record]:
        """All records, also those that are not in memory; `BrokerError` if one is lost."""

    def several(self, index: int) -> int:  # noqa: ARG002 - for those that make records
        """How many records were made of the input at `index`."""
        return 1

    def beside(self, index: int) -> tuple[Batch, int] | None:  # noqa: ARG002 - as above
        """The input that is shown beside the record at `index`, if one is; raises as `locate` does."""
        return None

    def note(self, index: int) -> str:  # noqa: ARG002 - as above
        """One line about the record at `index`, to show at its right; or empty."""
        return ""

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

    def only(self, rows: Rows) -> Self:
        """The same source with no other rows than some ascending ones."""
        chosen = copy(self)
        chosen.rows = self.among(rows)
        return chosen


class WindowRows(RowSource):
    """Some records of a window and of what was read back before it."""

    def __init__(self, window: WindowSnapshot, rows: range | Rows) -> None:
        self._window = window
        self.rows = rows

    def locate(self, index: int) -> tuple[Batch, int]:
        return self._window.locate(self.row(index))

    def records(self, read: ReadsRows) -> Iterator[Record]:
        yield from read(self._window, map(int, self.rows))


class NotShownError(EngineError):
    """A source has no record at a row."""

    def __init__(self) -> None:
        super().__init__("┄")


class AlignedRows(RowSource):
    """Every row of a window, so that sources stand side by side: gaps where one shows no record."""

    def __init__(self, source: RowSource, window: WindowSnapshot) -> None:
        self._source = source
        self.rows = range(window.first_row, window.end_row)
        self.content = (source.content, AlignedRows)

    def locate(self, index: int) -> tuple[Batch, int]:
        return self._source.locate(self._index(index))

    def records(self, read: ReadsRows) -> Iterator[Record]:
        yield from self._source.only(np.asarray(self.rows)).records(read)

    def several(self, index: int) -> int:
        return self._source.several(self._index(index))

    def beside(self, index: int) -> tuple[Batch, int] | None:
        return self._source.beside(self._index(index))

    def note(self, index: int) -> str:
        return self._source.note(self._index(index))

    def _index(self, index: int) -> int:
        row = self.row(index)
        found = self._source.find(row)
        if found == len(self._source) or self._source.row(found) != row:
            raise NotShownError
        return found


def every_row(window: WindowSnapshot) -> WindowRows:
    """All records of a window."""
    return WindowRows(window, range(window.first_row, window.end_row))


class OutputRows(RowSource):
    """What was made of some records of a window: of each, the first output.

    Before the first row of an aggregate there is one that says where its running value begins.
    """

    def __init__(
        self, window: WindowSnapshot, consumer: ConsumerSnapshot, rows: Rows, *, inputs: bool = False
    ) -> None:
        """`consumer` has outputs; `inputs` shows the input beside each."""
        assert consumer.outputs is not None
        self._window = window
        self._outputs = consumer.outputs
        self._inputs = inputs
        self.content = (consumer.outputs.content, inputs)
        self._edge = _edge(window, consumer)
        self.rows = rows if self._edge is None else np.concatenate([[self._edge[0]], rows])

    def locate(self, index: int) -> tuple[Batch, int]:
        batch, indices = self._located(self.row(index))
        return batch, indices[0]

    def records(self, read: ReadsRows) -> Iterator[Record]:  # noqa: ARG002 - outputs are in memory
        """Of an input with several outputs, all of them."""
        for row in self.rows:
            if self._edge is None or row != self._edge[0]:
                batch, indices = self._located(int(row))
                yield from map(batch.record, indices)

    def several(self, index: int) -> int:
        return len(self._located(self.row(index))[1])

    def beside(self, index: int) -> tuple[Batch, int] | None:
        return self._window.locate(self.row(index)) if self._inputs else None

    def _located(self, row: int) -> tuple[Batch, range]:
        if self._edge is not None and row == self._edge[0]:
            raise LostRecordError(self._edge[1])
        found = self._outputs.find(row)
        if found is not None:
            return found
        if self._outputs.unfinished and row < self._window.start_row:
            raise NotLoadedError
        raise LostRecordError("this output is not kept any more")


def passed_rows(window: WindowSnapshot, consumer: ConsumerSnapshot, *, inputs: bool = False) -> RowSource:
    """The outputs of the records of a window that a consumer passes, with their `inputs` if asked for."""
    first = max(window.first_row, consumer.first_row)
    verdicts = consumer.verdicts[first - consumer.first_row :][: max(window.end_row - first, 0)]
    rows = np.flatnonzero(where(verdicts, Verdict.PASS)) + first
    if consumer.outputs is None:
        return WindowRows(window, rows)
    return OutputRows(window, consumer, rows, inputs=inputs)


def _edge(window: WindowSnapshot, consumer: ConsumerSnapshot) -> tuple[int, str] | None:
    """The row before those of a fold, and why it has no value; None if there is no such row."""
    fold = consumer.fold
    if fold is None:
        return None
    evaluated = ~where(consumer.verdicts, Verdict.PENDING)
    row = consumer.first_row + int(np.argmax(evaluated)) - 1
    if not window.first_row <= row < window.end_row or not evaluated.any():
        return None
    earlier = row >= fold.row
    return row, "earlier values of this fold are not kept" if earlier else "not part of this fold"


class ChangedRows(WindowRows):
    """What a reload changed: of each record the output now, with the former one beside it.

    The record itself where there is no output now.
    """

    def __init__(self, window: WindowSnapshot, rows: Rows, old: KeptOutputs, new: KeptOutputs | None) -> None:
        super().__init__(window, rows)
        self._old = old
        self._new = new
        self.content = (old.content, None if new is None else new.content)

    def locate(self, index: int) -> tuple[Batch, int]:
        now = None if self._new is None else _first_of(self._new, self.row(index))
        return now or super().locate(index)

    def beside(self, index: int) -> tuple[Batch, int] | None:
        row = self.row(index)
        changed = self._new is not None and _first_of(self._new, row) is not None
        return _first_of(self._old, row) if changed else None


def changed_rows(window: WindowSnapshot, change: Change, outputs: KeptOutputs | None = None) -> WindowRows:
    """What a reload changed of a window; `outputs` are those of now."""
    rows = change.rows()
    rows = rows[(rows >= window.first_row) & (rows < window.end_row)]
    if change.old is None and outputs is None:
        return WindowRows(window, rows)
    return ChangedRows(window, rows, change.old or KeptOutputs(None), outputs)


def _first_of(kept: KeptOutputs, row: int) -> tuple[Batch, int] | None:
    found = kept.find(row)
    return None if found is None else (found[0], found[1][0])
