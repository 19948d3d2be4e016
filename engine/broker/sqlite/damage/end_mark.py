"""The end mark: what was acknowledged, in a side file, so that a log that has lost some of it is noticed."""

import logging
import os
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.files import open_private

SLOT_BYTES = 512
"""Bytes of each entry: a disk writes a sector as a whole or not at all."""
RESERVED, DELETED = -1, -2
"""In place of an end: of a topic whose creation is under way, and of one that was deleted."""

_MAGIC = b"FLVTEND1"
_HEADER = struct.Struct("<8s16s8s")
_KEY = struct.Struct("<qq")
_ENTRY = struct.Struct("<qqq249s")
_BEFORE = struct.Struct("<cI")
"""Before the content of each slot. Programs older than the mark write a newline at the very start."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedEnd:
    """The end of one partition."""

    topic: int
    name: str
    """The topic's."""
    partition: int
    end: int
    """The offset after the last acknowledged record's, or `RESERVED`, or `DELETED`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What the file says."""

    log: bytes
    """The id of the log that it is about."""
    salts: bytes
    """Of the write-ahead log at the last commit."""
    ends: Sequence[MarkedEnd]
    damaged: int
    """Entries that are not what was written."""


class EndMark:
    """The side file. Everything but reading it takes the write lock.

    It is written between a commit and its acknowledgement, so it is never ahead of the log, and may be one
    commit behind where a process was killed. It is not synchronised with the disk: that would double what a
    small append costs. So after a power cut it may be as old as what the system had not written back.

    Each write also wakes the processes that watch the file.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file; `OSError`."""
        self._descriptor = open_private(path)
        self._log = b""
        self._salts = b""
        self._slots: dict[tuple[int, int], int] = {}
        self._free: list[int] = []
        self._count = 0
        """Slots in the file."""

    def read(self) -> Marks | None:
        """What the file says now; None if it is new, damaged at its head, or an older program's."""
        data = self._data()
        head = _checked(data, b"")
        if head is None or not head.startswith(_MAGIC):
            return None
        _, self._log, self._salts = _HEADER.unpack_from(head)
        ends, damaged = self._entries(data)
        return Marks(log=self._log, salts=self._salts, ends=ends, damaged=damaged)

    def _data(self) -> bytes:
        size = os.fstat(self._descriptor).st_size
        return os.pread(self._descriptor, size, 0)

    def _entries(self, data: bytes) -> tuple[list[MarkedEnd], int]:
        """The entries, and how many are damaged; notes which slots are taken and which are free."""
        self._slots.clear()
        self._free.clear()
        self._count = max(-(-len(data) // SLOT_BYTES), 1)
        ends, damaged = [], 0
        for slot in range(1, self._count):
            entry = _checked(data[slot * SLOT_BYTES : (slot + 1) * SLOT_BYTES], self._log)
            if entry is None:
                damaged += any(data[slot * SLOT_BYTES : (slot + 1) * SLOT_BYTES])
                self._free.append(slot)
                continue
            topic, partition, end, name = _ENTRY.unpack_from(entry)
            ends.append(
                MarkedEnd(topic=topic, name=name.rstrip(b"\0").decode(), partition=partition, end=end)
            )
            if end == DELETED:
                self._free.append(slot)
            else:
                self._slots[topic, partition] = slot
        return ends, damaged

    def begin(self, log: bytes, salts: bytes) -> None:
        """Write the file as that of a log, without ends; `OSError`."""
        os.ftruncate(self._descriptor, 0)
        self._log = log
        self._write_header(salts)
        self._entries(self._data())

    def reserve(self, ends: Iterable[MarkedEnd]) -> None:
        """Take a slot for each partition of a new topic, with its room on the disk; `OSError`."""
        self._entries(self._data())
        for end in ends:
            slot = self._slots.get((end.topic, end.partition)) or (self._free.pop() if self._free else None)
            if slot is None:
                slot, self._count = self._count, self._count + 1
            self._write(slot, end)
            self._slots[end.topic, end.partition] = slot

    def committed(self, salts: bytes, ends: Sequence[MarkedEnd] = ()) -> None:
        """Write the ends that a commit made, before it is acknowledged, and wake other processes."""
        # What is committed is acknowledged even if this fails; the slots have their room on the disk already.
        try:
            for end in ends:
                self._write(self._slot(end), end)
            if salts != self._salts or not ends:
                self._write_header(salts)
        except OSError as error:
            _LOG.info("the end mark cannot be written: %s", error)

    def follow(self, salts: bytes) -> None:
        """Note that the write-ahead log was restarted, if it was."""
        if salts != self._salts:
            self.committed(salts)

    def _slot(self, end: MarkedEnd) -> int:
        key = end.topic, end.partition
        slot = self._slots.get(key)
        if slot is not None and os.pread(
            self._descriptor, _KEY.size, slot * SLOT_BYTES + _BEFORE.size
        ) == _KEY.pack(*key):
            return slot
        self.reserve([end])  # another process created the topic, or began the file again
        return self._slots[key]

    def _write(self, slot: int, end: MarkedEnd) -> None:
        entry = _ENTRY.pack(end.topic, end.partition, end.end, end.name.encode())
        self._write_slot(slot, entry, self._log)

    def _write_header(self, salts: bytes) -> None:
        self._write_slot(0, _HEADER.pack(_MAGIC, self._log, salts), b"")
        self._salts = salts

    def _write_slot(self, slot: int, content: bytes, log: bytes) -> None:
        content = content.ljust(SLOT_BYTES - _BEFORE.size, b"\0")
        before = _BEFORE.pack(b"\n", zlib.crc32(content, zlib.crc32(log)))
        os.pwrite(self._descriptor, before + content, slot * SLOT_BYTES)

    def close(self) -> None:
        os.close(self._descriptor)


def _checked(slot: bytes, log: bytes) -> bytes | None:
    """The content of a slot; None if it is empty or damaged."""
    content = slot[_BEFORE.size : SLOT_BYTES]
    if len(content) < SLOT_BYTES - _BEFORE.size:
        return None
    _, crc32 = _BEFORE.unpack_from(slot)
    return content if zlib.crc32(content, zlib.crc32(log)) == crc32 else None
