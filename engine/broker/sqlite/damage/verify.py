"""Finding acknowledged records that a log has lost, and rows that are not what was written."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from engine.broker.sqlite.damage.end_mark import MarkedEnd
from engine.broker.sqlite.tables import partition_table as sql
from engine.broker.sqlite.tables.codec import MISSING, DamagedPayloadError, Row, check
from engine.broker.sqlite.tables.topic_table import last_topic_id, live_topics, table_of
from engine.broker.topics import Topic
from engine.errors import DamagedBatchError

Ends = Mapping[tuple[int, int], MarkedEnd]
"""By topic and partition."""

UNREADABLE = sql.MAX_OFFSET
_READ_RECORDS = 1 << 20
_READ_BYTES = 16 << 20


def held_ends(connection: sqlite3.Connection) -> dict[tuple[int, int], MarkedEnd]:
    """The end of each partition that the log has; `UNREADABLE` where the database is damaged."""
    return {
        (int(topic.id), partition): MarkedEnd(
            topic=int(topic.id),
            name=topic.name,
            partition=partition,
            end=_end(connection, table_of(topic, partition)),
        )
        for topic in live_topics(connection)
        for partition in range(topic.partitions)
    }


def _end(connection: sqlite3.Connection, table: str) -> int:
    try:
        return sql.end_offset(connection, table)
    except sqlite3.DatabaseError as error:  # the other partitions are read all the same
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        return UNREADABLE


def lost_ends(connection: sqlite3.Connection, held: Ends, marked: Sequence[MarkedEnd]) -> list[MarkedEnd]:
    """The acknowledged ends that the log does not reach.

    A topic that is not there is one that was deleted, unless its number was never given out.
    """
    last = last_topic_id(connection)
    topics = {topic for topic, _ in held}
    lost = []
    for mark in marked:
        has = held.get((mark.topic, mark.partition))
        if has is None:
            if mark.end >= 0 and mark.topic > last and mark.topic not in topics:
                lost.append(mark)
        elif mark.end > has.end:
            lost.append(mark)
    return lost


def missing(held: Ends, lost: Sequence[MarkedEnd]) -> list[DamagedBatchError]:
    """The records before ends that were lost."""
    found = []
    for mark in lost:
        has = held.get((mark.topic, mark.partition))
        start = 0 if has is None else has.end
        if start < mark.end:
            found.append(DamagedBatchError(mark.name, mark.partition, start, mark.end, "missing"))
    return found


def damaged_rows(
    connection: sqlite3.Connection, topic: Topic, partition: int, start: int
) -> tuple[list[DamagedBatchError], int | None]:
    """What is wrong with some rows from an offset on, and the offset to continue at; None at the end.

    Offsets that no row has are missing, since rows follow each other without a gap.
    """
    table = table_of(topic, partition)
    rows = sql.rows_from(connection, table, start, _READ_RECORDS, _READ_BYTES)
    if not rows:
        return [], None
    following = sql.next_base(connection, table, rows[-1].base)
    bases = [row.base for row in rows] + [_stop(rows[-1]) if following is None else following]
    found = []
    for row, (base, stop) in zip(rows, pairwise(bases), strict=True):
        what = _state(row)
        end = stop if what else _stop(row)
        if what:
            found.append(DamagedBatchError(topic.name, partition, base, stop, what))
        if end < stop:
            found.append(DamagedBatchError(topic.name, partition, end, stop, "missing"))
    return found, following


def _stop(row: Row) -> int:
    """The offset after a row's records; in a damaged one any later offset."""
    return row.base + max(row.count, 1) if isinstance(row.count, int) else row.base + 1


def _state(row: Row) -> str:
    try:
        check(row)
    except DamagedPayloadError:
        return "damaged"
    return "missing" if row.codec == MISSING else ""


def all_damage(connection: sqlite3.Connection, marked: Sequence[MarkedEnd]) -> list[DamagedBatchError]:
    """Everything that is missing or damaged, in one snapshot."""
    held = held_ends(connection)
    found = missing(held, lost_ends(connection, held, marked))
    for topic in live_topics(connection):
        for partition in range(topic.partitions):
            position: int | None = sql.offsets(connection, table_of(topic, partition)).start
            while position is not None:
                damage, position = damaged_rows(connection, topic, partition, position)
                found += damage
    return found


def described(damage: Sequence[DamagedBatchError]) -> str:
    """What is missing or damaged as one clause, by topic and partition."""
    groups: dict[tuple[str, int, str], list[str]] = defaultdict(list)
    for one in damage:
        groups[one.topic, one.partition, one.what].append(f"{one.start} to {one.stop - 1}")
    return "; ".join(
        f"records {', '.join(ranges)} of topic '{topic}', partition {partition}, are {what}"
        for (topic, partition, what), ranges in groups.items()
    )
