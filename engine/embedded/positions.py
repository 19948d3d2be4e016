"""The table of named consumers' positions. It is made when the first is kept: until then it is not there."""

import sqlite3
from collections.abc import Mapping

from engine.embedded.partition import end_offset
from engine.embedded.topics import StoredTopic, all_topics
from engine.positions import KeptPosition
from engine.records import now_ms

_TABLE = """
CREATE TABLE IF NOT EXISTS positions (
    topic INTEGER NOT NULL,
    consumer TEXT NOT NULL,
    partition INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    committed INTEGER NOT NULL,
    PRIMARY KEY (topic, consumer, partition)
) WITHOUT ROWID
"""
"""`topic` is the topic's id, so that another topic of the same name begins anew."""


def keep(
    connection: sqlite3.Connection, topic: StoredTopic, consumer: str, positions: Mapping[int, int]
) -> None:
    """Keep the next offset of each partition, inside the caller's transaction."""
    connection.execute(_TABLE)
    now = now_ms()
    connection.executemany(
        "INSERT OR REPLACE INTO positions (topic, consumer, partition, offset, committed)"
        " VALUES (?, ?, ?, ?, ?)",
        [(topic.id, consumer, partition, offset, now) for partition, offset in positions.items()],
    )


def kept(connection: sqlite3.Connection, topic: StoredTopic, consumer: str) -> dict[int, int]:
    """The next offset of each partition that has a kept position."""
    if not _is_there(connection):
        return {}
    query = "SELECT partition, offset FROM positions WHERE topic = ? AND consumer = ? ORDER BY partition"
    return dict(connection.execute(query, (topic.id, consumer)).fetchall())


def all_kept(connection: sqlite3.Connection) -> list[KeptPosition]:
    """Every position in a topic that has not been deleted, by consumer, topic and partition."""
    if not _is_there(connection):
        return []
    topics = {topic.id: topic for topic in all_topics(connection)}
    rows = connection.execute(
        "SELECT topic, consumer, partition, offset, committed FROM positions"
    ).fetchall()
    found = [
        KeptPosition(
            consumer,
            topics[topic].topic.name,
            partition,
            offset,
            end_offset(connection, topics[topic].table(partition)),
            committed,
        )
        for topic, consumer, partition, offset, committed in rows
        if topic in topics
    ]
    return sorted(found, key=lambda one: (one.consumer, one.topic, one.partition))


def forget(connection: sqlite3.Connection, topic: StoredTopic, consumer: str | None = None) -> bool:
    """Delete the positions in a topic, of one consumer or of all; whether there were any."""
    if not _is_there(connection):
        return False
    query = "DELETE FROM positions WHERE topic = ? AND consumer = coalesce(?, consumer)"
    cursor = connection.execute(query, (topic.id, consumer))
    return cursor.rowcount > 0


def _is_there(connection: sqlite3.Connection) -> bool:
    query = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'positions'"
    return connection.execute(query).fetchone() is not None
