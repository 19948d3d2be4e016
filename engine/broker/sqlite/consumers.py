"""Named consumers of the embedded broker: exclusive by a file lock, with positions in the database."""

import logging
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from engine.broker.log import Appended, NewRecords, Positions
from engine.broker.named_consumers import (
    NO_STATES,
    Claim,
    NamedConsumers,
    SavedPosition,
    States,
    chosen_topics,
)
from engine.broker.sqlite.database import Database
from engine.broker.sqlite.errors import storage_errors
from engine.broker.sqlite.log import EmbeddedLog
from engine.broker.sqlite.read_pool import ReadPool
from engine.broker.sqlite.tables import position_table as sql
from engine.broker.sqlite.tables.topic_table import StoredTopic, check_name, find_topic, is_live
from engine.broker.sqlite.writer import Writer
from engine.errors import ConsumerInUseError, DeletedTopicError
from engine.file_lock import FileLock

_LOG = logging.getLogger(__name__)


class EmbeddedClaim(Claim):
    """A `Claim` in the embedded log."""

    def __init__(
        self,
        pool: ReadPool,
        writer: Writer,
        log: EmbeddedLog,
        lock: FileLock,
        topic: StoredTopic,
        consumer: str,
    ) -> None:
        """`lock` is held, and belongs to the claim from now on."""
        self._log = log
        self._pool = pool
        self._writer = writer
        self._lock = lock
        self._topic = topic
        self._consumer = consumer

    def positions(self) -> dict[int, int]:
        with self._pool.snapshot() as connection:
            return sql.saved(connection, self._topic, self._consumer)

    def states(self) -> dict[int, bytes]:
        with self._pool.snapshot() as connection:
            return sql.states(connection, self._topic, self._consumer)

    def commit(self, positions: Positions, states: States = NO_STATES) -> None:
        self._writer.run(lambda connection: self._save(connection, positions, states))

    def append_and_commit(
        self, appends: Sequence[NewRecords], positions: Positions, states: States
    ) -> list[Appended]:
        return self._log.append_with(appends, lambda connection: self._save(connection, positions, states))

    def _save(self, connection: sqlite3.Connection, positions: Positions, states: States) -> None:
        if not is_live(connection, self._topic.topic):
            raise DeletedTopicError(self._topic.topic.name)
        sql.save(connection, self._topic, self._consumer, positions, states)
        _LOG.debug("consumer %s of topic %s is at %s", self._consumer, self._topic.topic.name, positions)

    def forget(self) -> None:
        """Delete the saved positions, also on a full disk."""
        self._writer.run(lambda connection: sql.forget(connection, self._topic, self._consumer), frees=True)

    def close(self) -> None:
        with suppress(OSError):  # an empty file may stay, and is used again
            self._lock.remove()
        self._lock.close()


class EmbeddedConsumers(NamedConsumers):
    """The `NamedConsumers` of an embedded log."""

    def __init__(self, database: Database, pool: ReadPool, writer: Writer, log: EmbeddedLog) -> None:
        self._log = log
        self._database = database
        self._pool = pool
        self._writer = writer

    def claim(self, consumer: str, topic: str) -> EmbeddedClaim:
        check_name(consumer, "consumer")
        with self._pool.snapshot() as connection:
            stored = find_topic(connection, topic)
        with storage_errors(self._database.folder):
            lock = _locked(self._database.consumer_lock(stored.id, consumer))
        if lock is None:
            raise ConsumerInUseError(
                f"consumer '{consumer}' is already running on topic '{topic}'",
                "stop the other one, or choose another name",
            )
        return EmbeddedClaim(self._pool, self._writer, self._log, lock, stored, consumer)

    def saved_positions(self) -> list[SavedPosition]:
        with self._pool.snapshot() as connection:
            return sql.all_saved(connection)

    def delete_positions(self, consumer: str, topic: str | None = None) -> Sequence[str]:
        with self._pool.snapshot() as connection:
            every = sql.all_saved(connection)
            if topic is not None:
                find_topic(connection, topic)  # raises if it is unknown
        topics = sorted({saved.topic for saved in every if saved.consumer == consumer})
        chosen = chosen_topics(consumer, topic, topics, lambda: {saved.consumer for saved in every})
        for name in chosen:
            with self.claim(consumer, name) as claim:
                claim.forget()
        return chosen


def _locked(path: Path) -> FileLock | None:
    """The lock on a file, acquired; None while it is held elsewhere."""
    while True:
        lock = FileLock(path)
        taken = lock.try_acquire()
        if taken and not lock.is_removed():  # by its last holder, after it was opened here
            return lock
        lock.close()
        if not taken:
            return None
