"""Pages of a topic's log before a window: found going back, and read again whenever they are needed."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from engine.broker.broker import Broker
from engine.broker.log import READ_BYTES, READ_RECORDS
from engine.broker.topics import Topic
from engine.errors import DeletedTopicError
from engine.live.scrollback.page import Page, PageRecords, parts_of
from engine.live.scrollback.snapshot import ScrollbackSnapshot, page_of
from engine.live.window.row_index import Run, clipped
from engine.live.window.snapshot import WindowSnapshot
from engine.records.batch import Batch, Record

PAGES_KEPT = 8
"""Pages whose records stay in memory: each pane may be at another place."""
TOO_MANY_BYTES = 4 * READ_BYTES
"""In one page, which should have about `READ_BYTES`."""

Offsets = Mapping[int, int]
"""By partition."""


class _TooLargeError(Exception):
    """Read fewer records at once."""


class LogPages:
    """Reads pages of a topic, and keeps the records of the last few. Belongs to one thread."""

    def __init__(self, broker: Broker, topic: str | Topic) -> None:
        """`topic` is a name, or the topic that rows are of: no other of its name is read."""
        self._log = broker.log
        self._topics = broker.topics
        self._found = broker.topics.get(topic) if isinstance(topic, str) else topic
        self._topic = self._found.name
        self._kept: OrderedDict[Page, PageRecords] = OrderedDict()
        self._count = READ_RECORDS // 16
        """How many records the next page should have, by the size of those before."""

    def records(self, page: Page) -> PageRecords:
        """Those that are still in the log; `BrokerError` if they cannot be read."""
        if page not in self._kept:
            return self._keep(self._read(page))
        self._kept.move_to_end(page)
        return self._kept[page]

    def decoded(self, window: WindowSnapshot, rows: Iterable[int]) -> Iterator[Record]:
        """The records at some rows of a window, read where they are not in memory."""
        for row in rows:
            older = window.before
            if isinstance(older, ScrollbackSnapshot) and row < window.start_row:
                batch, index = self.records(page_of(older.pages, row)).locate(row)
                yield batch.record(index)
            else:
                yield window.record(row)

    def page_before(self, row: int, positions: Offsets, starts: Offsets) -> tuple[Page | None, Offsets]:
        """The page that ends before `row`, with the records before `positions`, and where it begins.

        Records of several partitions are in the order of their timestamps, as far as their offsets allow.
        There is no page if nothing readable is left. `starts` has the first offset of each partition.
        """
        count = self._count
        read = {p: self._log.page(self._topic, p, end, count) for p, end in positions.items()}
        held = {p: batch for p, batch in read.items() if len(batch)}
        if not held:
            return None, starts
        page = _newest(row, held, starts, count)
        self._keep(self._with(page, {p: [batch] for p, batch in held.items()}))
        begins = {p: first for p, (first, _) in page.ranges.items()}
        return page, {p: begins.get(p, end if p in held else starts[p]) for p, end in positions.items()}

    def page_of(self, runs: Sequence[Run], *, newest: bool = True) -> Page | None:
        """The last rows of some runs, or the first ones, as many as make a page.

        It begins where retention ends; there is none if that has come to the last row, or beyond the first.
        Single records may be lost.
        """
        rows = range(self._first_held(runs), runs[-1].end_row)
        if not newest and rows.start > runs[0].first_row:
            return None
        count = self._count
        while rows:
            part = rows[-count:] if newest else rows[:count]
            first, end = part[0], part[-1] + 1
            page = Page.of(clipped(runs, first, end))
            try:
                self._keep(self._read(page, TOO_MANY_BYTES if len(page) > 1 else None))
            except _TooLargeError:
                count = self._count = max(len(page) // 8, 1)
            else:
                return page
        return None

    def _first_held(self, runs: Sequence[Run]) -> int:
        """The first row that retention has not removed; the one after the last if there is none."""
        starts = {p: held.start for p, held in self._log.offsets(self._topic).items()}
        held = (
            run.first_row + max(starts[run.partition] - run.base_offset, 0)
            for run in runs
            if starts.get(run.partition, run.next_offset) < run.next_offset
        )
        return min(held, default=runs[-1].end_row)

    def _keep(self, records: PageRecords) -> PageRecords:
        size = max(records.size, 1) / len(records.page)
        # Not at once: a few small records say little about those before them.
        self._count = max(min(int(READ_BYTES / size), 4 * self._count, READ_RECORDS), 1)
        self._kept[records.page] = records
        while len(self._kept) > PAGES_KEPT:
            self._kept.popitem(last=False)
        return records

    def _read(self, page: Page, most: int | None = None) -> PageRecords:
        """`_TooLargeError` if the records of a partition have more than `most` bytes."""
        ranges = page.ranges.items()
        return self._with(page, {p: self._between(p, first, end, most) for p, (first, end) in ranges})

    def _with(self, page: Page, held: Mapping[int, Sequence[Batch]]) -> PageRecords:
        parts = [part for partition in page.ranges for part in parts_of(page, partition, held[partition])]
        # The log is read by name: the topic may be another one since.
        if self._topics.get(self._topic).id != self._found.id:
            raise DeletedTopicError(self._topic)
        return PageRecords(page, self._topic, tuple(parts))

    def _between(self, partition: int, first: int, end: int, most: int | None) -> list[Batch]:
        found: list[Batch] = []
        while first < end:
            batch = self._log.page(self._topic, partition, end, min(READ_RECORDS, end - first))
            batch = batch.slice(batch.index_of(first), len(batch))
            if not len(batch):
                break
            found.insert(0, batch)
            if most is not None and sum(one.records.nbytes for one in found) > most:
                raise _TooLargeError
            end = batch.first_offset
        return found


def _newest(end_row: int, held: Mapping[int, Batch], starts: Offsets, count: int) -> Page:
    """The last `count` records, or fewer: going back, the later one of two comes first.

    A record goes before all that have a greater offset in its partition, whatever their timestamps are.
    """
    batches = held.values()
    times = [batch.records.column("timestamp").to_numpy() for batch in batches]
    earliest = np.concatenate([np.minimum.accumulate(column[::-1])[::-1] for column in times])
    order = np.argsort(earliest, kind="stable")
    partitions = np.concatenate([np.full(len(batch), p, np.int64) for p, batch in held.items()])[order]
    offsets = np.concatenate([batch.offset_array() for batch in batches])[order]
    # What is older than the first record of a partition may belong after others of it, which are not read.
    unread = [p for p, batch in held.items() if batch.first_offset > starts[p]]
    begin = max((int(np.argmax(partitions == p)) for p in unread), default=0)
    begin = max(begin, len(order) - count)
    return Page.of_records(end_row, partitions[begin:], offsets[begin:])
