"""The format on disk: its version, its tables, and the id of a log."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

APPLICATION_ID = 0x464C5654  # "FLVT"
VERSION = 2
"""Raised if older programs can no longer read or write the log; not for new tables.

Format 1 has no id, and checksums that are not bound to the place of a row. Opening makes it format 2.
"""
_TABLES = """
CREATE TABLE topics (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    partitions INTEGER NOT NULL,
    created INTEGER NOT NULL,
    codec TEXT NOT NULL,
    retention_bytes INTEGER,
    retention_ms INTEGER,
    schema BLOB NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX live_topics ON topics (name) WHERE deleted = 0;
"""
PARTITION_TABLE = """
CREATE TABLE {table} (
    base INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    first_timestamp INTEGER NOT NULL,
    greatest_timestamp INTEGER NOT NULL,
    position INTEGER NOT NULL,
    codec TEXT NOT NULL,
    raw_length INTEGER NOT NULL,
    crc32 INTEGER NOT NULL,
    payload BLOB NOT NULL
)
"""
"""One batch per row. `position`: payload bytes of all batches ever stored before it in the partition, so that
sizes need no sum. The payload is last: the columns before it are read without its pages."""

_LOG_TABLE = "CREATE TABLE log (id BLOB NOT NULL); INSERT INTO log VALUES (x'{id}');"
"""One row: the log's id."""
ID_BYTES = 16

POSITIONS = "positions"
POSITIONS_TABLE = f"""
CREATE TABLE IF NOT EXISTS {POSITIONS} (
    topic INTEGER NOT NULL,
    consumer TEXT NOT NULL,
    partition INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    committed INTEGER NOT NULL,
    PRIMARY KEY (topic, consumer, partition)
) WITHOUT ROWID
"""
"""Positions of named consumers; created with the first one. `topic` is a topic's id, so that another topic of
the same name has its own."""

STATES = "states"
STATES_TABLE = f"""
CREATE TABLE IF NOT EXISTS {STATES} (
    topic INTEGER NOT NULL,
    consumer TEXT NOT NULL,
    partition INTEGER NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (topic, consumer, partition)
)
"""
"""What consumers keep with their positions; created with the first one."""


def partition_table(topic_id: int, partition: int) -> str:
    """The name of a partition's table."""
    return f"batches_{topic_id}_{partition}"


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction that writes from its start, undone if the block raises. Hold the write lock."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether nothing has been created yet, or creation was interrupted."""
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return tables == 0 and pragma(connection, "application_id") == pragma(connection, "user_version") == 0


def create_tables(connection: sqlite3.Connection, new_id: bytes) -> None:
    """In an empty database, whose log gets this id."""
    connection.executescript(
        f"BEGIN IMMEDIATE; {_TABLES} {_LOG_TABLE.format(id=new_id.hex())}"
        f" PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; COMMIT;"
    )


def upgrade(connection: sqlite3.Connection, new_id: bytes) -> None:
    """From format 1, whose log gets this id."""
    connection.executescript(
        f"BEGIN IMMEDIATE; {_LOG_TABLE.format(id=new_id.hex())} PRAGMA user_version = {VERSION}; COMMIT;"
    )


def log_id(connection: sqlite3.Connection) -> bytes:
    """The random bytes that tell this log from every other one; empty if they are damaged."""
    found = connection.execute("SELECT id FROM log").fetchone()
    valid = found and isinstance(found[0], bytes) and len(found[0]) == ID_BYTES
    return found[0] if valid else b""


def restore_log_id(connection: sqlite3.Connection, log: bytes) -> None:
    """Put the id back where it is damaged. Batches are bound to it: a wrong one would show."""
    with transaction(connection):
        connection.execute("DELETE FROM log")
        connection.execute("INSERT INTO log VALUES (?)", (log,))


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    """Whether a table of that name exists."""
    query = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?"
    return connection.execute(query, (name,)).fetchone() is not None


def pragma(connection: sqlite3.Connection, name: str) -> int:
    """A setting that is a number."""
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)
