"""Where the outputs of an SPU come from, read from the marks that the last step puts between them."""

import secrets
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from wasmtime import wat2wasm

from engine.records.batch import SCHEMA

_SIZE = 24
_NONCE = secrets.randbits(63) | 1
_TIME_COLUMN = SCHEMA.get_field_index("timestamp")

Numbers = npt.NDArray[np.int64]


@cache
def mark_module() -> bytes:
    """The last step of a chain, as WebAssembly."""
    text = files(__package__).joinpath("mark.wat").read_text(encoding="utf-8")
    return bytes(wat2wasm(text.replace("NONCE", str(_NONCE))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """The outputs of whole batches of a log."""

    starts: Numbers
    """The base offset of each batch."""
    records: pa.RecordBatch
    """The outputs, with their own times."""
    offsets: Numbers
    """Of their inputs."""


def read_marks(records: pa.RecordBatch, offsets: Numbers, base_time: int) -> Marked:
    """Outputs as an SPU sent them, whose offsets and times it made relative to the first batch.

    `base_time` is that of the SPU's answer. Outputs after the last mark are left out: a step has failed on
    their batch, so later ones have not seen them.
    """
    marks, starts, times = _marks(records)
    kept = np.setdiff1d(np.arange(marks[-1] if len(marks) else 0), marks, assume_unique=True)
    batches = np.searchsorted(marks, kept)
    # The SPU adds the distance of the batches where it would have to subtract it.
    moved = 2 * (starts - starts[0]) if len(starts) else starts
    found = records.take(pa.array(kept, pa.int64()))
    stamps = found.column(_TIME_COLUMN).to_numpy() - base_time + times[batches]
    return Marked(
        starts=starts,
        records=found.set_column(_TIME_COLUMN, SCHEMA.field(_TIME_COLUMN), pa.array(stamps, pa.int64())),
        offsets=offsets[kept] + moved[batches],
    )


def _marks(records: pa.RecordBatch) -> tuple[npt.NDArray[np.intp], Numbers, Numbers]:
    """The rows of the marks, and what they say: base offsets and times."""
    values = records.column("value")
    _, ends_buffer, data = values.buffers()
    if ends_buffer is None or data is None:
        empty = np.empty(0, np.int64)
        return np.empty(0, np.intp), empty, empty
    ends = np.frombuffer(memoryview(ends_buffer), np.int32)[values.offset : values.offset + len(values) + 1]
    rows = np.flatnonzero(np.diff(ends) == _SIZE)
    content = np.frombuffer(memoryview(data), np.uint8)[ends[rows][:, None] + np.arange(_SIZE)]
    fields = np.ascontiguousarray(content).view(">i8").reshape(len(rows), 3)
    ours = content[:, :8].copy().view("<i8").reshape(len(rows)) == _NONCE
    return rows[ours], fields[ours, 1].astype(np.int64), fields[ours, 2].astype(np.int64)
