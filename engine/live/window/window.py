"""The last records of a topic, in order of arrival: what every pane shows and every consumer evaluates."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from engine.live.window.limits import WindowLimits
from engine.live.window.row_index import RowIndex, Run, clipped, runs_of
from engine.live.window.snapshot import Chunk, WindowSnapshot
from engine.records.batch import Batch, concatenated

MERGE_RECORDS = 4_096
MERGE_BYTES = 256 << 10
"""Batches smaller than both are joined with the next, so that a trickle does not make a chunk per record."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """The partitions and offsets of some rows, as far as they are known; see `RowIndex`."""

    runs: tuple[Run, ...]
    first_row: int
    positions: Mapping[int, int]


class Cursor:
    """The position of one reader of a window. While it has a row, a replay waits for it."""

    def __init__(self, window: "Window", on_change: Callable[[], None]) -> None:
        self._window = window
        self.on_change = on_change
        self.row: int | None = None

    def move(self, row: int | None) -> None:
        """Everything before `row` is read; None lets records be evicted unread."""
        with self._window.changed:
            self.row = row
            self._window.notify()

    def close(self) -> None:
        """Wait for this reader no more, and notify it no more."""
        self._window.unregister(self)


class Window:
    """Keeps the newest records within its limits. Any thread may append, read or wait."""

    def __init__(self, limits: WindowLimits | None = None) -> None:
        self.limits = limits or WindowLimits()
        lock = threading.RLock()
        self.changed = threading.Condition(lock)
        """Notified after each append; also guards the window."""
        self._progress = threading.Condition(lock)
        """Notified when a reader makes room."""
        self._readers: tuple[Cursor, ...] = ()
        self._index = RowIndex()
        self._chunks: deque[Chunk] = deque()
        self._bytes = 0
        self._snapshot: WindowSnapshot | None = WindowSnapshot()
        self.first_row = 0
        self.end_row = 0
        self.cleared_row = 0
        """The first row since the window was cleared."""

    def append(self, batch: Batch) -> None:
        if len(batch):
            with self._changing():
                self._add(batch)
                self._evict()

    def clear(self, positions: Mapping[int, int]) -> None:
        """Drop all records; those from these offsets on, by partition, come next.

        Rows are not used again: the next record has the row after the last one.
        """
        with self._changing():
            self._chunks.clear()
            self._bytes = 0
            self.first_row = self.cleared_row = self.end_row
            self._index.begin(self.end_row, positions)

    def add_partitions(self, positions: Mapping[int, int]) -> None:
        """Records of more partitions follow, from these offsets on."""
        with self.changed:
            self._index.positions |= positions

    def register(self, on_change: Callable[[], None] = lambda: None) -> Cursor:
        """A cursor for a reader that a replay should wait for.

        `on_change` is called after each append, from the thread that appends and without the window's lock.
        """
        cursor = Cursor(self, on_change)
        with self.changed:
            self._readers = (*self._readers, cursor)
        return cursor

    def unregister(self, cursor: Cursor) -> None:
        with self.changed:
            self._readers = tuple(one for one in self._readers if one is not cursor)
            self.notify()

    def notify(self) -> None:
        """Let `wait_for_room` look again."""
        with self._progress:
            self._progress.notify_all()

    def wait_for_room(self, records: int, timeout: float, *, unless: Callable[[], bool]) -> None:
        """Wait until appending this many records evicts no row that a cursor has still to read."""
        with self._progress:
            self._progress.wait_for(lambda: self._has_room(records) or unless(), timeout)

    def _has_room(self, records: int) -> bool:
        read = min((one.row for one in self._readers if one.row is not None), default=self.end_row)
        # Half of the rows, since the window may be full by bytes.
        room = max(min((self.end_row - self.first_row) // 2, self.limits.rows - records), 0)
        return self.end_row - max(read, self.first_row) <= room

    def snapshot(self) -> WindowSnapshot:
        """The window as it is now; the same object until it changes."""
        with self.changed:
            if self._snapshot is None:
                self._snapshot = WindowSnapshot(tuple(self._chunks), self.first_row, self.end_row)
            return self._snapshot

    def arrived(self, first: int, end: int) -> Arrived:
        """The partitions and offsets of the rows from `first` to before `end`, also of evicted ones."""
        with self.changed:
            held = (run for chunk in self._chunks for run in runs_of(chunk.first_row, chunk.batch))
            runs = (*self._index.between(first, end), *clipped(held, first, end))
            return Arrived(runs, self._index.first_row, dict(self._index.positions))

    def positions(self, row: int) -> dict[int, int]:
        """The offset from which each partition continues at a row."""
        arrived = self.arrived(0, self.end_row)
        positions, passed = dict(arrived.positions), set[int]()
        for run in arrived.runs:
            if run.partition not in passed:
                positions[run.partition] = min(
                    max(run.base_offset + row - run.first_row, run.base_offset), run.next_offset
                )
                if run.end_row > row:
                    passed.add(run.partition)
        return positions

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self.changed:
            yield
            self._snapshot = None
            self.changed.notify_all()
        for reader in self._readers:
            reader.on_change()

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
            self._index.add(dropped.first_row, dropped.batch)
        self.first_row = max(self._chunks[0].first_row, self.end_row - self.limits.rows, self.first_row)


def _mergeable(last: Batch, batch: Batch) -> bool:
    return (
        last.partition == batch.partition
        and last.next_offset <= batch.first_offset
        and len(last) + len(batch) <= MERGE_RECORDS
        and last.records.nbytes + batch.records.nbytes <= MERGE_BYTES
    )
