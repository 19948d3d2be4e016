"""SQLite's write-ahead log: emptying it, and how far it has grown, since its file keeps its size."""

import os
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Literal

_HEADER = struct.Struct(">8xI4x8s")
"""The page size, and two salts, which change whenever the log restarts."""
_HEADER_BYTES = 32
_FRAME_BYTES = 24  # before each page: its number, and from the eighth byte on the salts again
_SALTS_AT = 8
NO_SALTS = bytes(8)
"""Before the first commit."""
_BUSY_MILLISECONDS = 20


def empty(connection: sqlite3.Connection, how: Literal["RESTART", "TRUNCATE"]) -> tuple[bool, int]:
    """Write the write-ahead log back, and empty it; `TRUNCATE` gives the space of its file back as well.

    Returns whether a reader prevents that, for which it waits briefly because writers wait meanwhile, and the
    log's pages.
    """
    (patience,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    try:
        busy, pages, _ = connection.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {patience}")
    # While another checkpoint runs it is -1: nothing was done, and nothing is known.
    return bool(busy), max(int(pages), 0)


class WriteAheadLog:
    """The write-ahead log of an open database, read only. Any thread may use it.

    SQLite keeps no locks on this file, so a descriptor of it may be closed.
    """

    def __init__(self, path: Path) -> None:
        """`OSError` if no connection has read from the database yet."""
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._mark = (b"", 0)

    def has_grown(self, size: int) -> bool:
        """Whether more than about `size` bytes were committed since it restarted or was marked."""
        page_bytes, salts = self._header()
        marked, frames = self._mark
        frame_bytes = _FRAME_BYTES + page_bytes
        frame = size // frame_bytes + (frames if marked == salts else 0)
        found = os.pread(self._descriptor, len(salts), _HEADER_BYTES + frame * frame_bytes + _SALTS_AT)
        return found == salts

    def mark(self, frames: int) -> None:
        """Count from here, where it has this many pages; no commit may happen meanwhile."""
        self._mark = (self._header()[1], frames)

    def salts(self) -> bytes:
        """As `salts_of`."""
        return self._header()[1]

    def _header(self) -> tuple[int, bytes]:
        header = os.pread(self._descriptor, _HEADER.size, 0)
        page_bytes, salts = _HEADER.unpack(header.ljust(_HEADER.size, b"\0"))  # it is empty at first
        return page_bytes, salts

    def close(self) -> None:
        os.close(self._descriptor)


def salts_of(path: Path) -> bytes:
    """What changes whenever a write-ahead log restarts; zeros if there is none, or nothing in it."""
    try:
        wal = WriteAheadLog(path)
    except FileNotFoundError:
        return NO_SALTS
    with closing(wal):
        return wal.salts()
