"""The SQL on one partition's table. Every lookup goes by the primary key, however large the table."""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from engine.broker.sqlite.tables.codec import Payload, Row, checksum
from engine.broker.sqlite.tables.schema import log_id
from engine.broker.topics import OffsetRange, TopicOptions

READ_ROWS = 1024
"""Rows that one read decodes at most: rows of one record take 20 µs each."""

MAX_OFFSET = 2**63 - 1
"""The largest integer of SQLite."""
MIN_TIMESTAMP = -(2**63)

_STORED = "base, count, first_timestamp, greatest_timestamp, codec, raw_length, crc32, payload"
_COLUMNS = f"{_STORED}, (SELECT id FROM log)"
# A damaged column may hold anything.
_STOP = "CAST(base + coalesce(count, 0) AS INTEGER)"
_STORED_BYTES = "CAST(coalesce(position + length(payload), 0) AS INTEGER)"
_DELETE_ROWS = 64  # rows that one transaction deletes, so that none is long
_LOG = logging.getLogger(__name__)


def clamped(offset: int) -> int:
    """The nearest offset that a partition can have."""
    return min(max(offset, 0), MAX_OFFSET)


def _end(connection: sqlite3.Connection, table: str) -> tuple[int, int]:
    """The offset of the next batch, and the payload bytes ever stored; neither ever goes back."""
    query = f"SELECT {_STOP}, {_STORED_BYTES} FROM {table} ORDER BY base DESC LIMIT 1"
    return connection.execute(query).fetchone() or (0, 0)  # the last row is never deleted


def end_offset(connection: sqlite3.Connection, table: str) -> int:
    """The offset after the last record's."""
    return _end(connection, table)[0]


def offsets(connection: sqlite3.Connection, table: str) -> OffsetRange:
    """The offsets that the table holds."""
    row = connection.execute(f"SELECT base FROM {table} ORDER BY base LIMIT 1").fetchone()
    return OffsetRange(row[0] if row else 0, end_offset(connection, table))


def stored_bytes(connection: sqlite3.Connection, table: str) -> int:
    """Payload bytes of all batches that the table holds."""
    row = connection.execute(f"SELECT position FROM {table} ORDER BY base LIMIT 1").fetchone()
    return _end(connection, table)[1] - row[0] if row else 0


def insert(connection: sqlite3.Connection, table: str, payloads: list[Payload]) -> int:
    """Add batches at the end, in order, and return the first one's base offset."""
    first, position = _end(connection, table)
    _insert_at(connection, table, first, position, payloads)
    return first


def replace(connection: sqlite3.Connection, table: str, base: int, payload: Payload) -> None:
    """Put a batch in the place of those that begin at the offsets that it takes."""
    query = f"SELECT position FROM {table} WHERE base >= ? ORDER BY base LIMIT 1"
    (position,) = connection.execute(query, (base,)).fetchone() or (_end(connection, table)[1],)
    connection.execute(f"DELETE FROM {table} WHERE base BETWEEN ? AND ?", (base, base + payload.count - 1))
    _insert_at(connection, table, base, position, [payload])


def _insert_at(
    connection: sqlite3.Connection, table: str, base: int, position: int, payloads: list[Payload]
) -> None:
    place = _place(log_id(connection), table)
    rows = []
    for payload in payloads:
        stamps = payload.first_timestamp, payload.greatest_timestamp
        crc32 = checksum(payload.crc32, base, payload, place)
        stored = position, payload.codec, payload.raw_length, crc32, payload.data
        rows.append((base, payload.count, *stamps, *stored))
        base += payload.count
        position += len(payload.data)
    connection.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def rows_from(
    connection: sqlite3.Connection, table: str, offset: int, max_records: int, max_bytes: int
) -> list[Row]:
    """The row that holds `offset`, or the first one after it, and those that follow within the limits.

    `max_bytes` is of messages before compression. Payloads are read of no other rows.
    """
    found = connection.execute(
        f"SELECT base, base + count, CAST(raw_length AS INTEGER) FROM {table} WHERE base >= coalesce("
        f"(SELECT base FROM {table} WHERE base <= ? ORDER BY base DESC LIMIT 1), ?) ORDER BY base LIMIT ?",
        (offset, offset, READ_ROWS),
    )
    try:
        span = _span(found, offset, max_records, max_bytes)
    finally:
        found.close()  # an open statement would prevent a restart of the write-ahead log
    return _rows(connection, table, span)


def _rows(connection: sqlite3.Connection, table: str, span: tuple[int, int] | None) -> list[Row]:
    if span is None:
        return []
    query = f"SELECT {_COLUMNS} FROM {table} WHERE base BETWEEN ? AND ? ORDER BY base"
    return [_row(table, row) for row in connection.execute(query, span).fetchall()]


def _row(table: str, columns: Sequence[Any]) -> Row:
    return Row(*(*columns[:-1], _place(columns[-1], table)))


