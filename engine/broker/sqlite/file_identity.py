"""Whether the files that SQLite has open are still those in the folder: SQLite itself does not mind."""

import os
import sqlite3
import time
from math import inf

from engine.broker.sqlite.errors import storage_errors
from engine.broker.sqlite.schema import Database
from engine.errors import BrokerError

LOOK_SECONDS = 1.0
"""How often those who read look."""


class Files:
    """The files of a log that is open; any thread may ask."""

    def __init__(self, database: Database, connection: sqlite3.Connection) -> None:
        self._database = database
        connection.execute("SELECT count(*) FROM topics").fetchone()  # opens the write-ahead log
        self._inodes = self._look()
        self._looked = time.monotonic()

    def _look(self) -> tuple[int, int]:
        # Half the time of Path.stat, before every acknowledgement.
        return os.stat(self._database.path).st_ino, os.stat(self._database.wal).st_ino  # noqa: PTH116

    def check(self) -> None:
        """`BrokerError` where the files were removed or replaced.

        What was committed since then has gone to the removed ones.
        """
        try:
            inodes = self._look()
        except (FileNotFoundError, NotADirectoryError):
            inodes = None
        if inodes != self._inodes:
            self._looked = -inf  # whoever asks next is told too
            raise BrokerError(
                f"the log in {self._database.folder} was removed or replaced while it was in use",
                "start again; records that were not acknowledged have to be produced again",
            )

    def check_now_and_then(self) -> None:
        """Check where nobody has for `LOOK_SECONDS`: for what is done thousands of times a second."""
        now = time.monotonic()
        if now - self._looked >= LOOK_SECONDS:
            with storage_errors(self._database.folder):
                self.check()
            self._looked = now
