"""Named consumers: whoever runs one has it alone, and keeps where it stopped."""

import logging
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from engine.broker.named_consumers import Claim, NamedConsumers, SavedPosition
from engine.broker.sqlite import position_table as sql
from engine.broker.sqlite.errors import storage_errors
from engine.broker.sqlite.read_pool import ReadPool
from engine.broker.sqlite.schema import Database
from engine.broker.sqlite.topic_table import StoredTopic, check_name, find_topic, is_live, unknown_topic
from engine.broker.sqlite.writer import Writer
from engine.errors import ConsumerInUseError, UnknownConsumerError, did_you_mean
from engine.file_lock import FileLock

_LOG = logging.getLogger(__name__)


class EmbeddedClaim(Claim):
    """A `Claim` in the embedded log."""

    def __init__(
        self, pool: ReadPool, writer: Writer, lock: FileLock, topic: StoredTopic, consumer: str
    ) -> None:
        """`lock` is held, and the claim's from now on."""
        self._pool = pool
        self._writer = writer
        self._lock = lock
        self._topic = topic
        self._consumer = consumer

    def positions(self) -> dict[int, int]:
        """See `Claim.positions`."""
        with self._pool.snapshot() as connection:
            return sql.kept(connection, self._topic, self._consumer)

    def commit(self, positions: Mapping[int, int]) -> None:
        """See `Claim.commit`."""

        def keep(connection: sqlite3.Connection) -> None:
            if not is_live(connection, self._topic):
                raise unknown_topic(self._topic.topic.name, [])
            sql.keep(connection, self._topic, self._consumer, positions)

        self._writer.run(keep)
        _LOG.debug("consumer %s of topic %s goes on at %s", self._consumer, self._topic.topic.name, positions)

    def close(self) -> None:
        """Let another one have it; once only."""
        with suppress(OSError):  # an empty file stays, and is used again
            self._lock.remove()
        self._lock.close()


class EmbeddedConsumers(NamedConsumers):
    """The `NamedConsumers` of an embedded log."""

    def __init__(self, database: Database, pool: ReadPool, writer: Writer) -> None:
        self._database = database
        self._pool = pool
        self._writer = writer

    def claim(self, consumer: str, topic: str) -> EmbeddedClaim:
        """See `NamedConsumers.claim`."""
        check_name(consumer, "consumer")
        with self._pool.snapshot() as connection:
            stored = find_topic(connection, topic)
        return self._claim(consumer, stored)

    def _claim(self, consumer: str, topic: StoredTopic) -> EmbeddedClaim:
        with storage_errors(self._database.folder):
            lock = _locked(self._database.consumer_lock(topic.id, consumer))
        if lock is None:
            raise ConsumerInUseError(
                f"consumer '{consumer}' is running already on topic '{topic.topic.name}'",
                "end the other one first, or choose another name",
            )
        return EmbeddedClaim(self._pool, self._writer, lock, topic, consumer)

    def saved_positions(self) -> list[SavedPosition]:
        """See `NamedConsumers.saved_positions`."""
        with self._pool.snapshot() as connection:
            return sql.all_kept(connection)

    def delete_positions(self, consumer: str, topic: str | None = None) -> list[str]:
        """See `NamedConsumers.delete_positions`."""
        with self._pool.snapshot() as connection:
            every = sql.all_kept(connection)
            if topic is not None:
                find_topic(connection, topic)  # an unknown topic is told as one
        topics = sorted({kept.topic for kept in every if kept.consumer == consumer})
        if not topics:
            raise _unknown_consumer(consumer, sorted({kept.consumer for kept in every}))
        if topic is not None and topic not in topics:
            elsewhere = " and ".join(f"'{name}'" for name in topics)
            message = f"no saved position for consumer '{consumer}' in topic '{topic}'"
            raise UnknownConsumerError(message, f"there is one in {elsewhere}")
        chosen = topics if topic is None else [topic]
        for name in chosen:
            self._delete(consumer, name)
        return chosen

    def _delete(self, consumer: str, topic: str) -> None:
        with self._pool.snapshot() as connection:
            stored = find_topic(connection, topic)
        with self._claim(consumer, stored):
            self._writer.run(lambda connection: sql.forget(connection, stored, consumer), frees=True)


def _locked(path: Path) -> FileLock | None:
    """The lock on a file, taken; None where another one holds it."""
    while True:
        lock = FileLock(path)
        taken = lock.try_acquire()
        if taken and not lock.is_removed():  # by who held it, after this one had opened it
            return lock
        lock.close()
        if not taken:
            return None


def _unknown_consumer(name: str, names: list[str]) -> UnknownConsumerError:
    message = f"no saved position for consumer '{name}'"
    return UnknownConsumerError(message, did_you_mean(name, names), subject=name)
