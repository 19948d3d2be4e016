"""Disk space reserved for cleaning up on a full disk, where even deleting takes some."""

import errno
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import TypeVar

from engine.broker.sqlite.errors import is_no_room
from engine.broker.sqlite.wal import empty
from engine.file_lock import FileLock
from engine.files import create_private

RESERVED_BYTES = 8 << 20
"""More than the size of the write-ahead log when it is usually written back, which frees space."""
LOAN_BYTES = 128 << 10
"""What SQLite needs to open a log: 32 KiB for each 64 MiB of its write-ahead log."""

_SHARE = 4
"""At most one part in this many of the free space is reserved."""

T = TypeVar("T")


class EmergencySpace:
    """A file whose only purpose is the space that it takes. Change it only with the write lock held."""

    def __init__(self, path: Path, database: Path) -> None:
        self._path = path
        self._database = database

    @property
    def is_short(self) -> bool:
        """Whether less is reserved than could be."""
        return self._reserved() < self._affordable()

    @property
    def is_needed(self) -> bool:
        """Whether the disk has less space than is reserved on others."""
        return self._free() < RESERVED_BYTES

    def restore(self) -> None:
        """Reserve what is missing, unless the disk has too little space; `OSError`."""
        if self.is_short:
            self._reserve(self._affordable())

    def lend(self) -> bool:
        """Free a little, with which a log can be opened and read on a full disk; whether there was any."""
        left = self._reserved() - LOAN_BYTES
        if left < 0:
            return False
        os.truncate(self._path, left)
        return True

    def can_write_back(self, connection: sqlite3.Connection) -> bool:
        """Whether there is room for all that the write-ahead log adds to the database.

        Otherwise writing it back would use the emergency space up without an end. Deleting makes it smaller.
        """
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
        growth = int(pages * page_bytes) - self._database.stat().st_size
        return growth <= self._free() + self._reserved()

    def clean_up(self, connection: sqlite3.Connection, lock: FileLock, work: Callable[[], T]) -> T:
        """Do `work`, which frees space, with the write lock held; on a full disk in the reserved space.

        The lock is kept until the space is reserved again: otherwise appends would take it.
        """
        with lock:
            try:
                return work()
            except sqlite3.OperationalError as error:
                if not is_no_room(error, self._path.parent) or not self._reserved():
                    raise
            self._path.unlink()
            try:
                result = work()
                if self.can_write_back(connection):
                    empty(connection, "TRUNCATE")
            finally:
                # A reader may keep the write-ahead log from being emptied: then less than before is left.
                with suppress(OSError):
                    self._reserve(min(RESERVED_BYTES, self._free()))
            return result

    def _reserved(self) -> int:
        """The bytes of the file; 0 for something else of that name, which is replaced."""
        try:
            found = self._path.lstat()
        except FileNotFoundError:
            return 0
        return found.st_size if stat.S_ISREG(found.st_mode) else 0

    def _free(self) -> int:
        return shutil.disk_usage(self._path.parent).free

    def _affordable(self) -> int:
        share = (self._free() + self._reserved()) // _SHARE
        return min(RESERVED_BYTES, share - share % LOAN_BYTES)

    def _reserve(self, size: int) -> None:
        """Create the file, smaller if other programs take the space meanwhile."""
        while size >= LOAN_BYTES:
            self._path.unlink(missing_ok=True)
            with os.fdopen(create_private(self._path), "wb", buffering=0) as file:
                try:
                    _allocate(file, size)
                except OSError:
                    self._path.unlink()
                else:
                    return
            size //= 2


def _allocate(file: FileIO, size: int) -> None:
    if hasattr(os, "posix_fallocate"):  # macOS has no such call, and some file systems do not support it
        try:
            os.posix_fallocate(file.fileno(), 0, size)
            return
        except OSError as error:
            if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
                raise
    while size:
        size -= file.write(bytes(size))
