"""The window at one instant, as data: what panes draw and consumers evaluate.

A row is the number of a record in order of arrival, from 0 when the window opened; what was in the log before
has rows below 0. It is the one order of all partitions that every pane shares.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from engine.errors import EngineError
from engine.records.batch import Batch, Record


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
