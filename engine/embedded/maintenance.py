"""What has to be done now and then: checkpoints, retention by age, giving space back to the disk."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from typing import TypeVar

from engine.embedded import partition as sql
from engine.embedded.ballast import Ballast
from engine.embedded.faults import storage_errors
from engine.embedded.lock import FileLock
from engine.embedded.schema import Database
from engine.embedded.topics import StoredTopic, all_topics, deleted_topics, forget_topic
from engine.embedded.transaction import transaction
from engine.errors import BrokerError
from engine.records import now_ms

CHECKPOINT_BYTES = 4 << 20
"""Size of the write-ahead log above which it is written back to the database and emptied."""
PERIOD_SECONDS = 2.0
"""How often retention by age is applied where nothing else happens."""

_BUSY_SECONDS = 0.02  # how long emptying the write-ahead log waits for readers while writers wait for it
_VACUUM_PAGES = 200  # pages given back in one step
_SPARE_PAGES = 1024  # free pages that are kept for the next appends
T = TypeVar("T")

_LOG = logging.getLogger(__name__)


class Maintainer:
    """A thread that looks after the log; of all processes on a folder one at a time does."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._elected = FileLock(database.maintenance_lock)
        self._writing = FileLock(database.write_lock)
        self._ballast = Ballast(database.ballast)
        self._due = threading.Event()
        self._stopping = False
        self._checkpoint_at = CHECKPOINT_BYTES
        self._thread = threading.Thread(target=self._run, name="log-maintenance", daemon=True)
        self._thread.start()

    def committed(self, wal_bytes: int) -> None:
        """Something was committed, which left the write-ahead log at this size."""
        if wal_bytes >= self._checkpoint_at:
            self._due.set()

    def wake(self) -> None:
        """There is something to clean up."""
        self._due.set()

    def close(self) -> None:
        """Finish the step in hand and end the thread; once only."""
        self._stopping = True
        self._due.set()
        self._thread.join()
        self._elected.close()
        self._writing.close()

    def _run(self) -> None:
        while True:
            self._due.wait(PERIOD_SECONDS)
            self._due.clear()
            if self._stopping:
                return
            if self._elected.try_acquire():
                try:
                    self._work()
                except BrokerError as error:  # nobody is waiting for this; the next round tries again
                    _LOG.info("maintenance: %s", error.message)
                finally:
                    self._elected.release()

    def _work(self) -> None:
        with storage_errors(self._database.folder), closing(self._database.connect()) as connection:
            self._checkpoint(connection)
            for topic in all_topics(connection):
                self._retain(connection, topic)
            for topic in deleted_topics(connection):
                self._remove(connection, topic)
            self._give_back(connection)
            if self._database.durable:
                self._ballast.restore()

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        size = self._database.wal.stat().st_size
        if size < CHECKPOINT_BYTES:
            self._checkpoint_at = CHECKPOINT_BYTES
            return
        started = time.perf_counter()
        # The bulk while others write and read; then, with the writers waiting, the little that came since.
        with suppress(sqlite3.OperationalError):  # a full disk: the second one has the room of the ballast
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        connection.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
        busy = self._clean_up(connection, lambda: _empty_wal(connection))
        # Where a reader stands in the way, trying again at each commit would hold every writer up.
        self._checkpoint_at = size + CHECKPOINT_BYTES if busy else CHECKPOINT_BYTES
        if busy:
            _LOG.debug("the write-ahead log of %d bytes is being read and stays", size)
        else:
            seconds = time.perf_counter() - started
            _LOG.debug("emptied the write-ahead log of %d bytes in %.1f ms", size, seconds * 1000)

    def _retain(self, connection: sqlite3.Connection, topic: StoredTopic) -> None:
        if topic.retention.milliseconds is None:
            return
        for partition in range(topic.topic.partitions):
            table = topic.table(partition)
            while (
                not self._stopping and sql.expired(connection, table, topic.retention, now_ms()) is not None
            ):
                self._transact(connection, partial(sql.retain, connection, table, topic.retention, now_ms()))

    def _remove(self, connection: sqlite3.Connection, topic: StoredTopic) -> None:
        for partition in range(topic.topic.partitions):
            more = True
            while more and not self._stopping:
                more = self._transact(connection, partial(sql.clear, connection, topic.table(partition)))
        if not self._stopping:
            self._transact(connection, partial(forget_topic, connection, topic))
            _LOG.info("removed what was left of the deleted topic %s", topic.topic.name)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        while not self._stopping:
            (free,) = connection.execute("PRAGMA freelist_count").fetchone()
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            if free <= max(_SPARE_PAGES, pages // 10):
                return
            _LOG.debug("giving back %d of %d free pages", _VACUUM_PAGES, free)
            self._clean_up(connection, lambda: _vacuum_step(connection))
            self._checkpoint(connection)

    def _transact(self, connection: sqlite3.Connection, work: Callable[[], T]) -> T:
        def transact() -> T:
            with transaction(connection):
                return work()

        result = self._clean_up(connection, transact)
        self._checkpoint(connection)  # a long clean-up fills the write-ahead log like anyone else
        return result

    def _clean_up(self, connection: sqlite3.Connection, work: Callable[[], T]) -> T:
        return self._ballast.clean_up(connection, self._writing, work)


def _empty_wal(connection: sqlite3.Connection) -> bool:
    """Write the write-ahead log back and empty it; whether readers stood in the way."""
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return bool(busy)


def _vacuum_step(connection: sqlite3.Connection) -> None:
    connection.executescript(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})")  # `execute` would free one page
