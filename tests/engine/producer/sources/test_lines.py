import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from engine.errors import RecordTooLargeError
from engine.producer.sources.lines import BLOCK, LineSplitter, enlarge_pipe, line_batches
from engine.records.batch import SCHEMA, now_ms
from tests.waiting import PATIENCE

LIMIT = 1 << 20


def values(batches: Iterator[pa.RecordBatch]) -> list[bytes]:
    return [value for batch in batches for value in batch.column("value").to_pylist()]


def lines_of(path: Path, content: bytes, limit: int = LIMIT) -> list[bytes]:
    path.write_bytes(content)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return values(line_batches(descriptor, name="input", limit=limit))
    finally:
        os.close(descriptor)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"a\n", [b"a"]),
        (b"a\nb", [b"a", b"b"]),
        (b"\n", [b""]),
        (b"\n\n", [b"", b""]),
        (b"a\r\nb\r", [b"a\r", b"b\r"]),
        (b"\x00\xff\n\xfe\x00", [b"\x00\xff", b"\xfe\x00"]),
        ("é\u2028\x0b\x85\n".encode(), ["é\u2028\x0b\x85".encode()]),
    ],
)
def test_a_record_is_a_line_without_its_newline(
    tmp_path: Path, content: bytes, expected: list[bytes]
) -> None:
    assert lines_of(tmp_path / "input", content) == expected


@pytest.mark.parametrize("size", [BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7])
def test_lines_that_cross_blocks_stay_whole(tmp_path: Path, size: int) -> None:
    content = b"".join(b"%d\n" % n for n in range(size // 6))
    long_line = b"x" * size
    lines = lines_of(tmp_path / "input", content + long_line + b"\n" + content, limit=4 * BLOCK)
    assert lines == [*content.split(b"\n")[:-1], long_line, *content.split(b"\n")[:-1]]


def test_a_splitter_gives_the_same_lines_however_the_bytes_come() -> None:
    content = b"one\n\ntwo\r\nthree\nfour"
    for step in range(1, len(content) + 1):
        splitter = LineSplitter()
        found = [
            line
            for start in range(0, len(content), step)
            for line in splitter.feed(content[start : start + step]).to_pylist()
        ]
        assert [*found, *splitter.finish().to_pylist()] == content.split(b"\n")


def test_batches_have_the_columns_of_records_and_are_stamped_now(tmp_path: Path) -> None:
    (tmp_path / "input").write_bytes(b"a\nb\n")
    before = now_ms()
    with (tmp_path / "input").open("rb") as file:
        (batch,) = line_batches(file.fileno(), name="input", limit=LIMIT)
    assert batch.schema == SCHEMA
    batch.validate(full=True)
    assert all(before <= stamp <= now_ms() for stamp in batch.column("timestamp").to_pylist())
    assert batch.column("key").null_count == 2


@pytest.mark.parametrize("end", [b"\n", b"", b"\nlast\n"])
def test_a_line_over_the_limit_is_named_and_the_lines_before_it_are_given(tmp_path: Path, end: bytes) -> None:
    path = tmp_path / "input"
    path.write_bytes(b"ok\n" * 1_233 + b"x" * 11 + end)
    found: list[bytes] = []
    with (
        path.open("rb") as file,
        pytest.raises(RecordTooLargeError, match=r"line 1,234 of big.log .* 10 bytes"),
    ):
        for batch in line_batches(file.fileno(), name="big.log", limit=10):
            found += batch.column("value").to_pylist()
    assert found == [b"ok"] * 1_233


def test_a_line_that_never_ends_is_given_up_at_the_limit() -> None:
    with (
        Path("/dev/zero").open("rb", buffering=0) as file,
        pytest.raises(RecordTooLargeError, match="line 1 of"),
    ):
        list(line_batches(file.fileno(), name="zeros", limit=4 << 20))


def test_lines_come_as_soon_as_they_are_written() -> None:
    readable, writable = os.pipe()
    try:
        batches = line_batches(readable, name="pipe", limit=LIMIT)
        for line in (b"first", b"second"):
            os.write(writable, line + b"\n" + b"not yet ended")
            assert line in next(batches).column("value").to_pylist()[0]
        os.close(writable)
        writable = -1
        assert values(batches) == [b"not yet ended"]
    finally:
        os.close(readable)
        if writable >= 0:
            os.close(writable)


def test_an_interrupt_ends_the_wait_for_more() -> None:
    readable, writable = os.pipe()
    interrupted, interrupt = os.pipe()
    found: list[bytes] = []
    batches = line_batches(readable, name="pipe", limit=LIMIT, interrupt=interrupted)
    reader = threading.Thread(target=lambda: found.extend(values(batches)))
    try:
        os.write(writable, b"whole\nhalf")
        reader.start()
        os.write(interrupt, b"\0")
        reader.join(PATIENCE)
        assert not reader.is_alive()
        assert b"half" not in found
    finally:
        for descriptor in (readable, writable, interrupted, interrupt):
            os.close(descriptor)


@pytest.mark.skipif(sys.platform != "linux", reason="pipes have one size elsewhere")
def test_a_pipe_can_hold_a_block() -> None:
    readable, writable = os.pipe()
    try:
        os.set_blocking(writable, False)
        enlarge_pipe(readable)
        assert os.write(writable, bytes(BLOCK)) == BLOCK
    finally:
        os.close(readable)
        os.close(writable)


def test_what_is_no_pipe_stays_as_it_is(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        enlarge_pipe(file.fileno())
