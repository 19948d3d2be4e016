"""How far SQLite's write-ahead log has grown, which its file does not tell: emptied, it keeps its size."""

import os
import struct
from pathlib import Path

_HEADER = struct.Struct(">8xI4x8s")
"""The size of a page, and two salts, which are others whenever the log begins anew."""
_HEADER_BYTES = 32
_FRAME_BYTES = 24  # before each page: whose page it is, and at the eighth byte the salts again
_SALTS_AT = 8


class WriteAheadLog:
    """The log of a database that is open, for looking at; any thread may ask.

    SQLite keeps no locks on this file, so that a descriptor of it may be closed.
    """

    def __init__(self, path: Path) -> None:
        """`OSError` where no connection has read from the database yet."""
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._mark = (b"", 0)

    def has_grown(self, size: int) -> bool:
        """Whether more than `size` bytes were committed, about, since it began anew or was marked."""
        page_bytes, salts = self._header()
        marked, frames = self._mark
        frame_bytes = _FRAME_BYTES + page_bytes
        frame = size // frame_bytes + (frames if marked == salts else 0)
        found = os.pread(self._descriptor, len(salts), _HEADER_BYTES + frame * frame_bytes + _SALTS_AT)
        return found == salts

    def mark(self, frames: int) -> None:
        """Count from here: it holds so many pages. Nobody may commit meanwhile."""
        self._mark = (self._header()[1], frames)

    def _header(self) -> tuple[int, bytes]:
        header = os.pread(self._descriptor, _HEADER.size, 0)
        page_bytes, salts = _HEADER.unpack(header.ljust(_HEADER.size, b"\0"))  # it is empty at first
        return page_bytes, salts

    def close(self) -> None:
        """Let the file go; once only."""
        os.close(self._descriptor)
