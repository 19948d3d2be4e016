"""The guest contract in numbers: names, sizes and positions as in docs/abi.md."""

import struct
from dataclasses import dataclass

VERSIONS = (1, 2)
"""Versions of the contract that a guest may answer."""
SPARSE_VERSION = 2
"""The first one whose batches may have offset gaps and tombstones."""

MEMORY = "memory"
ABI = "smartstream_abi"
ALLOC = "smartstream_alloc"
INITIALIZE = "_initialize"
STACK_POINTER = "__stack_pointer"
PREFIX = "smartstream_"
RESERVED = ("smartstream_init", "smartstream_look_back")
"""Exports that later versions of the contract will call."""

ALIGNMENT = 8
HEADER = struct.Struct("<4Iq14I48x")
RANGE = struct.Struct("<2I")
"""`start` and `end`, the part of the header that differs between calls over the same columns."""
RANGE_AT = 8
PROGRESS_AT = HEADER.size
NO_RECORD = 0xFFFF_FFFF
"""The progress cell's value until the guest has named a record."""

MESSAGES_AT = PROGRESS_AT + ALIGNMENT
MESSAGES_BYTES = 1 << 16
MESSAGES_HEAD = struct.Struct("<2I")
ENTRY_HEAD = struct.Struct("<3I")
COLUMNS_AT = MESSAGES_AT + MESSAGES_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the columns of a batch lie, in bytes from the region's start; 0 for an absent column."""

    value_offsets: int
    key_offsets: int
    key_validity: int
    timestamps: int
    verdicts: int
    offsets: int
    value_validity: int
    values: int
    keys: int
    size: int
    """Bytes of the whole region."""


def layout(
    count: int,
    *,
    value_bytes: int,
    key_bytes: int | None,
    key_validity_bytes: int | None,
    offset_bytes: int | None,
    value_validity_bytes: int | None,
) -> Layout:
    """Lay out `count` records; None for an absent column."""
    at = COLUMNS_AT

    def place(size: int | None) -> int:
        nonlocal at
        if size is None:
            return 0
        start, at = at, _aligned(at + size)
        return start

    ends_bytes = 4 * (count + 1)
    return Layout(
        value_offsets=place(ends_bytes),
        key_offsets=place(None if key_bytes is None else ends_bytes),
        key_validity=place(key_validity_bytes),
        timestamps=place(8 * count),
        verdicts=place(count),
        offsets=place(offset_bytes),
        value_validity=place(value_validity_bytes),
        values=place(value_bytes),
        keys=place(key_bytes),
        size=at,
    )


def header(
    address: int, places: Layout, *, version: int, count: int, base_offset: int, partition: int
) -> bytes:
    """The header of a call over a region at `address`, with an empty range."""

    def pointer(place: int) -> int:
        return address + place if place else 0

    return HEADER.pack(
        version,
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
        pointer(places.offsets),
        pointer(places.value_validity),
    )


def _aligned(size: int) -> int:
    return (size + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT
