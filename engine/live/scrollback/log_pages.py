"""Pages of a topic's log before a window: found going back, and read again whenever they are looked at."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.broker.broker import Broker
from engine.broker.log import READ_BYTES, READ_RECORDS
from engine.errors import LostRecordError
from engine.live.scrollback.page import Page, PageRecords, Part, parts_of
from engine.live.window.row_index import Run
from engine.records.batch import Batch

PAGES_KEPT = 8
"""Pages whose records are in memory: a person is at one place, which may be different in each pane."""
TOO_MANY_BYTES = 4 * READ_BYTES
"""In one page, of which there should be about `READ_BYTES`."""

Offsets = Mapping[int, int]
"""By partition."""


class _TooLargeError(Exception):
    """There are too many bytes: fewer records are to be read."""


class LogPages:
    """Reads pages of a topic, and keeps the records of the last few that were read. Any thread may call."""

    def __init__(self, broker: Broker, topic: str) -> None:
        self._broker = broker
        self._topic = topic
        self._lock = threading.Lock()
        self._kept: OrderedDict[Page, PageRecords] = OrderedDict()
        self._count = READ_RECORDS // 16
        """Records that are tried for in a page; the bytes of the last one decide."""

    def records(self, page: Page) -> PageRecords:
        """The records of a page.

        `LostRecordError` where one is not in the log any more, `BrokerError` where it cannot be read.
        """
        with self._lock:
            if page in self._kept:
                self._kept.move_to_end(page)
                return self._kept[page]
        return self._keep(self._read(page))

    def page_before(self, row: int, positions: Offsets, starts: Offsets) -> tuple[Page | None, Offsets]:
        """The page that ends before `row`, with the records before `positions`, and where that begins.

        Records of several partitions are in the order of their time, as far as that of their offsets allows.
        There is no page where all that was read is damaged. `starts` has the first offset of each partition.
        """
        count, first, held = self._read_back(positions, starts)
        merged = _newest(held, count)
        if merged is None:
            return None, first
        page = merged.page(row)
        self._keep(self._with(page, held))
        if len(held) == 1:
            return page, first
        return page, {p: merged.begins.get(p, end if held[p] else first[p]) for p, end in positions.items()}

    def page_of(self, runs: Sequence[Run], *, newest: bool = True) -> Page | None:
        """The last rows of some runs, or the first ones, as many as make a page and are in the log.

        None where there are none.
        """
        rows = range(runs[0].first_row, runs[-1].end_row)
        count = self._count
        while count:
            part = rows[-count:] if newest else rows[:count]
            first, end = part[0], part[-1] + 1
            page = Page.of(
                [run.between(first, end) for run in runs if run.first_row < end and run.end_row > first]
            )
            try:
                self._keep(self._read(page, TOO_MANY_BYTES))
            except _TooLargeError:
                count = self._count
            except LostRecordError:
                # The last ones may be there yet.
                count = len(part) // 2 if newest else 0
            else:
                return page
        return None

    def _read_back(self, positions: Offsets, starts: Offsets) -> tuple[int, Offsets, dict[int, list[Batch]]]:
        """How many records there may be in a page, as many of each partition, and where they begin."""
        while True:
            # Whoever reads another page meanwhile changes it.
            count = self._count
            first = {p: max(starts[p], end - count) for p, end in positions.items()}
            try:
                held = {p: self._between(p, first[p], end, TOO_MANY_BYTES) for p, end in positions.items()}
            except _TooLargeError:
                continue
            return count, first, held

    def _keep(self, records: PageRecords) -> PageRecords:
        size = records.size / len(records.page)
        # Not at once: a few small records say little about those before them.
        self._count = max(min(int(READ_BYTES / size), 4 * self._count, READ_RECORDS), 1)
        with self._lock:
            self._kept[records.page] = records
            while len(self._kept) > PAGES_KEPT:
                self._kept.popitem(last=False)
        return records

    def _read(self, page: Page, most: int | None = None) -> PageRecords:
        ranges = page.ranges.items()
        return self._with(page, {p: self._between(p, first, end, most) for p, (first, end) in ranges})

    def _with(self, page: Page, held: Mapping[int, Sequence[Batch]]) -> PageRecords:
        parts: list[Part] = []
        for partition in page.ranges:
            found = parts_of(page, partition, held[partition])
            if isinstance(found, int):
                raise LostRecordError(
                    f"not in the log any more: offset {found} of topic '{self._topic}', partition {partition}"
                )
            parts += found
        return PageRecords(page, tuple(parts))

    def _between(self, partition: int, first: int, end: int, most: int | None) -> list[Batch]:
        """The records of a partition from one offset to before another that can be read.

        `_TooLargeError` where they are more than `most` bytes, so that a page should have fewer records.
        """
        size = 0
        found: list[Batch] = []
        while first < end:
            batch = self._broker.log.page(self._topic, partition, end, min(READ_RECORDS, end - first))
            batch = batch.slice(batch.index_of(first), len(batch))
            if not len(batch):
                break
            size += batch.records.nbytes
            if most is not None and size > most and self._count > 1:
                self._count = max(self._count // 8, 1)
                raise _TooLargeError
            found.insert(0, batch)
            end = batch.first_offset
        return found


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

    def page(self, end_row: int) -> Page:
        """The same as a page that ends before a row."""
        breaks = (np.diff(self.partitions) != 0) | (np.diff(self.offsets) != 1)
        starts = np.concatenate(([0], np.flatnonzero(breaks) + 1))
        first_row = end_row - len(self.offsets)
        return Page(first_row, end_row, first_row + starts, self.partitions[starts], self.offsets[starts])


def _newest(held: Mapping[int, Sequence[Batch]], count: int) -> _Merged | None:
    """The last `count` of what is held, or what there is: going back, the later one of two comes first.

    A record goes before all that have a greater offset in its partition, whatever their times are.
    """
    parts = []
    for partition, batches in held.items():
        if not batches:
            continue
        offsets = np.concatenate([b.offset_array() for b in batches])
        times = np.concatenate([b.records.column("timestamp").to_numpy() for b in batches])
        earliest = np.minimum.accumulate(times[::-1])[::-1]
        parts.append((np.full(len(offsets), partition, np.int64), offsets, earliest))
    if not parts:
        return None
    partitions, offsets, times = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(times, kind="stable")[-count:]
    return _Merged(partitions[order], offsets[order])
