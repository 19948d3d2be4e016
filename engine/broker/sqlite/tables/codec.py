"""Record batches as payloads of the log, and back. What comes back is not trusted."""

import struct
import zlib
from dataclasses import dataclass
from typing import Final, Literal

import pyarrow as pa

from engine.broker.topics import Compression
from engine.records.batch import SCHEMA

_EXPANSION = 255  # lz4 cannot make more bytes than this of one
_HEADER = struct.Struct("<qqqq8sq")
StandIn = Literal["missing", "removed"]

_NO_TIME = -(2**63)  # before every time, so that looking one up finds no such row
_BOUND = 1 << 32  # in the checksum of a row that is bound to its place
_KEY, _VALUE, _TIMESTAMP, _HEADERS = range(4)
_HEADERS_FIELD = SCHEMA.field(_HEADERS)
_NO_ENTRIES = pa.array([], pa.struct([_HEADERS_FIELD.type.key_field, _HEADERS_FIELD.type.item_field]))

# Arrow's own errors derive from ValueError, KeyError, OSError and others; a changed column type, a number out
# of range or a length that no memory can hold raise the rest.
_DAMAGE = (
    *(pa.ArrowException, ValueError, TypeError, LookupError, OSError, EOFError, MemoryError),
    *(OverflowError, AttributeError, struct.error),
)


MISSING: Final = "missing"
"""In place of a codec: the row stands for acknowledged records that the log lost."""
REMOVED: Final = "removed"
"""In place of a codec: the row stands for records that a repair removed."""


class DamagedPayloadError(Exception):
    """A stored batch is not what was written; the text says why."""


class MissingPayloadError(DamagedPayloadError):
    """The row stands for records that are missing."""


class RemovedPayloadError(DamagedPayloadError):
    """The row stands for records that a repair removed."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A record batch as it is stored, before it has a base offset."""

    count: int
    first_timestamp: int
    greatest_timestamp: int
    codec: Compression | StandIn
    raw_length: int
    """Bytes of the Arrow IPC message before compression."""
    crc32: int
    """Of `data` alone; see `checksum`."""
    data: pa.Buffer | bytes
    tombstones: bool
    """Whether a record has no value."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a partition's table, as read: any column may be anything."""

    base: int
    count: int
    first_timestamp: int
    greatest_timestamp: int
    codec: str
    raw_length: int
    crc32: int
    payload: bytes
    place: bytes
    """The log and the partition that it was read from; see `checksum`."""


def encode(records: pa.RecordBatch, codec: Compression) -> Payload:
    """Encode at least one record; without compression if that does not make it smaller."""
    message = _compact(records).serialize()
    data = message
    if codec == "lz4":
        data = pa.Codec("lz4").compress(message)
        if len(data) >= len(message):
            codec, data = "none", message
    timestamps = records.column(_TIMESTAMP).to_numpy()
    return Payload(
        count=records.num_rows,
        first_timestamp=int(timestamps[0]),
        greatest_timestamp=int(timestamps.max()),
        codec=codec,
        raw_length=len(message),
        crc32=zlib.crc32(data),
        data=data,
        tombstones=records.column(_VALUE).null_count > 0,
    )


def _compact(records: pa.RecordBatch) -> pa.RecordBatch:
    # Of a slice of an all-null map Arrow writes all children: measured, 100 bytes per record.
    headers = records.column(_HEADERS)
    if headers.null_count < len(headers):
        return records
    bits, offsets = bytes((len(headers) + 7) // 8), bytes(4 * (len(headers) + 1))
    buffers: list[pa.Buffer | None] = [pa.py_buffer(bits), pa.py_buffer(offsets)]
    nothing = pa.Array.from_buffers(_HEADERS_FIELD.type, len(headers), buffers, children=[_NO_ENTRIES])
    return records.set_column(_HEADERS, _HEADERS_FIELD, nothing)


def checksum(data_crc32: int, base: int, columns: Payload | Row, place: bytes) -> int:
    """What is stored as crc32: of the data, the columns that describe it, and where the row belongs.

    `place` is the log's id and the partition's table, so that rows of another log or partition are damage.
    """
    return _BOUND | zlib.crc32(place, checksum_of_format_1(data_crc32, base, columns))


def checksum_of_format_1(data_crc32: int, base: int, columns: Payload | Row) -> int:
    """The same without the place, as in rows that format 1 of the log wrote."""
    stamps = columns.first_timestamp, columns.greatest_timestamp
    codec = columns.codec.encode()
    return zlib.crc32(_HEADER.pack(base, columns.count, *stamps, codec, columns.raw_length), data_crc32)


def decode(row: Row) -> pa.RecordBatch:
    """The records of a row; `DamagedPayloadError` if they are not those written."""
    try:
        return _decode(row)
    except _DAMAGE as error:
        raise DamagedPayloadError(str(error) or type(error).__name__) from error


def _decode(row: Row) -> pa.RecordBatch:
    check(row)
    if row.codec == MISSING:
        raise MissingPayloadError("its records are missing")
    if row.codec == REMOVED:
        raise RemovedPayloadError("its records were removed")
    records = pa.ipc.read_record_batch(_message(row), SCHEMA)
    records.validate(full=True)  # otherwise Arrow may read out of bounds
    if records.num_rows != row.count:
        raise DamagedPayloadError(f"it holds {records.num_rows} records instead of {row.count}")
    if records.column(_TIMESTAMP).null_count:
        raise DamagedPayloadError("a record has no timestamp")
    return records


def check(row: Row) -> None:
    """`DamagedPayloadError` if the checksum of a row is wrong: faster than decoding it."""
    try:
        unbound = checksum_of_format_1(zlib.crc32(row.payload), row.base, row)
    except _DAMAGE as error:
        raise DamagedPayloadError(str(error) or type(error).__name__) from error
    if row.crc32 not in (unbound, _BOUND | zlib.crc32(row.place, unbound)):
        raise DamagedPayloadError("its checksum differs")


def stand_in(count: int, codec: StandIn) -> Payload:
    """What is stored in place of records."""
    return Payload(
        count=count,
        first_timestamp=0,
        greatest_timestamp=_NO_TIME,
        codec=codec,
        raw_length=0,
        crc32=zlib.crc32(b""),
        data=b"",
        tombstones=False,
    )


def _message(row: Row) -> pa.Buffer:
    data = pa.py_buffer(row.payload)
    if row.codec == "none":
        return data
    if row.codec != "lz4":
        raise DamagedPayloadError(f"its codec {row.codec!r} is unknown")
    if not 0 < row.raw_length <= len(row.payload) * _EXPANSION:
        raise DamagedPayloadError(f"its length of {row.raw_length} bytes cannot be")
    return pa.Codec("lz4").decompress(data, decompressed_size=row.raw_length)
