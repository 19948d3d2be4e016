"""Records from lines of bytes: of a file, or of a pipe that is still being written to.

A line ends with `\\n`, which is not part of the record; a `\\r` before it is. What follows the last
`\\n` is a record too, unless it is empty.
"""

import os
import select
from collections.abc import Iterator
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.errors import InputError, RecordTooLargeError
from engine.producer.sources.record_makers import Made, Maker, value_records

BLOCK = 1 << 20
"""Bytes read at a time: large enough for the cost of an append, small enough for memory."""


def line_batches(
    descriptor: int, *, name: str, limit: int, interrupt: int | None = None
) -> Iterator[pa.RecordBatch]:
    """Lines from `descriptor` as record batches stamped now; see `made_batches`."""
    for made in made_batches(descriptor, value_records, name=name, limit=limit, interrupt=interrupt):
        yield made.records


def made_batches(
    descriptor: int, make: Maker, *, name: str, limit: int, interrupt: int | None = None
) -> Iterator[Made]:
    """Records made of lines from `descriptor`, in batches, each as soon as there is something to read.

    `limit` is in bytes per line. `RecordTooLargeError` at a longer one, after the lines before it, and
    `InputError` at one that is not a record; both give its number and the `name` of the input. Reading stops
    once the descriptor `interrupt` is readable.
    """
    splitter = LineSplitter()
    done = 0
    for block in _blocks(descriptor, interrupt):
        values = splitter.feed(block) if block else splitter.finish()
        too_long = np.flatnonzero(pc.binary_length(values).to_numpy() > limit)
        fit = int(too_long[0]) if len(too_long) else len(values)
        if fit:
            made = make(values.slice(0, fit))
            if made.records.num_rows:
                yield made
            if made.fault:
                number = done + made.records.num_rows + 1
                raise InputError(f"line {number:,} of {name} {made.fault}", made.remedy)
        done += fit
        if fit < len(values) or splitter.pending > limit:
            raise RecordTooLargeError(
                f"line {done + 1:,} of {name} is longer than {limit:,} bytes, the limit for a record"
            )


def whole_input(descriptor: int, *, name: str, limit: int, interrupt: int | None = None) -> bytes | None:
    """Everything from `descriptor`; None if `interrupt` was readable before its end.

    `RecordTooLargeError` if it has more than `limit` bytes.
    """
    parts: list[bytes] = []
    size = 0
    for block in _blocks(descriptor, interrupt):
        if not block:
            return b"".join(parts)
        parts.append(block)
        size += len(block)
        if size > limit:
            raise RecordTooLargeError(f"{name} is longer than {limit:,} bytes, the limit for a record")
    return None


class LineSplitter:
    """Cuts blocks of bytes into lines, keeping an unfinished one for the next block."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.pending = 0
        """Bytes of the unfinished line."""

    def feed(self, block: bytes) -> pa.BinaryArray:
        end = block.rfind(b"\n")
        if end < 0:
            self._keep(block)
            return pa.array([], pa.binary())
        whole = b"".join((*self._parts, memoryview(block)[:end]))
        self._parts, self.pending = [], 0
        self._keep(block[end + 1 :])
        return _split(whole)

    def finish(self) -> pa.BinaryArray:
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


def _blocks(descriptor: int, interrupt: int | None) -> Iterator[bytes]:
    """Blocks of up to about `BLOCK` bytes, as they arrive, and an empty one at the end."""
    watched = [descriptor] if interrupt is None else [descriptor, interrupt]
    while True:
        ready, _, _ = select.select(watched, [], [])
        if interrupt in ready:
            return
        block, ended = _read_available(descriptor)
        if block:
            yield block
        if ended:
            yield b""
            return


def is_readable(descriptor: int) -> bool:
    """Whether there is something to read now, or the end."""
    return bool(select.select([descriptor], [], [], 0)[0])


def _read_available(descriptor: int) -> tuple[bytes, bool]:
    """Bytes that are available now, and whether the end was reached; a pipe gives 64 KiB per read."""
    parts: list[bytes] = []
    total = 0
    while total < BLOCK:
        part = os.read(descriptor, BLOCK)
        if not part:
            return b"".join(parts), True
        parts.append(part)
        total += len(part)
        if not is_readable(descriptor):
            break
    return b"".join(parts), False
