"""How lines become values: continued lines, CRLF, bad lines, a first line."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import InputError
from engine.producer.sources.json_lines import json_records
from engine.producer.sources.lines import LineReading, made_batches
from engine.producer.sources.record_makers import Made, Maker, key_and_value, value_records

TRACE = b"before\nE boom\n  at a\n\n  at b\nI ok\nE last\n  at c"
TRACE_RECORDS = [b"before", b"E boom\n  at a\n\n  at b", b"I ok", b"E last\n  at c"]


def made(path: Path, content: bytes, reading: LineReading, make: Maker = value_records) -> Iterator[Made]:
    path.write_bytes(content)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield from made_batches(descriptor, make, name="log", limit=1 << 20, reading=reading)
    finally:
        os.close(descriptor)


def values(batches: Iterator[Made]) -> list[bytes | None]:
    return [value for one in batches for value in one.records.column("value").to_pylist()]


def test_lines_that_do_not_begin_a_record_continue_it(tmp_path: Path) -> None:
    assert values(made(tmp_path / "log", TRACE, LineReading(begins="^[EI] "))) == TRACE_RECORDS


@pytest.mark.parametrize("step", [1, 2, 5, 9])
def test_records_of_several_lines_are_whole_however_the_bytes_come(step: int) -> None:
    readable, writable = os.pipe()
    batches = made_batches(
        readable, value_records, name="pipe", limit=1 << 20, reading=LineReading(begins="^[EI] ")
    )
    found: list[bytes | None] = []
    try:
        # Written before it is read, in parts that one read does not join: a pipe keeps them.
        for start in range(0, len(TRACE), step):
            os.write(writable, TRACE[start : start + step])
        os.close(writable)
        writable = -1
        found = values(batches)
    finally:
        os.close(readable)
        if writable >= 0:
            os.close(writable)
    assert found == TRACE_RECORDS


def test_a_record_of_several_lines_comes_without_another_line(tmp_path: Path) -> None:
    readable, writable = os.pipe()
    try:
        os.write(writable, b"E boom\n  at a\n")
        batches = made_batches(
            readable, value_records, name="pipe", limit=1 << 20, reading=LineReading(begins="^E")
        )
        assert values(iter([next(batches)])) == [b"E boom\n  at a"]
        batches.close()  # type: ignore[attr-defined]
    finally:
        os.close(readable)
        os.close(writable)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a\r\nb\r\n", [b"a", b"b"]),
        (b"a\r\n\r\nb", [b"a", b"", b"b"]),
        (b"a\rb\r\r\nc\n", [b"a\rb\r", b"c"]),
    ],
)
def test_crlf_ends_lines_if_asked_for(tmp_path: Path, content: bytes, expected: list[bytes]) -> None:
    assert values(made(tmp_path / "log", content, LineReading(crlf=True))) == expected


def test_bad_lines_are_left_out_and_named(tmp_path: Path) -> None:
    bad: list[str] = []
    lines = [b"k:%d" % number if number % 3 else b"none" for number in range(1_000)]
    reading = LineReading(on_bad=bad.append)
    found = values(made(tmp_path / "log", b"\n".join(lines), reading, key_and_value(":")))
    assert found == [b"%d" % number for number in range(1_000) if number % 3]
    assert len(bad) == 334
    assert bad[1] == "line 4 of log has no ':' between key and value"


def test_lines_that_are_too_long_are_bad_lines(tmp_path: Path) -> None:
    bad: list[str] = []
    reading = LineReading(on_bad=bad.append)
    content = b"a\n" + b"x" * 11 + b"\nb\n"
    path = tmp_path / "log"
    path.write_bytes(content)
    with path.open("rb") as file:
        found = values(made_batches(file.fileno(), value_records, name="log", limit=10, reading=reading))
    assert found == [b"a", b"b"]
    assert bad == ["line 2 of log is longer than 10 bytes, the limit for a record"]


@pytest.mark.parametrize("make", [key_and_value(":"), json_records(1, 100)])
def test_what_came_before_a_bad_line_says_where_to_go_on(tmp_path: Path, make: Maker) -> None:
    line = b'{"value":"a"}\n'
    batches = made(tmp_path / "log", line * 3 + b"bad\n" + line, LineReading(), make)
    assert next(batches).next_line == 4
    with pytest.raises(InputError, match="line 4 of log"):
        next(batches)
    rest = values(made(tmp_path / "log", line * 3 + line * 2, LineReading(first=4), make))
    assert len(rest) == 2


@pytest.mark.parametrize("first", [1, 2, 5, 8, 9])
def test_the_first_line_may_be_any(tmp_path: Path, first: int) -> None:
    lines = [b"%d" % number for number in range(1, 9)]
    found = values(made(tmp_path / "log", b"\n".join(lines), LineReading(first=first)))
    assert found == lines[first - 1 :]
