"""Records from lines of bytes: of a file, or of a pipe that is still being written to.

A line ends with `\\n`, which is not part of the record; a `\\r` before it is. What follows the last
`\\n` is a record too, unless it is empty.
"""

import fcntl
import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.errors import InputError, RecordTooLargeError
from engine.producer.sources.continuation import Continuation, Lines
from engine.producer.sources.record_makers import Made, Maker, value_records

BLOCK = 1 << 20
"""Bytes read at a time: large enough for the cost of an append, small enough for memory."""
IDLE_SECONDS = 1.0
"""How long a record may continue without another line, where lines are joined."""
_PART = 64
_NONE = pa.array([], pa.binary())


def line_batches(
    descriptor: int, *, name: str, limit: int, interrupt: int | None = None
) -> Iterator[pa.RecordBatch]:
    """Lines from `descriptor` as record batches stamped now; see `made_batches`."""
    for made in made_batches(descriptor, value_records, name=name, limit=limit, interrupt=interrupt):
        yield made.records


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReading:
    """How the lines of an input become values."""

    crlf: bool = False
    """Whether a line also ends with `\\r\\n`."""
    begins: str | None = None
    """A regular expression for the first line of each record; None for a record per line."""
    first: int = 1
    """The number of the first line to take."""
    on_bad: Callable[[str], None] | None = None
    """Called with what is wrong with a line, which is then left out; without it, that is an error."""


def made_batches(
    descriptor: int,
    make: Maker,
    *,
    name: str,
    limit: int,
    interrupt: int | None = None,
    reading: LineReading = LineReading(),
) -> Iterator[Made]:
    """Records made of lines from `descriptor`, in batches, each as soon as there is something to read.

    `limit` is in bytes per line. `RecordTooLargeError` at a longer one, after the lines before it, and
    `InputError` at one that is not a record; both give its number and the `name` of the input. Reading stops
    once the descriptor `interrupt` is readable.
    """
    for lines in _lines(descriptor, name, limit, interrupt, reading):
        too_long = pc.binary_length(lines.values).to_numpy() > limit
        bad = np.flatnonzero(too_long)
        if len(bad) and reading.on_bad is not None:
            for number in lines.numbers[bad].tolist():
                reading.on_bad(_too_long(number, name, limit))
            lines, bad = lines.only(~too_long), bad[:0]
        fit = int(bad[0]) if len(bad) else len(lines)
        yield from _made(lines.slice(0, fit), make, name, reading)
        if fit < len(lines):
            raise RecordTooLargeError(_too_long(int(lines.numbers[fit]), name, limit))


def _too_long(number: int, name: str, limit: int) -> str:
    return f"line {number:,} of {name} is longer than {limit:,} bytes, the limit for a record"


def _made(lines: Lines, make: Maker, name: str, reading: LineReading) -> Iterator[Made]:
    count = len(lines)
    while len(lines):
        made = make(lines.slice(0, count).values)
        rows = made.records.num_rows
        if rows:
            yield replace(made, next_line=lines.slice(0, rows).next)
        if made.fault:
            bad = f"line {lines.numbers[rows]:,} of {name} {made.fault}"
            if reading.on_bad is None:
                raise InputError(bad, made.remedy)
            reading.on_bad(bad)
        # What comes after a bad line is tried in small parts, since there may be many of them.
        count = _PART if made.fault else count * 2
        lines = lines.slice(rows + bool(made.fault))


def _lines(
    descriptor: int, name: str, limit: int, interrupt: int | None, reading: LineReading
) -> Iterator[Lines]:
    splitter = LineSplitter(crlf=reading.crlf)
    continuation = None if reading.begins is None else Continuation(reading.begins)
    following = 1
    for block in _blocks(descriptor, interrupt, None if continuation is None else IDLE_SECONDS):
        values = splitter.feed(block) if block else splitter.finish() if block is not None else _NONE
        numbers = np.arange(following, following + len(values), dtype=np.int64)
        following += len(values)
        lines = Lines(values=values, numbers=numbers, next=following)
        if reading.first > following - len(values):
            lines = lines.slice(min(reading.first - following + len(values), len(values)))
        if continuation is not None:
            ended = [continuation.feed(lines)]
            if not block and not splitter.pending:
                ended.append(continuation.finish(following))
            yield from filter(len, ended)
        elif len(lines):
            yield lines
        if splitter.pending + (continuation.pending if continuation else 0) > limit:
            raise RecordTooLargeError(_too_long(following, name, limit))


def whole_input(descriptor: int, *, name: str, limit: int, interrupt: int | None) -> bytes | None:
    """Everything from `descriptor`; None if `interrupt` was readable before its end.

    `RecordTooLargeError` if it has more than `limit` bytes.
    """
    parts: list[bytes] = []
    size = 0
    for block in _blocks(descriptor, interrupt, None):
        if not block:
            return b"".join(parts)
        parts.append(block)
        size += len(block)
        if size > limit:
            raise RecordTooLargeError(f"{name} is longer than {limit:,} bytes, the limit for a record")
    return None


class LineSplitter:
    """Cuts blocks of bytes into lines, keeping an unfinished one for the next block."""

    def __init__(self, *, crlf: bool = False) -> None:
        """With `crlf`, a `\\r` before the newline is not part of a line either."""
        self._crlf = crlf
        self._parts: list[bytes] = []
        self.pending = 0
        """Bytes of the unfinished line."""

    def feed(self, block: bytes) -> pa.BinaryArray:
        end = block.rfind(b"\n")
        if end < 0:
            self._keep(block)
            return pa.array([], pa.binary())
        whole = b"".join((*self._parts, memoryview(block)[: end + self._crlf]))
        if self._crlf:
            whole = whole.replace(b"\r\n", b"\n")[:-1]
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


def _blocks(descriptor: int, interrupt: int | None, idle: float | None) -> Iterator[bytes | None]:
    """Blocks of up to about `BLOCK` bytes, as they arrive, and an empty one at the end.

    None if nothing came for `idle` seconds.
    """
    watched = [descriptor] if interrupt is None else [descriptor, interrupt]
    while True:
        ready, _, _ = select.select(watched, [], [], idle)
        if interrupt in ready:
            return
        if not ready:
            yield None
            continue
        block, ended = _read_available(descriptor)
        if block:
            yield block
        if ended:
            yield b""
            return


def enlarge_pipe(descriptor: int) -> None:
    """Let a pipe hold a whole block, so that few of them carry many lines; nothing for what is no pipe."""
    if sys.platform == "linux":
        with suppress(OSError):  # the system may allow less
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, BLOCK)


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
