import os
import select
import signal
import subprocess
from contextlib import closing, suppress
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.file_lock import FileLock
from tests.reading import read, wait
from tests.tui.cli.conftest import PATIENCE, Program, read_until
from tests.waiting import wait_until


def values(program: Program, topic: str) -> list[bytes]:
    with EmbeddedBroker.open(program.data) as broker:
        end = broker.log.offsets(topic)[0].end
        return read(broker, topic, 0, 0, max_records=end + 1).records.column("value").to_pylist()


def test_standard_input_lines_become_records(program: Program) -> None:
    outcome = program.ok("produce", "logs", "--create", stdin=b"one\r\n\n\xff\x00\nlast")
    assert values(program, "logs") == [b"one\r", b"", b"\xff\x00", b"last"]
    assert outcome.out == b""
    assert outcome.err.startswith("4 records (10 B) acknowledged in topic logs")


def test_files_are_read_in_order_with_dash_for_standard_input(program: Program, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a1\na2")
    (tmp_path / "b").write_bytes(b"b1\n")
    program.topic("logs")
    program.ok("produce", "logs", "a", "-", "b", stdin=b"in\n")
    assert values(program, "logs") == [b"a1", b"a2", b"in", b"b1"]


def test_line_is_appended_at_once(program: Program) -> None:
    program.topic("logs")
    process = program.start("produce", "logs")
    assert process.stdin is not None
    with EmbeddedBroker.open(program.data) as broker:
        for number in range(3):
            process.stdin.write(b"line %d\n" % number)
            process.stdin.flush()
            assert wait(broker, "logs", {0: number}, PATIENCE)
    assert "3 records" in program.finish(process).err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_produce_reports_acknowledged_records(program: Program, number: signal.Signals) -> None:
    program.topic("logs")
    process = program.start("produce", "logs")
    assert process.stdin is not None
    process.stdin.write(b"whole\nhalf")
    process.stdin.flush()
    with EmbeddedBroker.open(program.data) as broker:
        assert wait(broker, "logs", {0: 0}, PATIENCE)
    # Sent through the process, so that standard input is still open when the signal comes.
    process.send_signal(number)
    assert process.wait(PATIENCE) == 128 + number
    outcome = program.finish(process)
    assert outcome.err.splitlines() == [outcome.err.strip()]
    assert outcome.err.startswith("1 record (5 B) acknowledged")
    assert values(program, "logs") == [b"whole"]


def test_opening_a_named_pipe_can_be_interrupted(program: Program, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    process = program.start("produce", "logs", "pipe", "--create")
    with EmbeddedBroker.open(program.data) as broker:
        while not broker.topics.list():
            assert process.poll() is None
    outcome = program.finish(process, signal.SIGINT)
    assert outcome.status == 130
    assert outcome.err.startswith("0 records")


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="there is no /proc here")
@pytest.mark.parametrize("line", [["produce", "logs"], ["consume", "logs"]])
def test_waiting_for_a_locked_log_can_be_interrupted(program: Program, line: list[str]) -> None:
    program.topic("logs")
    with closing(FileLock(program.data / "log.lock")) as held, held:
        process = program.start(*line)
        wait_until(lambda: has_open(process.pid, program.data / "log.lock"))
        outcome = program.finish(process, signal.SIGTERM)
    # It does not say that the log has been locked for too long.
    assert (outcome.status, outcome.out, outcome.err) == (128 + signal.SIGTERM, b"", "")


def has_open(process: int, file: Path) -> bool:
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(OSError):
            if descriptor.readlink() == file:
                return True
    return False


def test_large_input_is_read_whole(program: Program, tmp_path: Path) -> None:
    lines = [b"%d:%s" % (n, b"x" * (n % 97)) for n in range(200_000)]
    (tmp_path / "big").write_bytes(b"\n".join(lines))
    with (tmp_path / "big").open("rb") as file:
        process = program.start("produce", "logs", "--create", stdin=file.fileno())
    assert "200,000 records" in program.finish(process).err
    assert program.ok("consume", "logs", "-B", "-d").out == b"\n".join(lines) + b"\n"


def test_pipe_faster_than_the_log_loses_nothing(program: Program, tmp_path: Path) -> None:
    lines = b"".join(b"%d\n" % n for n in range(300_000))
    assert "300,000 records" in program.ok("produce", "logs", "--create", stdin=lines).err
    assert program.ok("consume", "logs", "-B", "-d").out == lines


def test_line_over_the_limit_is_reported_after_those_before(program: Program, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"short\n" * 3 + b"a longer line\nshort\n")
    outcome = program.run("produce", "logs", "log", "--create", "--max-record-bytes", "10")
    assert outcome.status == 1
    assert outcome.err.splitlines()[0].startswith("3 records (15 B) acknowledged")
    assert "fluvio-tui: line 4 of log is longer than 10 bytes" in outcome.err
    assert "--max-record-bytes" in outcome.err.splitlines()[-1]
    assert values(program, "logs") == [b"short"] * 3
    program.ok("produce", "logs", "log", "--max-record-bytes", "13")
    assert values(program, "logs")[-2:] == [b"a longer line", b"short"]


def test_default_limit_is_16_mebibytes(program: Program) -> None:
    fits = b"x" * (16 << 20)
    outcome = program.run("produce", "logs", "--create", stdin=fits + b"\n" + fits + b"y\n")
    assert outcome.status == 1
    assert "line 2 of standard input is longer than 16,777,216 bytes" in outcome.err
    assert "16 MiB" in outcome.err
    assert program.ok("consume", "logs", "-B", "-d").out == fits + b"\n"


def test_two_processes_append_all_records(program: Program, tmp_path: Path) -> None:
    program.topic("logs")
    processes = []
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"".join(b"%s%d\n" % (name.encode(), n) for n in range(50_000)))
        processes.append(program.start("produce", "logs", name, stdin=subprocess.DEVNULL))
    for process in processes:
        assert "50,000 records" in program.finish(process).err
    lines = program.ok("consume", "logs", "-B", "-d").out.split()
    for name in (b"a", b"b"):
        assert [line for line in lines if line.startswith(name)] == [
            b"%s%d" % (name, n) for n in range(50_000)
        ]


