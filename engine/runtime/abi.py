"""The guest contract in numbers: names, sizes and positions as in docs/abi.md."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.records.batch import Batch

VERSIONS = (1, 2)
"""Versions of the contract that a guest may answer."""
SPARSE_VERSION = 2
"""The first one whose batches may have offset gaps and tombstones."""
HEADERS_VERSION = 2
"""The first one whose records may have headers."""
OUTPUTS_VERSION = 2
"""The first one with an output area."""
PARAMETERS_VERSION = 2
"""The first one whose header has parameters and look-back bounds."""

MEMORY = "memory"
ABI = "smartstream_abi"
ALLOC = "smartstream_alloc"
INITIALIZE = "_initialize"
STACK_POINTER = "__stack_pointer"
PREFIX = "smartstream_"
INIT = "smartstream_init"
LOOK_BACK = "smartstream_look_back"
TRACE = "smartstream_trace"
SOURCE = "smartstream_source"
LOAD = "smartstream_load"

ALIGNMENT = 8
HEADER = struct.Struct("<4Iq20I2qI4x")
RANGE = struct.Struct("<2I")
"""`start` and `end`, which differ between calls over the same columns."""
RANGE_AT = 8
ACCUMULATOR = struct.Struct("<2I")
"""`accumulator` and `accumulator_size`, which differ between calls too."""
ACCUMULATOR_AT = 88
HEADERS_HEAD = struct.Struct("<6I")
"""Where the arrays of the headers are, in bytes from the start of this head; 0 for an empty one."""
PROGRESS_AT = HEADER.size
NO_RECORD = 0xFFFF_FFFF
"""The progress cell's value until the guest has named a record."""

MESSAGES_AT = PROGRESS_AT + ALIGNMENT
MESSAGES_BYTES = 1 << 16
MESSAGES_HEAD = struct.Struct("<2I")
ENTRY_HEAD = struct.Struct("<3I")
COLUMNS_AT = MESSAGES_AT + MESSAGES_BYTES

OUTPUTS_HEAD = struct.Struct("<3I4x")
"""`count`, `used` and `needed` of the output area."""
OUTPUT_ENTRY_BYTES = 16

_POINTERS = (
    "value_offsets",
    "values",
    "key_offsets",
    "keys",
    "key_validity",
    "timestamps",
    "verdicts",
    "offsets",
    "value_validity",
    "outputs",
    "parameters",
    "headers",
)
"""In the order of the header, which has other fields between them."""
_OFFSETS = _POINTERS.index("offsets")
_PARAMETERS = _POINTERS.index("parameters")
_HEADERS = _POINTERS.index("headers")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of a batch and the areas for results lie, in bytes from the region's start."""

    places: Mapping[str, int]
    """By the name of the header's field."""
    size: int
    outputs_size: int
    parameters_size: int


def layout(
    columns: Mapping[str, bytes | memoryview], *, outputs_size: int = 0, accumulator_size: int = 0
) -> Layout:
    """Lay out columns, by the names of the header's fields, and areas if they have a size."""
    at, places = COLUMNS_AT, {}
    for name, data in columns.items():
        places[name] = at
        at += (len(data) + ALIGNMENT - 1) & -ALIGNMENT
    if outputs_size:
        places["outputs"] = at
        at += aligned(outputs_size)
    if accumulator_size:
        places["accumulator"] = at
        at += aligned(accumulator_size)
    return Layout(places, at, outputs_size, len(columns.get("parameters", b"")))


def aligned(size: int) -> int:
    """A size rounded up to the alignment of everything in the region."""
    return (size + ALIGNMENT - 1) & -ALIGNMENT


def header(
    address: int, layout: Layout, version: int, batch: "Batch | None" = None, *, look_back: tuple[int, int]
) -> bytes:
    """The header of a call over a region at `address`, with an empty range and no accumulator.

    `look_back` has the two bounds of a look-back.
    """

    place = layout.places.get
    pointers = [address + at if (at := place(name)) else 0 for name in _POINTERS]
    return HEADER.pack(
        version,
        HEADER.size,
        0,
        0,
        *((0, 0, 0) if batch is None else (batch.first_offset, batch.partition, len(batch))),
        *pointers[:_OFFSETS],
        address + PROGRESS_AT,
        address + MESSAGES_AT,
        MESSAGES_BYTES,
        *pointers[_OFFSETS:_PARAMETERS],
        layout.outputs_size,
        0,
        0,
        pointers[_PARAMETERS],
        layout.parameters_size,
        *look_back,
        pointers[_HEADERS],
    )
