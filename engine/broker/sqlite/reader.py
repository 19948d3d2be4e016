"""Reading: a pool of connections, and rows joined into batches."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import pyarrow as pa

from engine.broker.log import OffsetRange, Topic
from engine.broker.sqlite import partition_table as sql
from engine.broker.sqlite.codec import DamagedPayloadError, Row, decode, record_sizes
from engine.broker.sqlite.errors import storage_errors
from engine.broker.sqlite.file_identity import Files
from engine.broker.sqlite.schema import Database
from engine.broker.sqlite.topic_stats import TopicContents, contents
from engine.broker.sqlite.topic_table import StoredTopic, all_topics, find_topic
from engine.errors import BrokerClosedError, BrokerError, DamagedBatchError
from engine.records.batch import Batch, joined, record_batch


class ReadPool:
    """Connections for reading, each used by one thread at a time and kept for the next one."""

    def __init__(self, database: Database, files: Files) -> None:
        self._database = database
        self._files = files
        self._changed = threading.Condition()
        self._idle: list[sqlite3.Connection] = []
        self._borrowed = 0
        self._closed = False

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a read transaction.

        `BrokerClosedError` once the pool is closed, `BrokerError` soon after the log was removed.
        Leave the block before doing anything but SQL: a long snapshot lets the write-ahead log grow.
        """
        self._files.check_now_and_then()
        connection = self._borrow()
        try:
            with storage_errors(self._database.folder):
                connection.execute("BEGIN")
                try:
                    yield connection
                finally:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
        except BrokerError:
            # Files that are gone fail in many ways, and this says which it is.
            self._files.check()
            raise
        finally:
            self._give_back(connection)

    def _borrow(self) -> sqlite3.Connection:
        with self._changed:
            if self._closed:
                raise BrokerClosedError("the broker is closed")
            self._borrowed += 1
            if self._idle:
                return self._idle.pop()
        try:
            with storage_errors(self._database.folder):
                self._files.check()
                return self._database.connect_reader()
        except BaseException:
            self._returned()
            raise

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._changed:
            self._idle.append(connection)
        self._returned()

    def _returned(self) -> None:
        with self._changed:
            self._borrowed -= 1
            self._changed.notify_all()

    def close(self) -> None:
        """Wait for the reads under way and close every connection."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: not self._borrowed)
            for connection in self._idle:
                connection.close()
            self._idle.clear()


class Reader:
    """Looks things up in the log, from any thread."""

    def __init__(self, pool: ReadPool) -> None:
        self._pool = pool

    def topics(self) -> list[Topic]:
        """All topics, by name."""
        with self._pool.snapshot() as connection:
            return [stored.topic for stored in all_topics(connection)]

    def find(self, name: str) -> StoredTopic:
        """One topic; `UnknownTopicError` where there is none."""
        with self._pool.snapshot() as connection:
            return find_topic(connection, name)

    def contents(self, topic: str | None) -> list[TopicContents]:
        """What one topic holds, or each; `UnknownTopicError` where there is none of that name."""
        with self._pool.snapshot() as connection:
            found = all_topics(connection) if topic is None else [find_topic(connection, topic)]
            return [contents(connection, stored) for stored in found]

    def offsets(self, topic: str, partition: int) -> OffsetRange:
        """The offsets that a partition holds now."""
        with self._pool.snapshot() as connection:
            return sql.offsets(connection, find_topic(connection, topic).table(partition))

    def has_records(self, topic: str, positions: Mapping[int, int]) -> bool:
        """Whether any partition holds records at or after its position."""
        with self._pool.snapshot() as connection:
            stored = find_topic(connection, topic)
            return any(
                sql.end_offset(connection, stored.table(partition)) > offset
                for partition, offset in positions.items()
            )

    def read(self, topic: str, partition: int, offset: int, max_records: int, max_bytes: int) -> Batch:
        """See `Broker.read`."""
        offset = min(max(offset, 0), sql.MAX_OFFSET)
        with self._pool.snapshot() as connection:
            table = find_topic(connection, topic).table(partition)
            rows = sql.rows_from(connection, table, offset, max_records, max_bytes)
        if not rows:
            return Batch.consecutive(partition, offset, record_batch([]))
        records = _decode_until_damage(rows, lambda row: self._damage(topic, partition, row))
        batch = Batch.consecutive(partition, rows[0].base, records, lost=max(rows[0].base - offset, 0))
        return _cut(batch, offset, max_records, max_bytes)

    def offset_at(self, topic: str, partition: int, timestamp: int, start: int) -> int:
        """See `Broker.offset_at`."""
        start = min(max(start, 0), sql.MAX_OFFSET)
        timestamp = min(max(timestamp, sql.MIN_TIMESTAMP), sql.MAX_OFFSET)
        while True:
            with self._pool.snapshot() as connection:
                table = find_topic(connection, topic).table(partition)
                row = sql.row_stamped(connection, table, start, timestamp)
                if row is None:
                    return sql.end_offset(connection, table)
            try:
                stamps = decode(row).column("timestamp").to_numpy()
            except DamagedPayloadError:
                return max(row.base, start)
            first = max(start - row.base, 0)
            found = np.flatnonzero(stamps[first:] >= timestamp)
            if len(found):
                return row.base + first + int(found[0])
            # Those at or after the time come before `start` in their batch.
            start = row.base + row.count

    def _damage(self, topic: str, partition: int, row: Row) -> DamagedBatchError:
        with self._pool.snapshot() as connection:
            table = find_topic(connection, topic).table(partition)
            following = sql.next_base(connection, table, row.base)
        return DamagedBatchError(topic, partition, row.base, following or row.base + row.count)


def _decode_until_damage(rows: list[Row], damage: Callable[[Row], DamagedBatchError]) -> pa.RecordBatch:
    batches: list[pa.RecordBatch] = []
    for row in rows:
        try:
            batches.append(decode(row))
        except DamagedPayloadError as error:
            if batches:
                break
            raise damage(row) from error
    return joined(batches)


def _cut(batch: Batch, offset: int, max_records: int, max_bytes: int) -> Batch:
    """The records at and after `offset`, within the limits but at least one."""
    start = batch.index_of(offset)
    stop = min(len(batch), start + max(max_records, 1))
    if batch.records.nbytes > max_bytes:
        sizes = np.cumsum(record_sizes(batch.records.slice(start, stop - start)))
        stop = start + max(int(np.searchsorted(sizes, max_bytes, "right")), 1)
    return batch.slice(start, stop)
