"""Batches of records between Fluvio's layout and Arrow, through a small WebAssembly module."""

import ctypes
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from wasmtime import Engine, Func, Instance, Memory, Module, Store, Trap, WasmtimeError, wat2wasm

from engine.broker.fluvio.protocol.checksums import first_damaged
from engine.broker.fluvio.protocol.compression import decompressed
from engine.records.batch import SCHEMA, Offsets

HEADER = struct.Struct(">qiibIhiqqqhi")
"""Base offset, length of what follows it, leader epoch, magic, checksum, attributes, last offset delta, first
and last timestamp, producer's id, its epoch and sequence."""
SMALLEST_RECORD = 7
"""Bytes of a record."""
MAX_DELTA_MS = 2**31 - 1
"""Between timestamps in a batch: Fluvio's own encoder writes no more."""
_FIRST_OFFSET = -(2**63)
_PREAMBLE = 12
_NO_PRODUCER = (-1, -1, -1)
_PAGE = 1 << 16
_PLACES_SIZE = 64
_PLACES = struct.Struct("<7i")
_RESULT = struct.Struct("<qiiiii")
_RESULT_AT = 32
_SLACK = 16
_COMPLETE, _COMPRESSED, _MALFORMED = range(3)
_HEADERS_TYPE = SCHEMA.field("headers").type


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRecords:
    """The records of an answer, as far as it is complete."""

    records: pa.RecordBatch
    offsets: Offsets
    next_offset: int
    """The first one that is missing: where to read on."""
    malformed: range | None = None
    """The offsets of a batch at `next_offset` that is damaged."""


