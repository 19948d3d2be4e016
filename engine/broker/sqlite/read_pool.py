"""Connections for reading, shared by the threads of a process."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from engine.broker.sqlite.errors import storage_errors
from engine.broker.sqlite.file_identity import Files
from engine.broker.sqlite.schema import Database
from engine.errors import BrokerClosedError, BrokerError


class ReadPool:
    """Connections for reading, each used by one thread at a time and kept for the next one."""

    def __init__(self, database: Database, files: Files) -> None:
        self._database = database
        self._files = files
        self._changed = threading.Condition()
        self._idle: list[sqlite3.Connection] = []
        self._borrowed = 0
        self._closed = False

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a read transaction.

        `BrokerClosedError` once the pool is closed, `BrokerError` soon after the log was removed.
        Leave the block before doing anything but SQL: a long snapshot lets the write-ahead log grow.
        """
        self._files.check_now_and_then()
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
            # Files that are gone fail in many ways, and this says which it is.
            self._files.check()
            raise
        finally:
            self._give_back(connection)

    def _borrow(self) -> sqlite3.Connection:
        with self._changed:
            if self._closed:
                raise BrokerClosedError("the broker is closed")
            self._borrowed += 1
            if self._idle:
                return self._idle.pop()
        try:
            with storage_errors(self._database.folder):
                self._files.check()
                return self._database.connect_reader()
        except BaseException:
            self._returned()
            raise

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._changed:
            self._idle.append(connection)
        self._returned()

    def _returned(self) -> None:
        with self._changed:
            self._borrowed -= 1
            self._changed.notify_all()

    def close(self) -> None:
        """Wait for the reads under way and close every connection."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: not self._borrowed)
            for connection in self._idle:
                connection.close()
            self._idle.clear()
