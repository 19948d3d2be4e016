"""Making a database again of what SQLite can still read of a damaged one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from engine.broker.sqlite.database import Database
from engine.broker.sqlite.tables.schema import POSITIONS, POSITIONS_TABLE, log_id, transaction
from engine.broker.sqlite.tables.topic_table import (
    insert_topic,
    live_topics,
    raise_last_topic_id,
    stored_options,
    table_of,
)
from engine.files import create_folder

_ROWS = 256  # in one transaction


def salvage(database: Database, copy: Path, building: Path) -> None:
    """Put a new database in the place of a damaged one, of which `copy` has the files; `sqlite3.Error`.

    It is made in the folder `building`. Rows that cannot be read are left out: the end mark and the offsets
    of the others tell which they were.
    """
    create_folder(building)
    made = Database(building)
    with (
        closing(Database(copy).connect_without_changing(wal=True)) as damaged,
        closing(made.open_or_create(log_id(damaged))) as new,
    ):
        _copy_topics(damaged, new)
    with database.exclusive():
        for path in (database.wal, database.path.with_name(f"{database.path.name}-shm")):
            path.unlink(missing_ok=True)
        made.path.replace(database.path)
    building.rmdir()


def _copy_topics(damaged: sqlite3.Connection, new: sqlite3.Connection) -> None:
    for topic in live_topics(damaged):
        number = int(topic.id)
        with transaction(new):
            options = stored_options(damaged, number)
            insert_topic(new, topic.name, topic.partitions, options, number)
        for partition in range(topic.partitions):
            _copy_rows(damaged, new, table_of(topic, partition))
    with suppress(sqlite3.DatabaseError), transaction(new):
        (last,) = damaged.execute("SELECT seq FROM sqlite_sequence WHERE name = 'topics'").fetchone() or (0,)
        raise_last_topic_id(new, last)
    with suppress(sqlite3.DatabaseError), transaction(new):
        saved = damaged.execute(f"SELECT * FROM {POSITIONS}").fetchall()
        new.execute(POSITIONS_TABLE)
        new.executemany(f"INSERT INTO {POSITIONS} VALUES (?, ?, ?, ?, ?)", saved)


def _copy_rows(damaged: sqlite3.Connection, new: sqlite3.Connection, table: str) -> None:
    rows = _readable_rows(damaged, table)
    more = True
    while more:
        more = False
        with transaction(new):
            for _, row in zip(range(_ROWS), rows, strict=False):
                new.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
                more = True


def _readable_rows(damaged: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...]]:
    position: int | None = 0
    while position is not None:
        try:
            row = _row_from(damaged, table, position)
        except sqlite3.DatabaseError:
            position = _beyond(damaged, table, position)
            continue
        if row is None:
            return
        yield row
        position = row[0] + 1


def _row_from(damaged: sqlite3.Connection, table: str, position: int) -> tuple[Any, ...] | None:
    query = f"SELECT * FROM {table} WHERE base >= ? ORDER BY base LIMIT 1"
    found: tuple[Any, ...] | None = damaged.execute(query, (position,)).fetchone()
    return found


def _beyond(damaged: sqlite3.Connection, table: str, position: int) -> int | None:
    """The nearest offset after a place that cannot be read; None if nothing is readable there."""
    bad, step = position, 1
    while not _readable(damaged, table, bad + step):
        bad, step = bad + step, step * 2
        if bad + step >= 2**62:
            return None
    good = bad + step
    while good - bad > 1:
        middle = (bad + good) // 2
        good, bad = (middle, bad) if _readable(damaged, table, middle) else (good, middle)
    return good


def _readable(damaged: sqlite3.Connection, table: str, position: int) -> bool:
    try:
        _row_from(damaged, table, position)
    except sqlite3.DatabaseError:
        return False
    return True
