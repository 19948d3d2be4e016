"""The marks that the last step of a chain puts between the outputs of an SPU."""

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
from wasmtime import Engine, Func, FuncType, Instance, Memory, Module, Store, ValType

from engine.broker.fluvio.protocol.marks import Marked, mark_module, read_marks
from engine.broker.fluvio.protocol.records import HEADER, RecordCodec
from engine.broker.fluvio.protocol.wire import Encoder
from engine.records.batch import record_batch

BASE_TIME = -1
"""Of an SPU's answer."""

Row = tuple[int, int, bytes]
"""Delta of the offset, delta of the time, value."""


class MarkStep:
    """The module, called as an SPU does."""

    def __init__(self) -> None:
        engine = Engine()
        self._store = Store(engine)
        self._answer = b""
        answer = Func(self._store, FuncType([ValType.i32(), ValType.i32()], []), self._take)
        self._exports = Instance(self._store, Module(engine, mark_module()), [answer]).exports(self._store)

    def __call__(self, base: int, time: int, records: bytes, count: int) -> tuple[int, bytes]:
        """How many records come out of a batch, and these."""
        content = Encoder().i64(base).sized(bytes(Encoder().u32(count).raw(records))).i64(time)
        at = self._exports["alloc"](self._store, len(content))  # type: ignore[operator]
        memory = self._exports["memory"]
        assert isinstance(memory, Memory)
        memory.write(self._store, bytes(content), at)
        found = self._exports["filter"](self._store, at, len(content), 25)  # type: ignore[operator]
        assert self._answer[:4] == found.to_bytes(4, "big")
        assert self._answer[-1] == 0, "an error"
        return found, self._answer[4:-1]

    def _take(self, at: int, size: int) -> None:
        memory = self._exports["memory"]
        assert isinstance(memory, Memory)
        self._answer = bytes(memory.read(self._store, at, at + size))


def test_outputs_get_the_offsets_and_times_of_their_inputs() -> None:
    batches = [
        (100, 5_000, [(0, 1, b"a"), (3, 7, b"b")]),
        (104, 6_000, []),
        (110, 7_000, [(1, 0, b"c"), (1, 0, b"c2"), (9, 2, b"x" * 24)]),
    ]
    found = marked(batches)
    assert list(found.starts) == [100, 104, 110]
    assert list(found.offsets) == [100, 103, 111, 111, 119]
    assert found.records.column("timestamp").to_pylist() == [5_001, 5_007, 7_000, 7_000, 7_002]
    assert found.records.column("value").to_pylist() == [b"a", b"b", b"c", b"c2", b"x" * 24]


def test_outputs_of_a_batch_that_failed_are_left_out() -> None:
    failed = [(0, 0, b"not seen by later steps")]
    found = marked([(0, 50, [(0, 0, b"a")])], failed_base=1, failed=failed)
    assert found.records.column("value").to_pylist() == [b"a"]
    assert not len(marked([], failed_base=0, failed=failed).starts)


def test_a_batch_larger_than_the_memory_of_the_step() -> None:
    rows = [(delta, 0, b"y" * 1_000) for delta in range(500)]
    found = marked([(7, 1, rows)])
    assert found.records.num_rows == 500
    assert list(found.offsets) == list(range(7, 507))


def marked(
    batches: Sequence[tuple[int, int, Sequence[Row]]], failed_base: int = 0, failed: Sequence[Row] = ()
) -> Marked:
    """What is read of an SPU's answer for some batches, each with its base offset, base time and outputs."""
    step, codec = MarkStep(), RecordCodec()
    first = batches[0][0] if batches else failed_base
    count, body = 0, b""
    for base, time, rows in batches:
        more, content = step(base, time, encoded(rows), len(rows))
        count, body = count + more, body + moved(codec, content, more, first - base)
    body += encoded([(delta + first - failed_base, time, value) for delta, time, value in failed])
    content = (count + len(failed)).to_bytes(4, "big") + body
    head = HEADER.pack(first, HEADER.size - 12 + len(content), -1, 2, 0, 0, 0, BASE_TIME, -1, -1, -1, -1)
    records, offsets = codec.read_all(memoryview(head + content))
    return read_marks(records, offsets, BASE_TIME)


def moved(codec: RecordCodec, content: bytes, count: int, distance: int) -> bytes:
    """Records with `distance` added to their deltas, as an SPU joins batches."""
    whole = count.to_bytes(4, "big") + content
    head = HEADER.pack(0, HEADER.size - 12 + len(whole), -1, 2, 0, 0, 0, 0, -1, -1, -1, -1)
    records, offsets = codec.read_all(memoryview(head + whole))
    times = records.column("timestamp").to_pylist()
    values = records.column("value").to_pylist()
    return encoded(
        (int(offset) + distance, time, value)
        for offset, time, value in zip(offsets, times, values, strict=True)
    )


def encoded(rows: Iterable[Row]) -> bytes:
    found = b""
    for offset, time, value in rows:
        content = b"\0" + varint(time) + varint(offset) + b"\0" + varint(len(value)) + value + b"\0"
        found += varint(len(content)) + content
    return found


def varint(number: int) -> bytes:
    rest, found = (number << 1) ^ (number >> 63), bytearray()
    while rest >= 0x80:
        found.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*found, rest])


def test_offsets_in_any_order_are_read() -> None:
    body = encoded([(5, 0, b"a"), (-2, 0, b"b"), (3, 0, b"c")])
    content = (3).to_bytes(4, "big") + body
    head = HEADER.pack(10, HEADER.size - 12 + len(content), -1, 2, 0, 0, 0, 0, -1, -1, -1, -1)
    records, offsets = RecordCodec().read_all(memoryview(head + content))
    assert np.array_equal(offsets, [15, 8, 13])
    assert records.column("value").equals(pa.array([b"a", b"b", b"c"]))
    assert records.schema.equals(record_batch([]).schema)
