"""Records from lines of bytes: a file, or a pipe that somebody is still writing to.

A line ends with `\\n`, which is not part of the record; everything else is, a `\\r` before it included. What
follows the last `\\n` is a record too, unless it is empty.
"""

import os
import select
from collections.abc import Iterator
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.errors import RecordTooLargeError
from engine.records import SCHEMA, now_ms

BLOCK = 1 << 20
"""Bytes taken at a time: enough to make the cost of an append small, little enough to keep in memory."""


def line_batches(
    descriptor: int, *, name: str, limit: int, interrupt: int | None = None
) -> Iterator[pa.RecordBatch]:
    """Lines from `descriptor` as record batches stamped now, each as soon as there is something to read.

    `limit` is in bytes a record: at a longer line, `RecordTooLargeError` with its number and `name`, the
    input's, follows the lines before it. Once the descriptor `interrupt` is readable, no more is read.
    """
    splitter = LineSplitter()
    done = 0
    for block in _blocks(descriptor, interrupt):
        values = splitter.feed(block) if block else splitter.finish()
        fit = _how_many_fit(values, limit)
        if fit:
            yield _records(values.slice(0, fit))
        done += fit
        if fit < len(values) or splitter.pending > limit:
            raise RecordTooLargeError(
                f"line {done + 1:,} of {name} is longer than the {limit:,} bytes that a record may be",
                "raise the limit with --max-record-bytes",
            )


class LineSplitter:
    """Cuts blocks of bytes into lines, keeping an unfinished one for the next block."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.pending = 0
        """Bytes of the unfinished line."""

    def feed(self, block: bytes) -> pa.BinaryArray:
        """The lines that `block` finishes."""
        end = block.rfind(b"\n")
        if end < 0:
            self._keep(block)
            return _no_lines()
        whole = b"".join((*self._parts, memoryview(block)[:end]))
        self._parts, self.pending = [], 0
        self._keep(block[end + 1 :])
        return _split(whole)

    def finish(self) -> pa.BinaryArray:
        """The last line, where it had no end."""
        last = pa.array([b"".join(self._parts)] if self.pending else [], pa.binary())
        self._parts, self.pending = [], 0
        return last

    def _keep(self, part: bytes) -> None:
        if part:
            self._parts.append(part)
            self.pending += len(part)


def _split(lines: bytes) -> pa.BinaryArray:
    # 39 ns a line; bytes.split and an array of its result take 84, finding the ends with numpy 77.
    found = pc.split_pattern(pa.array([lines], pa.binary()), pattern="\n")
    return cast("pa.BinaryArray", found.values)


def _no_lines() -> pa.BinaryArray:
    return pa.array([], pa.binary())


def _how_many_fit(values: pa.BinaryArray, limit: int) -> int:
    lengths = pc.binary_length(values).to_numpy()
    too_long = np.flatnonzero(lengths > limit)
    return int(too_long[0]) if len(too_long) else len(values)


def _records(values: pa.BinaryArray) -> pa.RecordBatch:
    count = len(values)
    return pa.RecordBatch.from_arrays(
        [
            pa.nulls(count, pa.binary()),
            values,
            pa.array(np.full(count, now_ms(), np.int64)),
            pa.nulls(count, SCHEMA.field("headers").type),
        ],
        schema=SCHEMA,
    )


def _blocks(descriptor: int, interrupt: int | None) -> Iterator[bytes]:
    """What there is to read, up to about `BLOCK` bytes a time, and an empty block at the end."""
    watched = [descriptor] if interrupt is None else [descriptor, interrupt]
    while True:
        ready, _, _ = select.select(watched, [], [])
        if interrupt in ready:
            return
        block, ended = _read_what_is_there(descriptor)
        if block:
            yield block
        if ended:
            yield b""
            return


def _read_what_is_there(descriptor: int) -> tuple[bytes, bool]:
    """Bytes that need no waiting for, and whether the end was reached; a pipe gives 64 KiB a read."""
    parts: list[bytes] = []
    total = 0
    while total < BLOCK:
        part = os.read(descriptor, BLOCK)
        if not part:
            return b"".join(parts), True
        parts.append(part)
        total += len(part)
        if not select.select([descriptor], [], [], 0)[0]:
            break
    return b"".join(parts), False
