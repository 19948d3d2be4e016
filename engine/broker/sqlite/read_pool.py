"""Connections for reading, shared by the threads of a process."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from engine.broker.sqlite.database import Database
from engine.broker.sqlite.errors import storage_errors
from engine.broker.sqlite.file_identity import FileIdentity
from engine.errors import BrokerClosedError, BrokerError


class ReadPool:
    """Connections for reading: one thread uses one at a time, and it is kept for the next."""

    def __init__(self, database: Database, files: FileIdentity) -> None:
        self._database = database
        self._files = files
        self._changed = threading.Condition()
        self._idle: list[sqlite3.Connection] = []
        self._borrowed = 0
        self._closed = False

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a read transaction.

        `BrokerClosedError` once the pool is closed, `BrokerError` soon after the log was removed. Do only SQL
        within the block: during a long snapshot the write-ahead log grows.
        """
        self._files.check_sometimes()
        connection = self._borrow()
        try:
            with storage_errors(self._database.folder):
                connection.execute("BEGIN")
                try:
                    yield connection
                finally:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
        except BrokerError:
            # Removed files fail in many ways; this says so.
            self._files.check()
            raise
        finally:
            self._put_back(connection)

    def _borrow(self) -> sqlite3.Connection:
        with self._changed:
            if self._closed:
                raise BrokerClosedError("the broker is closed")
            self._borrowed += 1
            if self._idle:
                return self._idle.pop()
        try:
            return self.connect()
        except BaseException:
            self._put_back(None)
            raise

    def connect(self) -> sqlite3.Connection:
        """A connection of the caller's own, for reading."""
        with storage_errors(self._database.folder):
            self._files.check()
            return self._database.connect_reader()

    def _put_back(self, connection: sqlite3.Connection | None) -> None:
        with self._changed:
            if connection is not None:
                self._idle.append(connection)
            self._borrowed -= 1
            self._changed.notify_all()

    def close(self) -> None:
        """Wait for reads to finish, and close every connection."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: not self._borrowed)
            for connection in self._idle:
                connection.close()
            self._idle.clear()
