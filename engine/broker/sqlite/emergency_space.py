"""Room set aside for cleaning up on a full disk, where even deleting takes some."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from engine.file_lock import FileLock

BALLAST_BYTES = 8 << 20
"""More than the write-ahead log has when it is written back, which is what makes room."""

_SPARE = 4  # the disk has room for this many, or none is made

T = TypeVar("T")


class Ballast:
    """A file that is of no use but for its size."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def restore(self) -> None:
        """Create it where it is missing and the disk has plenty of room."""
        free = shutil.disk_usage(self._path.parent).free
        if not self._path.exists() and free >= _SPARE * BALLAST_BYTES:
            self._create()

    def clean_up(self, connection: sqlite3.Connection, lock: FileLock, work: Callable[[], T]) -> T:
        """Do `work`, which frees space, with the write lock held; on a full disk in the room of the ballast.

        The lock is kept until the ballast is back: those who append would take that room otherwise.
        """
        with lock:
            try:
                return work()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_FULL or not self._give_up():
                    raise
            try:
                result = work()
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                self._create()
            return result

    def _give_up(self) -> bool:
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True

    def _create(self) -> None:
        try:
            self._path.write_bytes(bytes(BALLAST_BYTES))
        except OSError:  # it is made later, when there is room
            with suppress(OSError):
                self._path.unlink()
