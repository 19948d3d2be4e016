"""Merges streams of records by time, in memory for a batch of each."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.records.batch import joined

_ROWS = 16_384


def merged(streams: Sequence[Iterator[pa.RecordBatch]]) -> Iterator[pa.RecordBatch]:
    """The records of some streams in the order of their timestamps.

    Those of one stream stay in their order: one with an earlier time than the one before it comes next to
    that. No batch may be empty.
    """
    if len(streams) == 1:
        yield from streams[0]
        return
    open_ = [stream for stream in map(_Stream, streams) if stream.fill()]
    while open_:
        until = min(stream.latest for stream in open_)
        parts = [stream.take(until) for stream in open_]
        yield from _in_order(parts)
        open_ = [stream for stream in open_ if stream.fill()]


class _Stream:
    """A stream with the batch that is to be merged next."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self._records: pa.RecordBatch | None = None
        self._times = np.empty(0, np.int64)
        """By which its records are put in order: ascending."""
        self._taken = 0
        self.latest = np.iinfo(np.int64).min

    def fill(self) -> bool:
        """Read the next batch once all records of the last are taken; whether there are records."""
        if self._taken == len(self._times):
            self._records = next(self._batches, None)
            if self._records is None:
                return False
            times = self._records.column("timestamp").to_numpy()
            self._times = np.maximum(np.maximum.accumulate(times), self.latest)
            self._taken, self.latest = 0, int(self._times[-1])
        return True

    def take(self, until: int) -> tuple[pa.RecordBatch, npt.NDArray[np.int64]]:
        """The next records that are not later than a time, and the times by which they are put in order."""
        assert self._records is not None, "filled before"
        start = self._taken
        self._taken = int(np.searchsorted(self._times, until, side="right"))
        return self._records.slice(start, self._taken - start), self._times[start : self._taken]


def _in_order(parts: Sequence[tuple[pa.RecordBatch, npt.NDArray[np.int64]]]) -> Iterator[pa.RecordBatch]:
    parts = [part for part in parts if len(part[1])]
    records = joined([batch for batch, _ in parts])
    if len(parts) == 1:
        yield records
        return
    order = np.argsort(np.concatenate([times for _, times in parts]), kind="stable")
    for start in range(0, len(order), _ROWS):
        yield records.take(order[start : start + _ROWS])
