"""The guest contract in numbers: names, sizes and places as in docs/abi.md."""

import struct
from dataclasses import dataclass

VERSION = 1

MEMORY = "memory"
ABI = "smartstream_abi"
ALLOC = "smartstream_alloc"
FILTER = "smartstream_filter"
INITIALIZE = "_initialize"
STACK_POINTER = "__stack_pointer"
PREFIX = "smartstream_"

ALIGNMENT = 8
HEADER = struct.Struct("<4Iq12I56x")
RANGE = struct.Struct("<2I")
"""`start` and `end`, the part of the header that differs from call to call over the same columns."""
RANGE_AT = 8
PROGRESS_AT = HEADER.size
NO_RECORD = 0xFFFF_FFFF
"""What the progress cell holds until the guest has named a record."""

MESSAGES_AT = PROGRESS_AT + ALIGNMENT
MESSAGES_BYTES = 1 << 16
MESSAGES_HEAD = struct.Struct("<2I")
ENTRY_HEAD = struct.Struct("<3I")
COLUMNS_AT = MESSAGES_AT + MESSAGES_BYTES


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of a batch lie, in bytes from the region's start; 0 for what is absent."""

    value_offsets: int
    key_offsets: int
    key_validity: int
    timestamps: int
    verdicts: int
    values: int
    keys: int
    size: int
    """Bytes of the whole region."""


def layout(count: int, value_bytes: int, key_bytes: int | None, validity_bytes: int | None) -> Layout:
    """Lay out `count` records; `key_bytes` is None where none has a key, `validity_bytes` where all do."""
    at = COLUMNS_AT

    def place(size: int | None) -> int:
        nonlocal at
        if size is None:
            return 0
        start, at = at, _aligned(at + size)
        return start

    offset_bytes = 4 * (count + 1)
    return Layout(
        value_offsets=place(offset_bytes),
        key_offsets=place(None if key_bytes is None else offset_bytes),
        key_validity=place(validity_bytes),
        timestamps=place(8 * count),
        verdicts=place(count),
        values=place(value_bytes),
        keys=place(key_bytes),
        size=at,
    )


def header(address: int, count: int, base_offset: int, partition: int, places: Layout) -> bytes:
    """The header of a call over a region at `address`, with an empty range."""

    def pointer(place: int) -> int:
        return address + place if place else 0

    return HEADER.pack(
        VERSION,
        HEADER.size,
        0,
        0,
        base_offset,
        partition,
        count,
        pointer(places.value_offsets),
        pointer(places.values),
        pointer(places.key_offsets),
        pointer(places.keys),
        pointer(places.key_validity),
        pointer(places.timestamps),
        pointer(places.verdicts),
        address + PROGRESS_AT,
        address + MESSAGES_AT,
        MESSAGES_BYTES,
    )


def _aligned(size: int) -> int:
    return (size + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT
