"""Whether the files that SQLite has open are still those in the folder: SQLite does not check that."""

import os
import sqlite3
import time
from math import inf

from engine.broker.sqlite.database import Database
from engine.broker.sqlite.errors import removed_error, storage_errors

LOOK_SECONDS = 1.0
"""How often reads check."""


class FileIdentity:
    """The files of an open log. Any thread may check."""

    def __init__(self, database: Database, connection: sqlite3.Connection) -> None:
        self._database = database
        connection.execute("SELECT count(*) FROM topics").fetchone()  # opens the write-ahead log
        self._inodes = self._look()
        self._looked = time.monotonic()

    def _look(self) -> tuple[int, int]:
        # Half the time of Path.stat, before every acknowledgement.
        return os.stat(self._database.path).st_ino, os.stat(self._database.wal).st_ino  # noqa: PTH116

    def check(self) -> None:
        """`BrokerError` if the files were removed or replaced: later commits went to the old ones."""
        try:
            inodes = self._look()
        except (FileNotFoundError, NotADirectoryError):
            inodes = None
        if inodes != self._inodes:
            self._looked = -inf  # so that the next read fails too
            raise removed_error(self._database.folder)

    def check_sometimes(self) -> None:
        """Check at most once in `LOOK_SECONDS`: for what is done thousands of times per second."""
        now = time.monotonic()
        if now - self._looked >= LOOK_SECONDS:
            with storage_errors(self._database.folder):
                self.check()
            self._looked = now
