"""Reading the rows of the log as batches, from a position in each partition on."""

import sqlite3
from collections import deque
from dataclasses import replace

import pyarrow as pa

from engine.broker.log import Positions, Reader
from engine.broker.sqlite.read_pool import ReadPool
from engine.broker.sqlite.tables import partition_table as sql
from engine.broker.sqlite.tables.codec import (
    DamagedPayloadError,
    MissingPayloadError,
    RemovedPayloadError,
    Row,
    decode,
)
from engine.broker.sqlite.tables.topic_table import check_live, table_of
from engine.broker.sqlite.wakeup import ChangeNotifier
from engine.broker.topics import Topic
from engine.errors import BrokerClosedError, DamagedBatchError
from engine.records.batch import Batch, joined, record_batch
from engine.records.sizes import within


class EmbeddedReader(Reader):
    """A `Reader` of the embedded log. It takes a connection from the pool for each look, and keeps none."""

    def __init__(
        self,
        pool: ReadPool,
        changes: ChangeNotifier,
        topic: Topic,
        positions: Positions,
        ends: Positions,
        max_records: int,
        max_bytes: int,
    ) -> None:
        self._pool = pool
        self._changes = changes
        self._topic = topic
        self._tables = {partition: table_of(topic, partition) for partition in positions}
        self._positions = {p: sql.clamped(offset) for p, offset in positions.items()}
        self._ends = {p: sql.clamped(ends.get(p, sql.MAX_OFFSET)) for p in positions}
        self._turns = deque(positions)
        self._max_records = max(max_records, 1)
        self._max_bytes = max_bytes
        self._interrupted = False

    def read(self, timeout: float) -> Batch | None:
        self._changes.check_open()
        try:
            batch = self._changes.wait_for(self._next, timeout, lambda: self._interrupted)
        except BrokerClosedError:  # meanwhile
            return None
        finally:
            self._interrupted = False
        if batch is None:
            # Only the thread that took memory gives it back. Measured: 0.1 ms, and 4 µs if there is none.
            pa.default_memory_pool().release_unused()
        return batch

    def interrupt(self) -> None:
        self._interrupted = True
        self._changes.wake()

    def close(self) -> None:
        pass

    def _next(self) -> Batch | None:
        """The next records of the first partition, by turns, that has some."""
        with self._pool.snapshot() as connection:
            check_live(connection, self._topic)
            partition, rows = self._next_rows(connection)
        return self._batch(partition, rows) if rows else None

    def _next_rows(self, connection: sqlite3.Connection) -> tuple[int, list[Row]]:
        for _ in range(len(self._turns)):
            partition = self._turns[0]
            self._turns.rotate(-1)
            position, end = self._positions[partition], self._ends[partition]
            if position < end:
                most = min(self._max_records, end - position)
                rows = sql.rows_from(connection, self._tables[partition], position, most, self._max_bytes)
                if rows:
                    return partition, rows
        return 0, []

    def _batch(self, partition: int, rows: list[Row]) -> Batch:
        position, end = self._positions[partition], self._ends[partition]
        start = min(max(rows[0].base, position), end)
        # If retention has removed all that was to be read, or up to what is damaged, that is a batch.
        batch = Batch.consecutive(partition, start, record_batch([]))
        if start < end:
            try:
                batch = Batch.consecutive(partition, rows[0].base, _decoded(rows))
            except RemovedPayloadError:
                start = max(min(rows[0].base + rows[0].count, end), position)
                batch = Batch.consecutive(partition, start, record_batch([]))
            except DamagedPayloadError as error:
                if start == position:
                    what = "missing" if isinstance(error, MissingPayloadError) else "damaged"
                    raise self._damage(partition, rows[0], rows[0].base, what) from error
            else:
                if batch.next_offset <= start:  # others follow, but not directly
                    raise self._damage(partition, rows[0], start, "missing")
                batch = batch.slice(batch.index_of(start), batch.index_of(end))
                batch = within(batch, self._max_records, self._max_bytes)
        self._positions[partition] = batch.next_offset
        return replace(batch, lost=start - position)

    def _damage(self, partition: int, row: Row, start: int, what: str) -> DamagedBatchError:
        """The error for a row, or for what is missing after it; reading continues at the next row."""
        with self._pool.snapshot() as connection:
            following = sql.next_base(connection, self._tables[partition], row.base)
        stop = row.base + row.count if following is None else following
        self._positions[partition] = max(self._positions[partition], stop)
        return DamagedBatchError(self._topic.name, partition, start, stop, what)


def _decoded(rows: list[Row]) -> pa.RecordBatch:
    """The records of consecutive rows, up to one that is damaged or does not follow directly."""
    batches: list[pa.RecordBatch] = []
    stop = rows[0].base
    for row in rows:
        if row.base != stop:
            break
        try:
            batches.append(decode(row))
        except DamagedPayloadError:
            if batches:
                break
            raise
        stop += row.count
    return joined(batches)
