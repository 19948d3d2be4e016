"""Pages of a topic's log before a window: found going back, and read again whenever they are looked at."""

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from engine.arrivals import Run
from engine.broker import READ_BYTES, READ_RECORDS, Broker
from engine.errors import DamagedBatchError, LostRecordError
from engine.records import Batch
from engine.window import Chunk

PAGES_KEPT = 8
"""Pages whose records are in memory: a person is at one place, which may be different in each pane."""
TOO_MANY_BYTES = 4 * READ_BYTES
"""In one page, of which there should be about `READ_BYTES`."""

Offsets = Mapping[int, int]
"""By partition."""


class _TooLargeError(Exception):
    """There are too many bytes: fewer records are to be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """Consecutive rows that are read at once: some 16,000 records, or 2 MB of them."""

    runs: tuple[Run, ...]
    """At least one."""

    @property
    def first_row(self) -> int:
        """The row of the first record."""
        return self.runs[0].first_row

    @property
    def end_row(self) -> int:
        """The row after the last record's."""
        return self.runs[-1].end_row

    def __len__(self) -> int:
        return self.end_row - self.first_row


class LogPages:
    """Reads pages of a topic, and keeps the records of the last few that were read. Any thread may call."""

    def __init__(self, broker: Broker, topic: str) -> None:
        self._broker = broker
        self._topic = topic
        self._lock = threading.Lock()
        self._kept: OrderedDict[Page, tuple[Chunk, ...]] = OrderedDict()
        self._count = READ_RECORDS // 16
        """Records that are tried for in a page; the bytes of the last one decide."""

    def chunks(self, page: Page) -> tuple[Chunk, ...]:
        """The records of a page, in the order of its rows.

        `LostRecordError` where one is not in the log any more, `BrokerError` where it cannot be read.
        """
        with self._lock:
            if page in self._kept:
                self._kept.move_to_end(page)
                return self._kept[page]
        chunks = self._read(page)
        self._keep(page, chunks)
        return chunks

    def page_before(self, row: int, positions: Offsets, starts: Offsets) -> tuple[Page | None, Offsets]:
        """The page that ends before `row`, with the records before `positions`, and where that begins.

        Records of several partitions are in the order of their time, as far as that of their offsets allows.
        There is no page where all that was read is damaged. `starts` has the first offset of each partition.
        """
        first, held = self._read_back(positions, starts)
        merged = _newest(held, self._count)
        if merged is None:
            return None, first
        page = Page(merged.runs(row))
        self._keep(
            page, tuple(chunk for run in page.runs for chunk in self._slices(run, held[run.partition]))
        )
        if len(held) == 1:
            return page, first
        return page, {p: merged.begins.get(p, end if held[p] else first[p]) for p, end in positions.items()}

    def page_of(self, runs: Sequence[Run], *, newest: bool = True) -> Page | None:
        """The last rows of some runs, or the first ones, as many as make a page.

        None where a record of them is not in the log any more.
        """
        rows = range(runs[0].first_row, runs[-1].end_row)
        while True:
            part = rows[-self._count :] if newest else rows[: self._count]
            first, end = part[0], part[-1] + 1
            page = Page(
                tuple(run.between(first, end) for run in runs if run.first_row < end and run.end_row > first)
            )
            try:
                chunks = self._read(page, TOO_MANY_BYTES)
            except _TooLargeError:
                continue
            except LostRecordError:
                return None
            self._keep(page, chunks)
            return page

    def _read_back(self, positions: Offsets, starts: Offsets) -> tuple[Offsets, dict[int, list[Batch]]]:
        """So many records of each partition as there may be in a page, and where they begin."""
        while True:
            first = {p: max(starts[p], end - self._count) for p, end in positions.items()}
            try:
                return first, {
                    p: list(self._between(p, first[p], end, TOO_MANY_BYTES)) for p, end in positions.items()
                }
            except _TooLargeError:
                continue

    def _keep(self, page: Page, chunks: tuple[Chunk, ...]) -> None:
        size = sum(chunk.batch.records.nbytes for chunk in chunks) / len(page)
        # Not at once: a few small records say little about those before them.
        self._count = max(min(int(READ_BYTES / size), 4 * self._count, READ_RECORDS), 1)
        with self._lock:
            self._kept[page] = chunks
            while len(self._kept) > PAGES_KEPT:
                self._kept.popitem(last=False)

    def _read(self, page: Page, most: int | None = None) -> tuple[Chunk, ...]:
        ranges: dict[int, tuple[int, int]] = {}
        for run in page.runs:
            first, _ = ranges.get(run.partition, (run.base_offset, 0))
            ranges[run.partition] = first, run.next_offset
        held = {p: list(self._between(p, first, end, most)) for p, (first, end) in ranges.items()}
        return tuple(chunk for run in page.runs for chunk in self._slices(run, held[run.partition]))

    def _slices(self, run: Run, batches: Sequence[Batch]) -> Iterator[Chunk]:
        offset = run.base_offset
        at = max(bisect_right(batches, offset, key=lambda batch: batch.base_offset) - 1, 0)
        for batch in batches[at:]:
            if not batch.base_offset <= offset < batch.next_offset:
                break
            start = offset - batch.base_offset
            stop = min(run.next_offset - batch.base_offset, len(batch))
            yield Chunk(run.first_row + offset - run.base_offset, batch.slice(start, stop))
            offset = batch.base_offset + stop
            if offset == run.next_offset:
                return
        raise LostRecordError(
            f"not in the log any more: offset {offset} of topic '{self._topic}', partition {run.partition}"
        )

    def _between(self, partition: int, first: int, end: int, most: int | None) -> Iterator[Batch]:
        """The records of a partition from one offset to before another that can be read.

        `_TooLargeError` where they are more than `most` bytes, so that a page should have fewer records.
        """
        size = 0
        while first < end:
            try:
                batch = self._broker.read(self._topic, partition, first, min(READ_RECORDS, end - first))
            except DamagedBatchError as damage:
                first = damage.stop
                continue
            if not len(batch) or batch.base_offset >= end:
                return
            size += batch.records.nbytes
            if most is not None and size > most and self._count > 1:
                self._count = max(self._count // 8, 1)
                raise _TooLargeError
            yield batch.slice(0, min(len(batch), end - batch.base_offset))
            first = batch.next_offset


@dataclass(frozen=True, slots=True)
class _Merged:
    """Records of several partitions in one order."""

    partitions: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]

    @property
    def begins(self) -> dict[int, int]:
        """The first offset of each partition."""
        found, first = np.unique(self.partitions, return_index=True)
        return {int(p): int(self.offsets[index]) for p, index in zip(found, first, strict=True)}

    def runs(self, end_row: int) -> tuple[Run, ...]:
        """The same as runs, the last one ending before a row."""
        breaks = (np.diff(self.partitions) != 0) | (np.diff(self.offsets) != 1)
        edges = [0, *(np.flatnonzero(breaks) + 1).tolist(), len(self.offsets)]
        first_row = end_row - len(self.offsets)
        return tuple(
            Run(first_row + start, int(self.partitions[start]), int(self.offsets[start]), stop - start)
            for start, stop in pairwise(edges)
        )


def _newest(held: Mapping[int, Sequence[Batch]], count: int) -> _Merged | None:
    """The last `count` of what is held, or what there is: going back, the later one of two comes first.

    A record goes before all that have a greater offset in its partition, whatever their times are.
    """
    parts = []
    for partition, batches in held.items():
        if not batches:
            continue
        offsets = np.concatenate([np.arange(b.base_offset, b.next_offset, dtype=np.int64) for b in batches])
        times = np.concatenate([b.records.column("timestamp").to_numpy() for b in batches])
        earliest = np.minimum.accumulate(times[::-1])[::-1]
        parts.append((np.full(len(offsets), partition, np.int64), offsets, earliest))
    if not parts:
        return None
    partitions, offsets, times = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(times, kind="stable")[-count:]
    return _Merged(partitions[order], offsets[order])
