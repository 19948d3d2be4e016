"""Opening a log: what it has lost is noticed and recorded before anything else is written."""

import logging
import os
import sqlite3
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from math import inf

from engine.broker.sqlite.damage.end_mark import DELETED, EndMark, MarkedEnd, Marks
from engine.broker.sqlite.damage.verify import (
    UNREADABLE,
    Ends,
    all_damage,
    described,
    held_ends,
    lost_ends,
    missing,
)
from engine.broker.sqlite.database import Database
from engine.broker.sqlite.tables import partition_table as sql
from engine.broker.sqlite.tables import position_table as positions
from engine.broker.sqlite.tables.codec import MISSING, stand_in
from engine.broker.sqlite.tables.schema import ID_BYTES, log_id, restore_log_id, transaction
from engine.broker.sqlite.tables.topic_table import (
    insert_topic,
    last_topic_id,
    live_topics,
    mark_deleted,
    raise_last_topic_id,
    table_of,
)
from engine.broker.sqlite.wal import NO_SALTS, salts_of
from engine.broker.topics import Topic, TopicOptions
from engine.errors import DamagedBatchError, ForeignLogError

_LOG = logging.getLogger(__name__)

_UNREADABLE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
"""Codes of damage to the database, not of a disk or a lock that fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedLog:
    """A log that is ready to be written."""

    connection: sqlite3.Connection
    mark: EndMark
    damage: tuple[str, ...]
    """What was found missing, a clause each: the next opening does not say it again."""


def open_log(database: Database) -> OpenedLog:
    """Open the log, which is created if necessary, and record what it has lost; `BrokerError`.

    Offsets that were acknowledged stay taken: a row stands for them, whose reading is `DamagedBatchError`.
    """
    with database.exclusive(), ExitStack() as undo:
        mark = EndMark(database.commits)
        undo.callback(mark.close)
        known = mark.read()
        found = []
        if known is not None and _wal_is_foreign(database, known):
            found.append(_set_aside(database))
        new_id = os.urandom(ID_BYTES) if known is None else known.log
        connection = undo.enter_context(closing(database.open_or_create(new_id)))
        if not log_id(connection):
            restore_log_id(connection, new_id)
        own = log_id(connection) == new_id
        if known is not None and not own:
            raise foreign_log(database, known)
        damage = [] if known is None else _record_losses(connection, known.ends)
        if damage:
            found.append(f"the log in {database.folder} has lost acknowledged records: {described(damage)}")
        if (known is None and not own) or (known is not None and known.damaged):
            found.append(f"{database.commits} is missing or damaged: what was lost before now is unknown")
        with suppress(OSError):  # a full disk: the next opening or commit does it
            if known is None or known.damaged:
                mark.begin(log_id(connection), salts_of(database.wal))
            _complete(mark, connection, salts_of(database.wal))
        undo.pop_all()
    for line in found:
        _LOG.warning("%s", line)
    return OpenedLog(connection=connection, mark=mark, damage=tuple(found))


def foreign_log(database: Database, known: Marks) -> ForeignLogError:
    """The error if the log is not the one that the mark is about."""
    lost = [
        DamagedBatchError(mark.name, mark.partition, 0, mark.end, "missing")
        for mark in known.ends
        if mark.end > 0
    ]
    return ForeignLogError(
        f"the log in {database.folder} is not the one that was written there"
        + (f": {described(lost)}" if lost else ""),
        "put its own files log.db and log.db-wal back",
    )


def _wal_is_foreign(database: Database, known: Marks) -> bool:
    """Whether the write-ahead log is of another log, or of an earlier time: less is lost without it.

    SQLite would write it into the database. Only if it is not the one of the last commit is there any doubt;
    where a process was killed after its first commit, everything is read to be sure.
    """
    if salts_of(database.wal) in (NO_SALTS, known.salts) or not database.path.exists():
        return False
    return _lost(database, known, wal=False) < _lost(database, known, wal=True)


def _lost(database: Database, known: Marks, *, wal: bool) -> float:
    """How many acknowledged records are missing or damaged; infinite if it is another log, or unreadable."""
    try:
        with closing(database.connect_without_changing(wal=wal)) as connection:
            if log_id(connection) != known.log:
                return inf
            return sum(damage.stop - damage.start for damage in all_damage(connection, known.ends))
    except sqlite3.Error as error:
        if error.sqlite_errorcode & 0xFF in _UNREADABLE:
            return inf
        raise


def _set_aside(database: Database) -> str:
    kept = database.wal.with_name(f"{database.wal.name}.{time.strftime('%Y%m%dT%H%M%S')}")
    database.wal.rename(kept)
    return f"the file {database.wal} is not of this log: it was not used, and is kept as {kept.name}"


def _record_losses(connection: sqlite3.Connection, marked: Sequence[MarkedEnd]) -> list[DamagedBatchError]:
    """Let rows stand for the records that are missing, and delete again what was deleted; what is missing."""
    held = held_ends(connection)
    undeleted = _undeleted(held, marked)
    lost = lost_ends(connection, held, marked)
    newest = max((mark.topic for mark in marked), default=0)
    if not undeleted and not lost and newest <= last_topic_id(connection):
        return []
    with transaction(connection):
        for name in undeleted:
            positions.forget(connection, mark_deleted(connection, name))
        for topic in _lost_topics(connection, lost):
            insert_topic(connection, topic.name, topic.partitions, TopicOptions(), number=int(topic.id))
        tables = {topic.id: topic for topic in live_topics(connection)}
        found = missing(held, lost)
        for mark, damage in zip([m for m in lost if m.end > 0], found, strict=True):
            restored = tables.get(f"{mark.topic}")
            if restored is not None:
                table = table_of(restored, mark.partition)
                sql.insert(connection, table, [stand_in(damage.stop - damage.start, MISSING)])
        raise_last_topic_id(connection, newest)
    return found


def _undeleted(held: Ends, marked: Sequence[MarkedEnd]) -> set[str]:
    """The topics that are there again: deleted, or followed by another one of the same name."""
    deleted = {mark.topic for mark in marked if mark.end == DELETED}
    newest: dict[str, int] = defaultdict(int)
    for mark in marked:
        if mark.end >= 0:
            newest[mark.name] = max(newest[mark.name], mark.topic)
    return {end.name for end in held.values() if end.topic in deleted or end.topic < newest[end.name]}


def _lost_topics(connection: sqlite3.Connection, lost: Sequence[MarkedEnd]) -> list[Topic]:
    """The topics to create again: those whose creation was lost, but for their options."""
    live = live_topics(connection)
    numbers, names = {topic.id for topic in live}, {topic.name for topic in live}
    partitions: dict[tuple[str, str], int] = defaultdict(int)
    for mark in lost:
        key = f"{mark.topic}", mark.name
        partitions[key] = max(partitions[key], mark.partition + 1)
    return [
        Topic(name=name, partitions=count, id=number, created=None)
        for (number, name), count in partitions.items()
        if number not in numbers and name not in names
    ]


def _complete(mark: EndMark, connection: sqlite3.Connection, salts: bytes) -> None:
    """Make the mark that of the log: a process may have been killed before it wrote it; `OSError`."""
    held = held_ends(connection)
    marks = mark.read()
    known = {(one.topic, one.partition): one for one in marks.ends if one.end != DELETED} if marks else {}
    found = {key: end for key, end in held.items() if end.end != UNREADABLE}
    mark.reserve([end for key, end in found.items() if key not in known])
    changed = [end for key, end in found.items() if key in known and known[key] != end]
    changed += [replace(end, end=DELETED) for key, end in known.items() if key not in held]
    if changed:
        mark.committed(salts, changed)
    mark.follow(salts)
