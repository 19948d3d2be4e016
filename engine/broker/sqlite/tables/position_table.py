"""The SQL on the positions of named consumers, and on what they keep with them."""

import sqlite3
from collections.abc import Mapping

from engine.broker.named_consumers import SavedPosition, States
from engine.broker.sqlite.tables.partition_table import end_offset
from engine.broker.sqlite.tables.schema import POSITIONS, POSITIONS_TABLE, STATES, STATES_TABLE, has_table
from engine.broker.sqlite.tables.topic_table import StoredTopic, all_topics
from engine.records.batch import now_ms


def save(
    connection: sqlite3.Connection,
    topic: StoredTopic,
    consumer: str,
    positions: Mapping[int, int],
    states: States,
) -> None:
    """Save the next offset and the state of each partition, inside the caller's transaction."""
    connection.execute(POSITIONS_TABLE)
    now = now_ms()
    rows = [(topic.id, consumer, partition, offset, now) for partition, offset in positions.items()]
    connection.executemany(f"INSERT OR REPLACE INTO {POSITIONS} VALUES (?, ?, ?, ?, ?)", rows)
    if states:
        connection.execute(STATES_TABLE)
    elif not has_table(connection, STATES):
        return
    query = f"DELETE FROM {STATES} WHERE topic = ? AND consumer = ? AND partition = ?"
    connection.executemany(query, [(topic.id, consumer, partition) for partition in positions])
    kept = [(topic.id, consumer, partition, state) for partition, state in states.items()]
    connection.executemany(f"INSERT OR REPLACE INTO {STATES} VALUES (?, ?, ?, ?)", kept)


def states(connection: sqlite3.Connection, topic: StoredTopic, consumer: str) -> dict[int, bytes]:
    """What was saved with the position of each partition."""
    if not has_table(connection, STATES):
        return {}
    query = f"SELECT partition, state FROM {STATES} WHERE topic = ? AND consumer = ?"
    return dict(connection.execute(query, (topic.id, consumer)).fetchall())


def saved(connection: sqlite3.Connection, topic: StoredTopic, consumer: str) -> dict[int, int]:
    """The next offset of each partition that has a saved position."""
    if not has_table(connection, POSITIONS):
        return {}
    query = f"SELECT partition, offset FROM {POSITIONS} WHERE topic = ? AND consumer = ? ORDER BY partition"
    return dict(connection.execute(query, (topic.id, consumer)).fetchall())


def all_saved(connection: sqlite3.Connection) -> list[SavedPosition]:
    """All positions in topics that are not deleted, by consumer, topic and partition."""
    if not has_table(connection, POSITIONS):
        return []
    topics = {topic.id: topic for topic in all_topics(connection)}
    query = f"SELECT topic, consumer, partition, offset, committed FROM {POSITIONS}"
    found = [
        SavedPosition(
            consumer=consumer,
            topic=topics[topic].topic.name,
            partition=partition,
            offset=offset,
            end=end_offset(connection, topics[topic].table(partition)),
            committed=committed,
        )
        for topic, consumer, partition, offset, committed in connection.execute(query).fetchall()
        if topic in topics
    ]
    return sorted(found, key=lambda one: (one.consumer, one.topic, one.partition))


def forget(connection: sqlite3.Connection, topic: StoredTopic, consumer: str | None = None) -> bool:
    """Delete what is saved of one consumer in a topic, or of all; whether there were positions."""
    if not has_table(connection, POSITIONS):
        return False
    tables = [table for table in (STATES, POSITIONS) if has_table(connection, table)]
    query = "DELETE FROM {} WHERE topic = ? AND consumer = coalesce(?, consumer)"
    counts = [connection.execute(query.format(table), (topic.id, consumer)).rowcount for table in tables]
    return counts[-1] > 0
