"""The names in a log, for shell completion: read fast, without a lock, and without changing anything."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from engine.broker.sqlite.database import Database
from engine.broker.sqlite.errors import storage_errors
from engine.broker.sqlite.tables.schema import POSITIONS, has_table


def partitions_by_topic(folder: Path) -> dict[str, int]:
    """The number of partitions of each topic; empty without a log. `BrokerError` if it cannot be read now."""
    with _connection(folder) as connection:
        if connection is None:
            return {}
        query = "SELECT name, partitions FROM topics WHERE deleted = 0 ORDER BY name"
        return dict(connection.execute(query).fetchall())


def consumer_names(folder: Path) -> list[str]:
    """The names of consumers that have a position, sorted; as with topics."""
    with _connection(folder) as connection:
        if connection is None or not has_table(connection, POSITIONS):
            return []
        joined = f"{POSITIONS} JOIN topics ON topics.id = topic"
        query = f"SELECT DISTINCT consumer FROM {joined} WHERE deleted = 0 ORDER BY consumer"
        return [name for (name,) in connection.execute(query).fetchall()]


@contextmanager
def _connection(folder: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection to the log; None if there is no log."""
    database = Database(folder.absolute())
    with storage_errors(folder):
        if not database.path.exists():
            yield None
            return
        with closing(database.connect_for_completion()) as connection:
            yield connection
