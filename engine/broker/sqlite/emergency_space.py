"""Disk space reserved for cleaning up on a full disk, where even deleting takes some."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from engine.file_lock import FileLock
from engine.files import create_private

RESERVED_BYTES = 8 << 20
"""More than the size of the write-ahead log when it is written back, which frees space."""

_SPARE = 4  # created only if the disk has room for this many

T = TypeVar("T")


class EmergencySpace:
    """A file whose only purpose is the space that it takes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def restore(self) -> None:
        """Create it if it is missing and the disk has plenty of space."""
        free = shutil.disk_usage(self._path.parent).free
        if not self._path.exists() and free >= _SPARE * RESERVED_BYTES:
            self._create()

    def clean_up(self, connection: sqlite3.Connection, lock: FileLock, work: Callable[[], T]) -> T:
        """Do `work`, which frees space, with the write lock held; on a full disk in the reserved space.

        The lock is kept until the space is reserved again: otherwise appends would take it.
        """
        with lock:
            try:
                return work()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_FULL or not self._release():
                    raise
            try:
                result = work()
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                self._create()
            return result

    def _release(self) -> bool:
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True

    def _create(self) -> None:
        try:
            with os.fdopen(create_private(self._path), "wb") as file:
                file.write(bytes(RESERVED_BYTES))
        except OSError:  # it is created later, when there is space
            with suppress(OSError):
                self._path.unlink()
