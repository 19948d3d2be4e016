"""A page of rows before a window: which record each row is, and the records once they are read."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from engine.errors import LostRecordError
from engine.live.window.row_index import Run
from engine.records.batch import Batch

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Page:
    """Consecutive rows that are read at once: some 16,000 records, or 2 MB of them.

    A run is consecutive offsets of one partition. Runs are columns, since there may be one per record: if
    partitions take turns, or between gaps.
    """

    first_row: int
    end_row: int
    run_rows: Rows
    """The first row of each run, ascending; at least one."""
    run_partitions: npt.NDArray[np.int64]
    run_offsets: npt.NDArray[np.int64]
    """The first offset of each run."""

    @classmethod
    def of(cls, runs: Sequence[Run]) -> "Page":
        """The page of at least one run, each following the one before."""
        columns = np.array([(run.first_row, run.partition, run.base_offset) for run in runs], np.int64)
        return cls(runs[0].first_row, runs[-1].end_row, *columns.T.copy())

    @classmethod
    def of_records(cls, end_row: int, partitions: Rows, offsets: Rows) -> "Page":
        """The page that ends before a row, with the partition and the offset of each of its records."""
        breaks = (np.diff(partitions) != 0) | (np.diff(offsets) != 1)
        starts = np.concatenate(([0], np.flatnonzero(breaks) + 1))
        first_row = end_row - len(offsets)
        return cls(first_row, end_row, first_row + starts, partitions[starts], offsets[starts])

    def __len__(self) -> int:
        return self.end_row - self.first_row

    @cached_property
    def ranges(self) -> Mapping[int, tuple[int, int]]:
        """By partition, the first offset of its records here and the one after the last."""
        found = {}
        for partition in np.unique(self.run_partitions).tolist():
            runs = np.flatnonzero(self.run_partitions == partition)
            first, last = runs[0], runs[-1]
            found[partition] = int(self.run_offsets[first]), int(self.run_offsets[last] + self._counts[last])
        return found

    @property
    def _counts(self) -> npt.NDArray[np.int64]:
        return np.diff(self.run_rows, append=self.end_row)

    def place(self, row: int) -> tuple[int, int]:
        run = int(np.searchsorted(self.run_rows, row, "right")) - 1
        return int(self.run_partitions[run]), int(self.run_offsets[run]) + row - int(self.run_rows[run])

    def records_of(self, partition: int) -> tuple[Rows, npt.NDArray[np.int64]]:
        """The rows of a partition's records, ascending, and their offsets."""
        runs = self.run_partitions == partition
        counts = self._counts[runs]
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        rows, offsets = (np.repeat(column[runs], counts) for column in (self.run_rows, self.run_offsets))
        return rows + within, offsets + within


@dataclass(frozen=True, eq=False)
class Part:
    """Records of one partition that follow each other, and the rows that they have in a page."""

    batch: Batch
    rows: Rows
    """Ascending; rows of other partitions may be between them."""


@dataclass(frozen=True, eq=False)
class PageRecords:
    """The records of a page that are still in the log."""

    page: Page
    topic: str
    parts: tuple[Part, ...]
    """By partition and offset."""

    @cached_property
    def _starts(self) -> list[tuple[int, int]]:
        return [(part.batch.partition, part.batch.first_offset) for part in self.parts]

    def locate(self, row: int) -> tuple[Batch, int]:
        """The batch that holds a row, and the record's index in it; `LostRecordError` if it is gone."""
        partition, offset = self.page.place(row)
        place = bisect_right(self._starts, (partition, offset)) - 1
        batch = self.parts[place].batch if place >= 0 else None
        if batch is not None and batch.partition == partition:
            index = batch.index_of(offset)
            if index < len(batch) and batch.offset(index) == offset:
                return batch, index
        raise LostRecordError(
            f"no longer in the log: offset {offset} of topic '{self.topic}', partition {partition}"
        )

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(part.batch.records.nbytes for part in self.parts)


def parts_of(page: Page, partition: int, batches: Sequence[Batch]) -> list[Part]:
    """The records of a page that some batches of a partition hold: they ascend, and may hold more."""
    rows, offsets = page.records_of(partition)
    parts: list[Part] = []
    for batch in batches:
        held = batch.offset_array()
        if not len(held):
            continue
        indices = np.minimum(np.searchsorted(held, offsets), len(held) - 1)
        found = held[indices] == offsets
        indices, found_rows = indices[found], rows[found]
        # Between them, the batch may hold records that are not in the page.
        breaks = np.flatnonzero(np.diff(indices) != 1) + 1
        for first, end in pairwise([0, *breaks.tolist(), len(indices)] if len(indices) else []):
            index = int(indices[first])
            parts.append(Part(batch.slice(index, index + end - first), found_rows[first:end]))
    return parts
