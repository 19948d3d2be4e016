"""Maintenance: checkpoints, retention by age, removal of deleted topics, freeing disk space."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from typing import TypeVar

from engine.broker.sqlite import partition_table as sql
from engine.broker.sqlite.emergency_space import EmergencySpace
from engine.broker.sqlite.end_mark import EndMark
from engine.broker.sqlite.errors import storage_errors
from engine.broker.sqlite.schema import Database, pragma, transaction
from engine.broker.sqlite.topic_table import StoredTopic, all_topics, drop_topic
from engine.broker.sqlite.wal import WriteAheadLog
from engine.errors import BrokerError
from engine.file_lock import FileLock
from engine.records.batch import now_ms

CHECKPOINT_BYTES = 4 << 20
"""Bytes of the write-ahead log above which it is written back to the database and emptied."""
PERIOD_SECONDS = 2.0
"""How often retention by age is applied if nothing else happens."""

_BUSY_SECONDS = 0.02  # how long emptying the write-ahead log waits for readers while writers wait for it
_VACUUM_BYTES = 800 << 10  # freed in one step
_SPARE_BYTES = 4 << 20  # kept free for the next appends
T = TypeVar("T")

_LOG = logging.getLogger(__name__)


class Maintainer:
    """A thread that maintains the log, in one process at a time of all on a folder."""

    def __init__(self, database: Database, mark: EndMark) -> None:
        """`database` has an open connection that has read from it."""
        self._database = database
        self._mark = mark
        self._wal = WriteAheadLog(database.wal)
        self._elected = FileLock(database.maintenance_lock)
        self._writing = FileLock(database.write_lock)
        self._emergency_space = EmergencySpace(database.emergency_space)
        self._due = threading.Event()
        self._stopping = False
        self._busy = False
        self._full = False
        self._thread = threading.Thread(target=self._run, name="log-maintenance", daemon=True)
        self._thread.start()

    def committed(self) -> None:
        with suppress(OSError):  # the commit stands, and maintenance meets the error itself
            if self._wal.has_grown(CHECKPOINT_BYTES):
                self._due.set()

    def wake(self, *, full: bool = False) -> None:
        """Clean up soon; on a full disk empty the write-ahead log, however small it is."""
        if full:
            self._full = True
        self._due.set()

    def close(self) -> None:
        """Finish the present step and end the thread; once only."""
        self._stopping = True
        self._due.set()
        self._thread.join()
        self._elected.close()
        self._writing.close()
        self._wal.close()

    def _run(self) -> None:
        while True:
            self._due.wait(PERIOD_SECONDS)
            self._due.clear()
            if self._stopping:
                return
            if self._elected.try_acquire():
                try:
                    self._work()
                except BrokerError as error:  # nothing waits for this; the next round tries again
                    _LOG.info("maintenance: %s", error.message)
                finally:
                    self._elected.release()

    def _work(self) -> None:
        with storage_errors(self._database.folder), closing(self._database.connect()) as connection:
            self._checkpoint(connection)
            for topic in all_topics(connection):
                self._retain(connection, topic)
            for topic in all_topics(connection, deleted=True):
                self._remove(connection, topic)
            self._free_pages(connection)
            if self._database.durable:
                self._emergency_space.restore()

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        # While a reader prevents it, a try at each commit would delay every writer.
        if not self._busy and not self._full and not self._wal.has_grown(CHECKPOINT_BYTES):
            return
        self._full = False
        started = time.perf_counter()
        # First the bulk, beside writers and readers; then, while writers wait, the rest.
        with suppress(sqlite3.OperationalError):  # a full disk: the second one uses the reserved space
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        connection.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
        pages = self._clean_up(connection, lambda: self._empty_wal(connection))
        if self._busy:
            _LOG.debug("a reader keeps the write-ahead log of %d pages", pages)
        else:
            seconds = time.perf_counter() - started
            _LOG.debug("emptied the write-ahead log of %d pages in %.1f ms", pages, seconds * 1000)

    def _empty_wal(self, connection: sqlite3.Connection) -> int:
        """Write the write-ahead log back, and restart it unless a reader prevents that; its pages."""
        # Not TRUNCATE: a file that is overwritten does not grow. Measured: commits of a record or of a
        # megabyte take a third less time, and one of a record writes half as many bytes to the disk.
        busy, pages, _ = connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
        self._busy = bool(busy)
        # While another checkpoint runs it is -1: nothing was done, and nothing is known.
        self._wal.mark(max(pages, 0))
        return int(pages)

    def _retain(self, connection: sqlite3.Connection, topic: StoredTopic) -> None:
        if topic.options.retention_ms is None:
            return
        for partition in range(topic.topic.partitions):
            table = topic.table(partition)
            while not self._stopping and sql.expired(connection, table, topic.options, now_ms()) is not None:
                self._transact(connection, partial(sql.retain, connection, table, topic.options, now_ms()))

    def _remove(self, connection: sqlite3.Connection, topic: StoredTopic) -> None:
        for partition in range(topic.topic.partitions):
            more = True
            while more and not self._stopping:
                more = self._transact(connection, partial(sql.clear, connection, topic.table(partition)))
        if not self._stopping:
            self._transact(connection, partial(drop_topic, connection, topic))
            _LOG.info("removed the deleted topic %s", topic.topic.name)

    def _free_pages(self, connection: sqlite3.Connection) -> None:
        while not self._stopping:
            free, page_bytes = pragma(connection, "freelist_count"), pragma(connection, "page_size")
            if free <= max(_SPARE_BYTES // page_bytes, pragma(connection, "page_count") // 10):
                return
            step = _VACUUM_BYTES // page_bytes
            _LOG.debug("freeing %d of %d unused pages", step, free)
            self._clean_up(connection, partial(_vacuum_step, connection, step))
            self._checkpoint(connection)

    def _transact(self, connection: sqlite3.Connection, work: Callable[[], T]) -> T:
        def transact() -> T:
            with transaction(connection):
                return work()

        result = self._clean_up(connection, transact)
        self._checkpoint(connection)  # a long clean-up fills the write-ahead log, too
        return result

    def _clean_up(self, connection: sqlite3.Connection, work: Callable[[], T]) -> T:
        def committed() -> T:
            result = work()
            self._mark.follow(self._wal.salts())
            return result

        return self._emergency_space.clean_up(connection, self._writing, committed)


def _vacuum_step(connection: sqlite3.Connection, pages: int) -> None:
    connection.executescript(f"PRAGMA incremental_vacuum({pages})")  # `execute` would free one page
