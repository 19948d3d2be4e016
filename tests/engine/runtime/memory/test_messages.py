"""The message area is untrusted."""

import random
import struct

import pytest

from engine.records.faults import Call, Location
from engine.runtime.memory.messages import read

SIZE = 4096


def area(*entries: tuple[int, int, bytes], used: int | None = None, lost: int = 0) -> memoryview:
    body = b""
    for record, kind, text in entries:
        body += struct.pack("<3I", record, kind, len(text)) + text + b"\0" * (-len(text) % 4)
    head = struct.pack("<2I", len(body) if used is None else used, lost)
    return memoryview((head + body).ljust(SIZE, b"\0"))


def test_every_kind_of_entry() -> None:
    messages = read(
        area(
            (3, 4, b"one"), (3, 1, b"bad"), (4, 2, b"oh"), (4, 3, b"src/f.rs:10:2"), (4, 4, b""), (4, 9, b"x")
        ),
        0,
        10,
    )
    assert messages.errors == {3: "bad"}
    assert messages.panics == {4: "oh"}
    assert messages.places == {4: Location("src/f.rs", 10, 2)}
    assert messages.lines == [(3, "one"), (4, "")]
    assert messages.lost == 0


def test_empty_area() -> None:
    messages = read(area(lost=7), 0, 10)
    assert not messages.errors and not messages.lines
    assert messages.lost == 7


def test_entries_for_other_records_are_ignored() -> None:
    messages = read(area((1, 4, b"a"), (2, 4, b"b"), (5, 4, b"c"), (0xFFFFFFFF, 4, b"d")), 2, 5)
    assert messages.lines == [(2, "b")]


@pytest.mark.parametrize("used", [0xFFFFFFFF, SIZE, SIZE - 8])
def test_used_beyond_the_area(used: int) -> None:
    messages = read(area((1, 4, b"a"), used=used), 0, 2)
    assert messages.lines[0] == (1, "a")


@pytest.mark.parametrize("used", range(1, 12))
def test_used_below_one_entry(used: int) -> None:
    messages = read(area((1, 4, b"abc"), used=used), 0, 2)
    assert not messages.errors and not messages.lines


@pytest.mark.parametrize("length", [4, 5000, 0x7FFFFFFF, 0xFFFFFFFF])
def test_length_past_the_end_is_cut(length: int) -> None:
    lying = struct.pack("<2I", 15, 0) + struct.pack("<3I", 1, 4, length) + b"abc" + b"never shown"
    assert read(memoryview(lying), 0, 2).lines == [(1, "abc")]


def test_invalid_utf8_is_replaced() -> None:
    assert read(area((1, 1, b"\xff\xfea\xc3")), 0, 2).errors == {1: "\ufffd\ufffda\ufffd"}


@pytest.mark.parametrize("place", [b"", b"f.rs", b"f.rs:1", b":1:2", b"f.rs:x:2", b"f.rs:1:" + b"9" * 5000])
def test_invalid_location_is_ignored(place: bytes) -> None:
    assert read(area((1, 3, place), used=12 + len(place)), 0, 2).places == {}


def test_calls_of_an_error_are_in_the_file_of_its_place() -> None:
    calls = b"3:17 city\n9:10 a b\n0:1 \nnone\n1:2\n" + b"9" * 20 + b":1 f\n"
    found = read(area((1, 1, b"bad"), (1, 3, b"f.js:3:17"), (1, 7, calls), (2, 7, b"1:1 f\n")), 0, 3).stacks
    assert found == {
        1: (
            Call("city", Location("f.js", 3, 17)),
            Call("a b", Location("f.js", 9, 10)),
            Call("", Location("f.js", 0, 1)),
        )
    }


def test_random_areas_affect_no_other_records() -> None:
    chance = random.Random(4)
    numbers = (0, 1, 2, 3, 4, 5, 8, 12, SIZE, 0x7FFFFFFF, 0xFFFFFFFC, 0xFFFFFFFF)
    for _ in range(2_000):
        data = bytearray(chance.randbytes(256))
        for at in range(0, 256, 4):
            if chance.random() < 0.5:
                struct.pack_into("<I", data, at, chance.choice(numbers))
        messages = read(memoryview(data), 2, 5)
        records = [*messages.errors, *messages.panics, *messages.places, *messages.stacks]
        records += [at for at, _ in messages.lines]
        assert set(records) <= {2, 3, 4}
        texts = [*messages.errors.values(), *messages.panics.values(), *(text for _, text in messages.lines)]
        assert sum(map(len, texts)) <= 256
