"""The last records of a topic, in order of arrival: what every pane shows and every filter has evaluated.

A row is a record's number in order of arrival, from 0 when the window opened; what was in the log before that
has rows below 0. With several partitions it is the one order that all panes agree on; the record's own
partition and offset stay with it.
"""

import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from engine.errors import EngineError
from engine.live.window.limits import WindowLimits
from engine.live.window.row_index import Arrivals, Run, runs_of
from engine.records.batch import Batch, Record, concatenated

MERGE_RECORDS = 4_096
MERGE_BYTES = 256 << 10
"""Batches smaller than both are joined with the next, lest a trickle make a chunk of each record."""


class NotLoadedError(EngineError):
    """A record before the window has not been read back yet; a later snapshot holds it."""

    def __init__(self) -> None:
        super().__init__("loading")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A batch and the row number of its first record."""

    first_row: int
    batch: Batch

    @property
    def end_row(self) -> int:
        """The row after the last record's."""
        return self.first_row + len(self.batch)

    def first(self, records: int) -> "Chunk":
        """Its first records, at most so many."""
        return Chunk(self.first_row, self.batch.slice(0, min(records, len(self.batch))))


class Part(Protocol):
    """Consecutive records of one partition."""

    @property
    def batch(self) -> Batch:
        """The records."""

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """Their rows, ascending."""


class Before(Protocol):
    """The rows that came before a window's, read from the log again; see `engine.live.scrollback`."""

    @property
    def first_row(self) -> int:
        """The first row that was read."""

    @property
    def end_row(self) -> int:
        """The row after the last one that was read."""

    @property
    def partitions(self) -> frozenset[int]:
        """Those whose records are among them."""

    def locate(self, row: int) -> tuple[Batch, int]:
        """The batch that holds `row`, and the record's index in it; `BrokerError` where it is lost."""

    def page_before(self, row: int) -> tuple[int, Sequence[Part]]:
        """The page that ends before `row`, or has that row in it: its first row, and its records.

        There are no records where one is lost.
        """

    def row_of(self, partition: int, offset: int) -> int | None:
        """The row of the first record from `offset` on; None where there is none."""


@dataclass(frozen=True, slots=True)
class WindowSnapshot:
    """The window at one instant: rows `first_row` to before `end_row`."""

    chunks: tuple[Chunk, ...] = ()
    start_row: int = 0
    """The first row that is in memory."""
    end_row: int = 0
    before: Before | None = None
    """What is shown before it, up to `start_row`; see `reaching_back`."""

    def __len__(self) -> int:
        return self.end_row - self.first_row

    @property
    def first_row(self) -> int:
        """The first row of all."""
        return self.start_row if self.before is None else min(self.before.first_row, self.start_row)

    def reaching_back(self, before: Before | None) -> Self:
        """The same with what came before it, where that goes on up to it; itself where nothing changes."""
        if before is not None and not before.first_row < self.start_row <= before.end_row:
            before = None
        return self if before is self.before else replace(self, before=before)

    def locate(self, row: int) -> tuple[Batch, int]:
        """The batch that holds `row`, and the record's index in it.

        `IndexError` outside the window; before what is in memory, `NotLoadedError` until the record is read,
        and `BrokerError` if it is lost.
        """
        if not self.first_row <= row < self.end_row:
            raise IndexError(f"row {row} is not in the window {self.first_row}..{self.end_row}")
        if self.before is not None and row < self.start_row:
            return self.before.locate(row)
        chunk = self.chunks[bisect_right(self.chunks, row, key=lambda c: c.first_row) - 1]
        return chunk.batch, row - chunk.first_row

    def record(self, row: int) -> Record:
        """The record at `row`, decoded; see `locate`."""
        batch, index = self.locate(row)
        return batch.record(index)

    def row_of(self, partition: int, offset: int) -> int | None:
        """The row of a partition's first record from `offset` on; None where there is none.

        Where records before those in the window may be meant, that is the window's own first one.
        """
        row = None if self.before is None else self.before.row_of(partition, offset)
        if row is not None and row < self.start_row:
            return row
        for chunk in self.batches(self.start_row):
            if chunk.batch.partition == partition and chunk.batch.next_offset > offset:
                return chunk.first_row + chunk.batch.index_of(offset)
        return None

    def batches(self, row: int) -> Iterator[Chunk]:
        """The records in memory from `row` (or the first one, where that is later) on, without copying."""
        row = max(row, self.start_row)
        position = bisect_right(self.chunks, row, key=lambda c: c.first_row) - 1
        for chunk in self.chunks[max(position, 0) :]:
            start = max(row - chunk.first_row, 0)
            if start < len(chunk.batch):
                yield Chunk(chunk.first_row + start, chunk.batch.slice(start, len(chunk.batch)))


@dataclass(frozen=True, slots=True)
class Arrived:
    """Which records some rows are, as far as that is known."""

    runs: tuple[Run, ...]
    """Each follows the one before."""
    first_row: int
    """The first row of all that is known."""
    positions: Mapping[int, int]
    """The offset, by partition, before which no record has a row that is known."""


