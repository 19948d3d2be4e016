"""Stored batches changed at random; `python -m` this runs rounds of them."""

import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa

from engine.broker.sqlite.tables.codec import (
    DamagedPayloadError,
    Payload,
    Row,
    checksum,
    decode,
    encode,
)
from engine.broker.sqlite.tables.topic_table import COMPRESSIONS
from engine.records.batch import record_batch
from engine.records.sizes import record_sizes
from tests.fuzzing import serve

Change = Callable[[random.Random, bytearray], None]

BASE = 7
PLACE = b"log and partition"
EXTREMES = (0, 1, -1, 1 << 31, (1 << 31) - 1, 1 << 62, -(1 << 63), 0x7FFFFFF8)


def row_of(payload: Payload) -> Row:
    """The row that a payload is stored as."""
    return Row(
        BASE,
        payload.count,
        payload.first_timestamp,
        payload.greatest_timestamp,
        payload.codec,
        payload.raw_length,
        checksum(payload.crc32, BASE, payload, PLACE),
        bytes(payload.data),
        PLACE,
    )


def forged(row: Row) -> Row:
    """A changed row that its checksum does not give away."""
    return replace(row, crc32=checksum(zlib.crc32(row.payload), row.base, row, row.place))


def rows() -> list[Row]:
    """Some of each kind: nulls, empty ones, headers, one record, many."""
    batches = [
        record_batch(
            [b"value %d" % index * (index % 7) for index in range(100)],
            keys=[b"key" if index % 3 else None for index in range(100)],
            headers=[{"name": b"x" * index} if index % 5 else None for index in range(100)],
        ),
        record_batch([b""]),
        record_batch([None, b"two", None], keys=[b"1", None, b"3"]),
        record_batch([b"one"], keys=[b"key"], headers=[{"a": b"", "b": b"c"}]),
        record_batch([b"a" * 40] * 50, keys=[b""] * 50, timestamps=5),
        record_batch([b"%d" % index for index in range(300)]).slice(3, 250),
    ]
    return [row_of(encode(batch, codec)) for batch in batches for codec in COMPRESSIONS]


def set_bytes(chance: random.Random, data: bytearray) -> None:
    for _ in range(chance.choice((1, 1, 2, 8))):
        data[place(chance, data)] = chance.randrange(256)


def set_number(chance: random.Random, data: bytearray) -> None:
    width, code = chance.choice(((4, "<I"), (8, "<Q")))
    at = place(chance, data) // 4 * 4
    data[at : at + width] = struct.pack(code, chance.choice(EXTREMES) & ((1 << 8 * width) - 1))


def cut(chance: random.Random, data: bytearray) -> None:
    del data[chance.randrange(len(data)) :]


def remove(chance: random.Random, data: bytearray) -> None:
    at = place(chance, data)
    del data[at : at + chance.choice((1, 4, 8, 64))]


def copy(chance: random.Random, data: bytearray) -> None:
    """Bytes of elsewhere put in, or put in place of others."""
    start, at, length = place(chance, data), place(chance, data), chance.choice((1, 8, 64))
    taken = data[start : start + length]
    data[at : at + chance.choice((0, len(taken)))] = taken


def place(chance: random.Random, data: bytearray) -> int:
    """Often near the start, where the message says what it holds."""
    return chance.randrange(min(len(data), chance.choice((64, 600, 10**6))) or 1)


CHANGES: tuple[Change, ...] = (set_bytes, set_bytes, set_bytes, set_number, set_number, cut, remove, copy)
ROWS = rows()


def change(chance: random.Random) -> str:
    """A changed batch is refused or read, and never unseen where its checksum was not changed with it."""
    row = chance.choice(ROWS)
    data = bytearray(row.payload)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        chance.choice(CHANGES)(chance, data)
        if not data:
            break
    changed = replace(row, payload=bytes(data))
    if chance.random() < 0.1:
        changed = replace(changed, raw_length=chance.choice((*EXTREMES, 1 << 20, len(data), len(data) * 255)))
    if chance.random() < 0.1:
        changed = replace(changed, count=chance.choice((*EXTREMES, row.count + 1)))
    if changed == row:
        return "as it was"
    assert use(changed) == "refused", "the change went unseen"
    return use(forged(changed))


def use(row: Row) -> str:
    """Decode a row, and touch all that it holds."""
    try:
        records = decode(row)
    except DamagedPayloadError:
        return "refused"
    str(records.to_pylist())
    assert len(record_sizes(records)) == len(records) == row.count
    if not len(records):
        return "read, and empty"  # a count of 0 that fits its payload; an append has at least one record
    everything = pa.array(range(len(records)), pa.int64())
    assert decode(row_of(encode(records.take(everything), "lz4"))).num_rows == row.count
    return "read"


if __name__ == "__main__":
    serve({"batches": change})
