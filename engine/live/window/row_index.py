"""Maps rows to partitions and offsets, including rows that have left the window."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from engine.records.batch import Batch

RUNS_KEPT = 50_000
"""A topic of one partition has one run. With several, or with gaps, there may be a run per record."""


@dataclass(frozen=True, slots=True)
class Run:
    """Rows with consecutive offsets of one partition."""

    first_row: int
    partition: int
    base_offset: int
    count: int

    @property
    def end_row(self) -> int:
        return self.first_row + self.count

    @property
    def next_offset(self) -> int:
        return self.base_offset + self.count


def runs_of(first_row: int, batch: Batch) -> Iterator[Run]:
    """The runs of a batch whose first record is at `first_row`."""
    for start, stop in batch.runs():
        yield Run(first_row + start, batch.partition, batch.offset(start), stop - start)


def clipped(runs: Iterable[Run], first: int, end: int) -> list[Run]:
    """The parts of some runs from row `first` to before row `end`."""
    parts = ((run, max(first, run.first_row), min(end, run.end_row)) for run in runs)
    return [
        Run(start, run.partition, run.base_offset + start - run.first_row, stop - start)
        for run, start, stop in parts
        if start < stop
    ]


class RowIndex:
    """The rows that have left a window. Not locked: its window is."""

    def __init__(self) -> None:
        self.begin(0, {})

    def begin(self, row: int, positions: Mapping[int, int]) -> None:
        """Forget all rows. The next one is `row`, the first to be read from these offsets on."""
        self.first_row = row
        """The first row that is known."""
        self.positions = dict(positions)
        """By partition, the offset before which no record has a row that is known."""
        self._runs: list[Run] = []

    def add(self, first_row: int, batch: Batch) -> None:
        """Add records that leave the window, in the order in which they arrived."""
        for run in runs_of(first_row, batch):
            last = self._runs[-1] if self._runs else None
            if last is not None and (last.partition, last.next_offset) == (run.partition, run.base_offset):
                self._runs[-1] = replace(last, count=last.count + run.count)
            else:
                self._runs.append(run)
        if len(self._runs) > 2 * RUNS_KEPT:
            forgotten, self._runs = self._runs[:-RUNS_KEPT], self._runs[-RUNS_KEPT:]
            self.first_row = self._runs[0].first_row
            self.positions |= {run.partition: run.next_offset for run in forgotten}

    def between(self, first: int, end: int) -> list[Run]:
        """The runs of the rows from `first` to before `end`, as far as they are known."""
        start = max(bisect_right(self._runs, first, key=lambda run: run.first_row) - 1, 0)
        stop = bisect_right(self._runs, end - 1, key=lambda run: run.first_row)
        return clipped(self._runs[start:stop], first, end)