class RecordCodec:
    """Reads and writes batches. One thread uses it at a time."""

    def __init__(self) -> None:
        engine, module = _compiled()
        self._store = Store(engine)
        exports = Instance(self._store, module, []).exports(self._store)
        self._memory = _expected(exports["memory"], Memory)
        self._read = _expected(exports["read"], Func)
        self._read_all = _expected(exports["read_all"], Func)
        self._write = _expected(exports["write"], Func)
        self._view = memoryview(b"")

    def read(self, content: memoryview, start: int, until: int) -> ReadRecords:
        """The records of a record set with offsets `start` to before `until` or the first damaged batch."""
        damaged = first_damaged(content)
        found = self._read_whole(content[:damaged], start, until)
        if damaged is None or found.malformed is not None or found.next_offset >= until:
            return found
        return replace(found, malformed=_batch_offsets(content, damaged, found.next_offset))

    def _read_whole(self, content: memoryview, start: int, until: int) -> ReadRecords:
        result = self._decode(content, start, until)
        if result == _COMPRESSED:
            return self._read_compressed(content, start, until)
        return self._taken(content, result)

    def read_all(self, content: memoryview) -> tuple[pa.RecordBatch, npt.NDArray[np.int64]]:
        """Every record of a record set with its offset, in whatever order these are."""
        if self._decode(content, None, 0) == _COMPRESSED:
            self._decode(_uncompressed_set(content, _FIRST_OFFSET)[0], None, 0)
        _, count, *_ = _RESULT.unpack_from(self._view, _RESULT_AT)
        offsets = np.frombuffer(self._view, np.int64, count, self._places.offsets).copy()
        return self._columns(), offsets

    def _read_compressed(self, content: memoryview, start: int, until: int) -> ReadRecords:
        content, malformed = _uncompressed_set(content, start)
        taken = self._taken(content, self._decode(content, start, until))
        if malformed is not None and taken.malformed is None and taken.next_offset >= malformed.start:
            return replace(taken, malformed=malformed)
        return taken

    def _decode(self, content: memoryview, start: int | None, until: int) -> int:
        """Read the records with offsets from `start` on, or all."""
        size = len(content)
        most = size // SMALLEST_RECORD + 1
        places = self._lay_out(size, most, size, size)
        self._view[places.end : places.end + size] = content
        try:
            if start is None:
                result = self._read_all(self._store, places.end, places.end + size)
            else:
                result = self._read(self._store, places.end, places.end + size, start, until)
        except (Trap, WasmtimeError):
            result = _MALFORMED
        self._places = places
        return int(result)

    def _taken(self, content: memoryview, result: int) -> ReadRecords:
        places = self._places
        next_offset, count, _, _, _, batch = _RESULT.unpack_from(self._view, _RESULT_AT)
        offsets = np.frombuffer(self._view, np.int64, count, places.offsets)
        malformed = None
        if result == _MALFORMED:
            malformed = _batch_offsets(content, batch - places.end, next_offset)
        return ReadRecords(
            records=self._columns(), offsets=_as_range(offsets), next_offset=next_offset, malformed=malformed
        )

    def _columns(self) -> pa.RecordBatch:
        """What was read last."""
        places = self._places
        _, count, value_bytes, key_bytes, keyed, _ = _RESULT.unpack_from(self._view, _RESULT_AT)
        return pa.RecordBatch.from_arrays(
            [
                self._keys(count, key_bytes, keyed),
                self._binary(count, places.value_ends, places.values, value_bytes, None),
                pa.Array.from_buffers(pa.int64(), count, [None, self._copied(places.timestamps, 8 * count)]),
                pa.nulls(count, _HEADERS_TYPE),
            ],
            schema=SCHEMA,
        )

    def _keys(self, count: int, size: int, keyed: int) -> "pa.Array[Any]":
        if not keyed:
            return pa.nulls(count, pa.binary())
        flags = np.frombuffer(self._view, np.uint8, count, self._places.has_key)
        validity = None if keyed == count else pa.py_buffer(np.packbits(flags, bitorder="little").tobytes())
        return self._binary(count, self._places.key_ends, self._places.keys, size, validity)

    def _binary(
        self, count: int, ends: int, data: int, size: int, validity: pa.Buffer | None
    ) -> "pa.Array[Any]":
        return pa.Array.from_buffers(
            pa.binary(), count, [validity, self._copied(ends, 4 * count + 4), self._copied(data, size)]
        )

    def _copied(self, at: int, size: int) -> pa.Buffer:
        return pa.py_buffer(bytes(self._view[at : at + size]))

    def write(self, records: pa.RecordBatch) -> bytes:
        """Records as Fluvio's batches hold them, after their number: to be compressed, or behind a `header`.

        The columns are those of `SCHEMA`; headers are left out, and no value may be null.
        """
        count = records.num_rows
        key_ends, keys = _buffers(records.column(0))
        value_ends, values = _buffers(records.column(1))
        stamps = records.column(2).to_numpy()
        # Lengths and deltas take 5 bytes each at most, but for timestamps that are years apart.
        size = len(keys) + len(values) + 40 * count
        places = self._lay_out(size, count, len(values), len(keys))
        for at, column in (
            (places.timestamps, stamps),
            (places.value_ends, value_ends),
            (places.key_ends, key_ends),
            (places.has_key, records.column(0).is_valid().to_numpy(zero_copy_only=False).astype(np.uint8)),
            (places.values, values),
            (places.keys, keys),
        ):
            content = memoryview(cast("memoryview", column)).cast("B")
            self._view[at : at + len(content)] = content
        end = self._write(self._store, 0, count, int(stamps[0]) if count else 0, places.end)
        return struct.pack(">I", count) + bytes(self._view[places.end : end])

    def _lay_out(self, size: int, rows: int, value_bytes: int, key_bytes: int) -> "_Layout":
        """Make room for columns of some rows, and for `size` bytes in Fluvio's layout behind them."""
        at, places = _PLACES_SIZE, []
        for length in (8 * rows, 8 * rows, 4 * rows + 4, 4 * rows + 4, rows, value_bytes, key_bytes):
            places.append(at)
            at += (length + _SLACK + 7) & ~7
        missing = at + size + _SLACK - self._memory.data_len(self._store)
        if missing > 0:
            self._memory.grow(self._store, -(-missing // _PAGE))
        if missing > 0 or not len(self._view):
            size = self._memory.data_len(self._store)
            base = ctypes.addressof(self._memory.data_ptr(self._store).contents)
            self._view = memoryview((ctypes.c_ubyte * size).from_address(base)).cast("B")
        _PLACES.pack_into(self._view, 0, *places)
        return _Layout(*[*places, at])


@dataclass(frozen=True, slots=True)
class _Layout:
    offsets: int
    timestamps: int
    value_ends: int
    key_ends: int
    has_key: int
    values: int
    keys: int
    end: int


def header(size: int, count: int, first: int, last: int, compression: int) -> bytes:
    """Of a batch whose records take `size` bytes, with timestamps `first` to `last`.

    The SPU adds the checksum.
    """
    return HEADER.pack(
        0, HEADER.size - _PREAMBLE + size, -1, 2, 0, compression, count - 1, first, last, *_NO_PRODUCER
    )


class CodecPool:
    """Codecs for threads that need one for a moment: their memory is larger than what they read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: list[RecordCodec] = []

    @contextmanager
    def codec(self) -> Iterator[RecordCodec]:
        with self._lock:
            codec = self._free.pop() if self._free else None
        codec = codec or RecordCodec()
        yield codec
        with self._lock:
            self._free.append(codec)


@cache
def _compiled() -> tuple[Engine, Module]:
    engine = Engine()
    text = files(__package__).joinpath("records.wat").read_text(encoding="utf-8")
    return engine, Module(engine, bytes(wat2wasm(text)))


def _expected(export: Any, kind: type[Any]) -> Any:
    assert isinstance(export, kind)
    return export


def _as_range(offsets: npt.NDArray[np.int64]) -> Offsets:
    if not len(offsets):
        return range(0)
    first, last = int(offsets[0]), int(offsets[-1])
    return range(first, last + 1) if last - first == len(offsets) - 1 else offsets.copy()


def _buffers(column: "pa.Array[Any]") -> tuple[npt.NDArray[np.int32], memoryview]:
    """The ends of the values of a column, from 0 on, and their bytes."""
    _, ends, data = column.buffers()
    if ends is None:
        return np.zeros(len(column) + 1, np.int32), memoryview(b"")
    found = np.frombuffer(memoryview(ends), np.int32, len(column) + 1, 4 * column.offset)
    view = memoryview(data or b"").cast("B")[int(found[0]) : int(found[-1])]
    return found - found[0], view


def _uncompressed_set(content: memoryview, start: int) -> tuple[memoryview, range | None]:
    """The batches of a record set that are complete, decompressed, and the first that cannot be."""
    found, at = bytearray(), 0
    while at + HEADER.size <= len(content):
        values = list(HEADER.unpack_from(content, at))
        end = at + _PREAMBLE + values[1]
        codec = values[5] & 7
        if codec and end > len(content):
            break
        body = content[at + HEADER.size : end]
        if codec and values[0] + values[6] >= start:
            plain = decompressed(codec, body)
            if plain is None:
                return memoryview(found), _batch_offsets(content, at, start)
            values[1], values[5], body = (
                HEADER.size - _PREAMBLE + len(plain),
                values[5] & ~7,
                memoryview(plain),
            )
        elif codec:
            at = end
            continue
        found += HEADER.pack(*values)
        found += body
        at = end
    return memoryview(found), None


def _batch_offsets(content: memoryview, at: int, start: int) -> range:
    """Those of a batch, from `start` on; only that one if its header makes no sense."""
    values = HEADER.unpack_from(content, at)
    end = values[0] + values[6] + 1
    return range(start, end if start < end <= start + len(content) else start + 1)