class Cursor:
    """How far one reader of a window has come. While it has a row, a replay does not run away from it."""

    def __init__(self, window: "Window") -> None:
        self._window = window

    def move(self, row: int | None) -> None:
        """Everything before `row` is read; None lets records be evicted unread."""
        self._window.move(self, row)

    def close(self) -> None:
        """Wait for this reader no more."""
        self.move(None)


class Window:
    """Keeps the newest records within its limits. Any thread may append, read or wait."""

    def __init__(self, limits: WindowLimits | None = None) -> None:
        self.limits = limits or WindowLimits()
        lock = threading.RLock()
        self.changed = threading.Condition(lock)
        """Notified after each append; also guards the window."""
        self._progress = threading.Condition(lock)
        """Notified when a reader makes room."""
        self._cursors: dict[Cursor, int] = {}
        self._arrivals = Arrivals()
        self._chunks: deque[Chunk] = deque()
        self._bytes = 0
        self._snapshot: WindowSnapshot | None = WindowSnapshot()
        self.first_row = 0
        self.end_row = 0

    def append(self, batch: Batch) -> None:
        """Add the newest records and drop the oldest beyond the limits."""
        if not len(batch):
            return
        with self.changed:
            self._add(batch)
            self._evict()
            self._snapshot = None
            self.changed.notify_all()

    def clear(self, positions: Mapping[int, int]) -> None:
        """Drop all records: those from these offsets on, by partition, are to come.

        Their rows are not used again: the next record's comes after them.
        """
        with self.changed:
            self._chunks.clear()
            self._bytes = 0
            self.first_row = self.end_row
            self._arrivals.begin(self.end_row, positions)
            self._snapshot = None
            self.changed.notify_all()

    def register(self) -> Cursor:
        """A cursor for a reader that a replay should wait for."""
        return Cursor(self)

    def move(self, cursor: Cursor, row: int | None) -> None:
        """See `Cursor.move`."""
        with self._progress:
            if row is None:
                self._cursors.pop(cursor, None)
            else:
                self._cursors[cursor] = row
            self._progress.notify_all()

    def notify(self) -> None:
        """Let `wait_for_room` look at its `unless` again."""
        with self._progress:
            self._progress.notify_all()

    def wait_for_room(self, records: int, timeout: float, *, unless: Callable[[], bool]) -> None:
        """Wait until appending so many records evicts no row that a cursor has still to read."""
        with self._progress:
            self._progress.wait_for(lambda: self._has_room(records) or unless(), timeout)

    def _has_room(self, records: int) -> bool:
        unread = self.end_row - max(min(self._cursors.values(), default=self.end_row), self.first_row)
        # Half of the rows, since the window may be full by bytes.
        return unread <= max(min((self.end_row - self.first_row) // 2, self.limits.rows - records), 0)

    def snapshot(self) -> WindowSnapshot:
        """The window as it is now; the same object until it changes."""
        with self.changed:
            if self._snapshot is None:
                self._snapshot = WindowSnapshot(tuple(self._chunks), self.first_row, self.end_row)
            return self._snapshot

    def arrived(self, first: int, end: int) -> "Arrived":
        """Which records the rows from `first` to before `end` are, also where they have left the window."""
        with self.changed:
            runs = self._arrivals.between(first, end)
            for chunk in self._chunks:
                for run in runs_of(chunk.first_row, chunk.batch):
                    if run.first_row < end and run.end_row > first:
                        runs.append(run.between(first, end))
            return Arrived(tuple(runs), self._arrivals.first_row, dict(self._arrivals.positions))

    def _add(self, batch: Batch) -> None:
        last = self._chunks[-1] if self._chunks else None
        if last is not None and _mergeable(last.batch, batch):
            self._chunks.pop()
            self._bytes -= last.batch.records.nbytes
            self._push(Chunk(last.first_row, concatenated(last.batch, batch)))
        else:
            self._push(Chunk(self.end_row, batch))

    def _push(self, chunk: Chunk) -> None:
        self._chunks.append(chunk)
        self._bytes += chunk.batch.records.nbytes
        self.end_row = chunk.end_row

    def _evict(self) -> None:
        while len(self._chunks) > 1 and (
            self._bytes > self.limits.bytes or self.end_row - self._chunks[0].end_row >= self.limits.rows
        ):
            dropped = self._chunks.popleft()
            self._bytes -= dropped.batch.records.nbytes
            self._arrivals.add(dropped.first_row, dropped.batch)
        self.first_row = max(self._chunks[0].first_row, self.end_row - self.limits.rows, self.first_row)


def _mergeable(last: Batch, batch: Batch) -> bool:
    return (
        last.partition == batch.partition
        and last.next_offset <= batch.first_offset
        and len(last) + len(batch) <= MERGE_RECORDS
        and last.records.nbytes + batch.records.nbytes <= MERGE_BYTES
    )
