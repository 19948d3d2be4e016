"""How Fluvio's batches are compressed."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, cast

import google_crc32c
import pyarrow as pa

_Streamed = Literal["gzip", "lz4", "zstd"]

CODECS: Sequence[str] = ("none", "gzip", "snappy", "lz4", "zstd")
"""By their number in the attributes of a batch."""
LARGEST = 256 << 20
"""Bytes that a batch may take decompressed."""
_SNAPPY_COMPRESSED, _SNAPPY_PLAIN, _SNAPPY_FIRST_IGNORED = 0x00, 0x01, 0x80
_SNAPPY_START = b"\xff\x06\0\0sNaPpY"
_SNAPPY_MOST = 1 << 16
"""Bytes in a chunk."""
_CHECKSUM = 4


def decompressed(codec: int, content: memoryview) -> bytes | None:
    """The records of a batch; None if they are not what the codec writes, or too large."""
    read = _READERS.get(codec)
    if read is None:
        return None
    try:
        return read(content)
    except (OSError, ValueError, zlib.error, EOFError):
        return None


def compressed(codec: int, content: bytes) -> bytes:
    """The records of a batch, as a codec writes them."""
    if CODECS[codec] == "none":
        return content
    if CODECS[codec] == "snappy":
        return _SNAPPY_START + b"".join(
            _snappy_chunk(content[at : at + _SNAPPY_MOST]) for at in range(0, len(content), _SNAPPY_MOST)
        )
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, cast("_Streamed", CODECS[codec])) as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


def _snappy_chunk(content: bytes) -> bytes:
    checksum: int = google_crc32c.value(content)
    masked = ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF
    packed: bytes = pa.compress(content, codec="snappy", asbytes=True)
    head = bytes([_SNAPPY_COMPRESSED]) + (len(packed) + _CHECKSUM).to_bytes(3, "little")
    return head + masked.to_bytes(_CHECKSUM, "little") + packed


def _stream(name: "_Streamed") -> Callable[[memoryview], bytes | None]:
    def read(content: memoryview) -> bytes | None:
        with pa.CompressedInputStream(pa.BufferReader(pa.py_buffer(content)), name) as stream:
            found: bytes = stream.read(LARGEST + 1)
        return found if len(found) <= LARGEST else None

    return read


def _snappy(content: memoryview) -> bytes | None:
    """The framing format: chunks of a type, a length of three bytes, a checksum and at most 64 KiB."""
    found, at = bytearray(), 0
    while at + 4 <= len(content):
        kind, length = content[at], int.from_bytes(content[at + 1 : at + 4], "little")
        chunk = content[at + 4 : at + 4 + length]
        at += 4 + length
        if len(chunk) < length or len(found) > LARGEST:
            return None
        if kind == _SNAPPY_COMPRESSED:
            raw = chunk[_CHECKSUM:]
            found += pa.decompress(pa.py_buffer(raw), _snappy_size(raw), codec="snappy").to_pybytes()
        elif kind == _SNAPPY_PLAIN:
            found += chunk[_CHECKSUM:]
        elif kind < _SNAPPY_FIRST_IGNORED:
            return None
    return bytes(found)


def _snappy_size(content: memoryview) -> int:
    """What a chunk's first varint says, within the format's bound."""
    size = shift = 0
    for byte in content[:3]:
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return min(size, _SNAPPY_MOST)


_READERS: Mapping[int, Callable[[memoryview], bytes | None]] = {
    1: _stream("gzip"),
    2: _snappy,
    3: _stream("lz4"),
    4: _stream("zstd"),
}
