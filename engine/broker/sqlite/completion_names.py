"""The names in a log, read in passing: for a shell's completion, which must be quick and change nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from engine.broker.sqlite.errors import storage_errors
from engine.broker.sqlite.schema import POSITIONS, Database, has_table


def topics_at_a_glance(folder: Path) -> dict[str, int]:
    """How many partitions each topic has, by the topic's name; empty where there is no log.

    Creates nothing and waits for nobody; `BrokerError` where the log cannot be read now.
    """
    with _in_passing(folder) as connection:
        if connection is None:
            return {}
        query = "SELECT name, partitions FROM topics WHERE deleted = 0 ORDER BY name"
        return dict(connection.execute(query).fetchall())


def consumers_at_a_glance(folder: Path) -> list[str]:
    """The names of consumers that have a position, in order; as with topics."""
    with _in_passing(folder) as connection:
        if connection is None or not has_table(connection, POSITIONS):
            return []
        query = (
            f"SELECT DISTINCT consumer FROM {POSITIONS} JOIN topics ON topics.id = topic WHERE deleted = 0 "
            "ORDER BY consumer"
        )
        return [name for (name,) in connection.execute(query).fetchall()]


@contextmanager
def _in_passing(folder: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection to the log; None where there is none."""
    database = Database(folder.absolute())
    with storage_errors(folder):
        if not database.path.exists():
            yield None
            return
        with closing(database.connect_in_passing()) as connection:
            yield connection