def test_terminal_input_says_how_to_end(program: Program) -> None:
    program.topic("logs")
    master, terminal = os.openpty()
    try:
        process = program.start("produce", "logs", stdin=terminal)
        read_until(process.stderr, b"Ctrl-D")
        os.write(master, b"typed\n")
        with EmbeddedBroker.open(program.data) as broker:
            assert wait(broker, "logs", {0: 0}, PATIENCE)
        os.write(master, b"\x04")
        assert "1 record (5 B)" in program.finish(process).err
    finally:
        os.close(master)
        os.close(terminal)


def test_standard_input_is_read_at_the_speed_of_the_log(program: Program) -> None:
    program.topic("logs")
    process = program.start("produce", "logs")
    assert process.stdin is not None
    pipe = process.stdin.fileno()
    line = b"a line of some length, again and again\n"
    lines = line * 1000
    os.write(pipe, line)
    with EmbeddedBroker.open(program.data) as broker:
        assert wait(broker, "logs", {0: 0}, PATIENCE)
        os.set_blocking(pipe, False)
        lock = FileLock(program.data / "log.lock")
        with closing(lock), lock:
            taken, unfinished = 0, b""
            # Half a second without room in the pipe: the reader is gone.
            while taken < 64 << 20 and select.select([], [pipe], [], 0.5)[1]:
                unfinished = unfinished or lines
                with suppress(BlockingIOError):
                    written = os.write(pipe, unfinished)
                    taken += written
                    unfinished = unfinished[written:]
            assert taken < 4 << 20
            assert broker.log.offsets("logs")[0].end == 1
        os.set_blocking(pipe, True)
        process.stdin.write(unfinished)
        outcome = program.finish(process)
        assert outcome.status == 0, outcome.err
        assert broker.log.offsets("logs")[0].end == 1 + (taken + len(unfinished)) // len(line)