def _place(log: bytes, table: str) -> bytes:
    return log + table.encode()


def _span(
    found: Iterator[tuple[int, int, int]], offset: int, max_records: int, max_bytes: int
) -> tuple[int, int] | None:
    """The first and the last base offset of the rows to read; None at the end of the partition."""
    head = next(found, None)
    if head is None:
        return None
    first, stop, size = head
    last = first
    records = stop - max(first, offset)
    for base, stop_here, raw_length in found:
        records += stop_here - base
        size += raw_length
        if records > max_records or size > max_bytes:
            return first, last
        last = base
    # A row that ends before the offset although others follow has a wrong count: decoding finds that.
    return None if stop <= offset and first == last else (first, last)


def rows_before(
    connection: sqlite3.Connection, table: str, before: int, records: int, max_bytes: int
) -> list[Row]:
    """The last rows that begin before an offset, in order, with as many records before it; at least one row.

    Fewer where they have more than `max_bytes` before compression. Payloads are read of no other rows.
    """
    found = connection.execute(
        f"SELECT base, base + count, CAST(raw_length AS INTEGER) FROM {table} WHERE base < ?"
        " ORDER BY base DESC LIMIT ?",
        (before, records),
    )
    span = None
    size = 0
    try:
        for base, stop, raw_length in found:
            size += raw_length
            if span is not None and size > max_bytes:
                break
            span = (base, span[1] if span else base)
            records -= min(stop, before) - base
            if records <= 0:
                break
    finally:
        found.close()
    return _rows(connection, table, span)


def next_base(connection: sqlite3.Connection, table: str, base: int) -> int | None:
    """The base offset of the row after the one at `base`; None for the last row."""
    query = f"SELECT base FROM {table} WHERE base > ? ORDER BY base LIMIT 1"
    (following,) = connection.execute(query, (base,)).fetchone() or (None,)
    return following


def row_stamped(connection: sqlite3.Connection, table: str, start: int, timestamp: int) -> Row | None:
    """The first row, the one that holds offset `start` or a later one, with a record at or after a time.

    `timestamp` is in milliseconds since the epoch. Timestamps need not rise, so every row up to that one is
    looked at: a million rows of one record in 0.17 s, 10,000 of 200 kB in 0.02, since no payload is read.
    """
    query = (
        f"SELECT {_COLUMNS} FROM {table} WHERE base >= coalesce("
        f"(SELECT base FROM {table} WHERE base <= ? ORDER BY base DESC LIMIT 1), ?) "
        "AND greatest_timestamp >= ? AND base + count > ? ORDER BY base LIMIT 1"
    )
    row = connection.execute(query, (start, start, timestamp, start)).fetchone()
    return None if row is None else _row(table, row)


def trim(connection: sqlite3.Connection, table: str, before: int) -> bool:
    """Delete the oldest rows whose records are all before an offset, but never the last row.

    A limited number per call; whether there are more.
    """
    query = f"SELECT base, base + count FROM {table} ORDER BY base LIMIT ?"
    rows = connection.execute(query, (_DELETE_ROWS + 1,)).fetchall()
    old = [base for base, stop in rows[:-1] if stop <= before]
    if not old:
        return False
    connection.execute(f"DELETE FROM {table} WHERE base <= ?", (old[-1],))
    return len(old) == _DELETE_ROWS


def expired(connection: sqlite3.Connection, table: str, options: TopicOptions, now: int) -> int | None:
    """The offset before which retention deletes some of the oldest rows; None if it keeps all.

    `now` is in milliseconds since the epoch.
    """
    if options.retention_bytes is None and options.retention_ms is None:
        return None
    total = _end(connection, table)[1]
    columns = "base + count, position + length(payload), greatest_timestamp"
    query = f"SELECT {columns} FROM {table} ORDER BY base LIMIT ?"
    *rows, _last = connection.execute(query, (_DELETE_ROWS + 1,)).fetchall() or [None]
    before = None
    for stop, position, greatest in rows:
        too_many = options.retention_bytes is not None and total - position >= options.retention_bytes
        too_old = options.retention_ms is not None and greatest < now - options.retention_ms
        if not too_many and not too_old:
            break
        before = stop
    return before


def retain(connection: sqlite3.Connection, table: str, options: TopicOptions, now: int) -> None:
    """Delete some rows beyond the retention, oldest first, but never the last row."""
    before = expired(connection, table, options, now)
    if before is not None:
        _LOG.debug("retention: deleting before offset %d of %s", before, table)
        trim(connection, table, before)


def clear(connection: sqlite3.Connection, table: str) -> bool:
    """Delete some rows of a deleted topic, also the last one; whether there are more."""
    oldest = f"SELECT base FROM {table} ORDER BY base LIMIT ?"
    cursor = connection.execute(f"DELETE FROM {table} WHERE base IN ({oldest})", (_DELETE_ROWS,))
    return cursor.rowcount == _DELETE_ROWS
