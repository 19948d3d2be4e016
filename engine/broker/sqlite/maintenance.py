"""Maintenance: checkpoints, retention by age, removal of deleted topics, freeing disk space."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from typing import TypeVar

from engine.broker.sqlite.damage.end_mark import EndMark
from engine.broker.sqlite.database import Database
from engine.broker.sqlite.errors import storage_errors
from engine.broker.sqlite.tables import partition_table as sql
from engine.broker.sqlite.tables.schema import pragma, transaction
from engine.broker.sqlite.tables.topic_table import StoredTopic, all_topics, drop_topic
from engine.broker.sqlite.wal import WriteAheadLog, empty
from engine.errors import BrokerError
from engine.file_lock import FileLock
from engine.records.batch import now_ms

CHECKPOINT_BYTES = 4 << 20
"""Bytes of the write-ahead log above which it is written back to the database and emptied."""
PERIOD_SECONDS = 2.0
"""How often retention by age is applied if nothing else happens."""

ELECTION_SECONDS = 10.0
"""How long a requested clean-up waits for another process's maintenance, which may be stopped (Ctrl-Z)."""

_RETRY_SECONDS = 0.01
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
        self._emergency_space = database.emergency_space
        self._due = threading.Event()
        self._changed = threading.Condition()
        self._requested = self._done = 0
        self._stopping = False
        self._busy = False
        self._due_now = False
        self._thread = threading.Thread(target=self._run, name="log-maintenance", daemon=True)
        self._thread.start()

    def committed(self) -> None:
        with suppress(OSError):  # the commit stands, and maintenance meets the error itself
            if self._wal.has_grown(CHECKPOINT_BYTES):
                self._due.set()

    def clean_up(self, *, full: bool = False) -> None:
        """Clean up, and return once that is done; on a full disk empty the write-ahead log, however small.

        What another process is cleaning up meanwhile is left to it if that takes `ELECTION_SECONDS`.
        """
        with self._changed:
            self._due_now = self._due_now or full
            self._requested = request = self._requested + 1
            self._due.set()
            self._changed.wait_for(lambda: self._done >= request or self._stopping)

    def close(self) -> None:
        """Finish the current step and end the thread; once only."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._due.set()
        self._thread.join()
        self._elected.close()
        self._writing.close()
        self._wal.close()

    def _run(self) -> None:
        try:
            self._set_space_aside()
            self._maintain()
        finally:
            with self._changed:  # also after an unexpected error, nothing waits for this thread
                self._stopping = True
                self._changed.notify_all()

    def _maintain(self) -> None:
        while True:
            self._due.wait(PERIOD_SECONDS)
            self._due.clear()
            if self._stopping:
                return
            request = self._requested
            if self._is_elected(request):
                try:
                    self._work()
                except BrokerError as error:  # the next round tries again
                    _LOG.info("maintenance: %s", error.message)
                finally:
                    self._elected.release()
            with self._changed:
                self._done = request
                self._changed.notify_all()

    def _set_space_aside(self) -> None:
        # At once, because most commands end before the first round, and the next one may find a full disk.
        if self._database.durable and self._writing.try_acquire():
            try:
                with suppress(OSError):
                    self._emergency_space.restore()
            finally:
                self._writing.release()

    def _is_elected(self, request: int) -> bool:
        deadline = time.monotonic() + ELECTION_SECONDS
        while not self._elected.try_acquire():
            if request == self._done or self._stopping or time.monotonic() > deadline:
                return False
            time.sleep(_RETRY_SECONDS)
        return True

    def _work(self) -> None:
        with storage_errors(self._database.folder), closing(self._database.connect()) as connection:
            self._checkpoint(connection)
            for topic in all_topics(connection):
                self._retain(connection, topic)
            for topic in all_topics(connection, deleted=True):
                self._remove(connection, topic)
            self._free_pages(connection)
            if self._database.durable and self._emergency_space.is_short:
                with self._writing:
                    self._emergency_space.restore()

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        # While a reader prevents it, a try at each commit would delay every writer.
        if not self._busy and not self._due_now and not self._wal.has_grown(CHECKPOINT_BYTES):
            return
        self._due_now = False
        started = time.perf_counter()
        # First the bulk, beside writers and readers; then, while writers wait, the rest.
        with suppress(sqlite3.OperationalError):  # a full disk: the second one uses the reserved space
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        self._busy = False
        if not self._emergency_space.can_write_back(connection):
            return
        pages = self._clean_up(connection, lambda: self._empty_wal(connection))
        if self._busy:
            _LOG.debug("a reader keeps the write-ahead log of %d pages", pages)
        else:
            seconds = time.perf_counter() - started
            _LOG.debug("emptied the write-ahead log of %d pages in %.1f ms", pages, seconds * 1000)

    def _empty_wal(self, connection: sqlite3.Connection) -> int:
        """Write the write-ahead log back, and restart it unless a reader prevents that; its pages."""
        # TRUNCATE only on a full disk: a file that is overwritten does not grow. Measured: commits of a
        # record or of a megabyte take a third less time, and one of a record writes half as many bytes.
        self._busy, pages = empty(connection, "TRUNCATE" if self._emergency_space.is_needed else "RESTART")
        self._wal.mark(pages)
        return pages

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
        # On a full disk free pages help nothing, because the write-ahead log has no room to use them.
        full = self._emergency_space.is_needed
        while not self._stopping:
            free, page_bytes = pragma(connection, "freelist_count"), pragma(connection, "page_size")
            spare = 0 if full else max(_SPARE_BYTES // page_bytes, pragma(connection, "page_count") // 10)
            if free <= spare:
                return
            step = _VACUUM_BYTES // page_bytes
            _LOG.debug("freeing %d of %d unused pages", step, free)
            self._clean_up(connection, partial(_vacuum_step, connection, step))
            # The last time in any case: the file only becomes smaller when the log is written back.
            self._due_now = self._due_now or free <= spare + step
            self._checkpoint(connection)
            if self._busy:
                return  # a reader keeps the write-ahead log, which moved pages only make larger

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
