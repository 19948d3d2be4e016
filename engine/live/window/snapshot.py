"""The window at one instant, as data: what panes draw and consumers evaluate.

A row is the number of a record in order of arrival, from 0 when the window opened; what was in the log before
has rows below 0. It is the one order of all partitions that every pane shares.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from engine.errors import EngineError
from engine.live.window.matcher import Matcher, Rows
from engine.records.batch import Batch, Record


class NotLoadedError(EngineError):
    """A record before the window has not been read back yet; a later snapshot holds it."""

    def __init__(self) -> None:
        super().__init__("loading")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A batch and the row of its first record."""

    first_row: int
    batch: Batch

    @property
    def end_row(self) -> int:
        return self.first_row + len(self.batch)

    def first(self, records: int) -> "Chunk":
        return Chunk(self.first_row, self.batch.slice(0, min(records, len(self.batch))))


class OlderRows(ABC):
    """The rows `first_row` to before `end_row`, which are older than a window. Immutable."""

    first_row: int
    end_row: int
    partitions: frozenset[int]
    """Those that have records among them."""

    @abstractmethod
    def locate(self, row: int) -> tuple[Batch, int]:
        """The batch that holds `row`, and the record's index in it.

        `NotLoadedError` while the record is being read, `BrokerError` if it is lost.
        """

    @abstractmethod
    def row_of(self, partition: int, offset: int) -> int | None:
        """The row of the first record at `offset` or later; None if there is none."""

    @abstractmethod
    def found_before(self, matcher: Matcher, row: int) -> tuple[int, Rows] | None:
        """The first row of the page that holds `row - 1`, and its rows that match; None until searched."""


@dataclass(frozen=True, slots=True)
class WindowSnapshot:
    """Rows `first_row` to before `end_row`."""

    chunks: tuple[Chunk, ...] = ()
    start_row: int = 0
    """The first row that is in memory."""
    end_row: int = 0
    before: OlderRows | None = None
    """The rows before it, up to `start_row`; see `reaching_back`."""

    def __len__(self) -> int:
        return self.end_row - self.first_row

    @property
    def first_row(self) -> int:
        return self.start_row if self.before is None else min(self.before.first_row, self.start_row)

    def reaching_back(self, older: OlderRows | None) -> Self:
        """The same with older rows before it, if they reach up to it; itself if nothing changes."""
        if older is not None and not older.first_row < self.start_row <= older.end_row:
            older = None
        return self if older is self.before else replace(self, before=older)

    def locate(self, row: int) -> tuple[Batch, int]:
        """As `OlderRows.locate`; `IndexError` outside the window."""
        if not self.first_row <= row < self.end_row:
            raise IndexError(f"row {row} is not in the window {self.first_row}..{self.end_row}")
        if self.before is not None and row < self.start_row:
            return self.before.locate(row)
        chunk = self.chunks[bisect_right(self.chunks, row, key=lambda c: c.first_row) - 1]
        return chunk.batch, row - chunk.first_row

    def record(self, row: int) -> Record:
        batch, index = self.locate(row)
        return batch.record(index)

    def row_of(self, partition: int, offset: int) -> int | None:
        """As `OlderRows.row_of`; if that record was not read back, the first one in memory."""
        row = None if self.before is None else self.before.row_of(partition, offset)
        if row is not None and row < self.start_row:
            return row
        for chunk in self.chunks:
            # Two comparisons for most of what may be 100,000 batches of one record: a dashboard waits for it.
            batch = chunk.batch
            if batch.partition == partition and offset < batch.next_offset:
                index = batch.index_of(offset)
                if index < len(batch) and chunk.end_row > self.start_row:
                    return max(chunk.first_row + index, self.start_row)
        return None

    def batches(self, row: int) -> Iterator[Chunk]:
        """The records in memory from `row` on, without copying."""
        row = max(row, self.start_row)
        position = bisect_right(self.chunks, row, key=lambda c: c.first_row) - 1
        for chunk in self.chunks[max(position, 0) :]:
            start = max(row - chunk.first_row, 0)
            if start < len(chunk.batch):
                yield Chunk(chunk.first_row + start, chunk.batch.slice(start, len(chunk.batch)))
