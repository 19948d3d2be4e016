"""Which part of a topic `consume` prints, and where it ends."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.records.batch import now_ms, record_batch
from tests.tui.cli.conftest import InProcess, Program, read_until

VALUES = [b"%d" % number for number in range(10)]


@pytest.mark.parametrize(
    ("options", "printed"),
    [
        (["-H", "7", "-d"], "789"),
        (["-T", "2", "-d"], "89"),
        (["-T", "20", "-d", "-n", "3"], "012"),
        (["--start", "4", "--end", "6"], "456"),
        (["--start", "8", "--end", "20", "-d"], "89"),
        (["--start", "20", "-d"], ""),
        (["-B", "-n", "2"], "01"),
    ],
)
def test_part_of_a_topic(program: Program, here: InProcess, options: Sequence[str], printed: str) -> None:
    program.topic("logs", *VALUES)
    assert here.ok("consume", "logs", *options).out.split() == [value.encode() for value in printed]


def test_future_end_offset_is_waited_for(program: Program) -> None:
    program.topic("logs", *VALUES)
    process = program.start("consume", "logs", "--start", "11", "--end", "12")
    read_until(process.stderr, b"consuming topic logs from offset 11\n")
    program.append("logs", b"10", b"11", b"12", b"13")
    outcome = program.finish(process)
    assert (outcome.status, outcome.out) == (0, b"11\n12\n")


def test_record_limit_counts_new_records(program: Program) -> None:
    program.topic("logs", *VALUES)
    process = program.start("consume", "logs", "-T", "1", "-n", "3")
    assert read_until(process.stdout, b"9\n") == b"9\n"
    program.append("logs", b"10", b"11", b"12")
    assert program.finish(process).out == b"10\n11\n"


def test_end_is_fixed_at_the_start(program: Program) -> None:
    program.topic("logs", *[b"x" * 1000] * 5_000)
    process = program.start("consume", "logs", "-B", "-d")
    read_until(process.stdout, b"x")  # the pipe is full, so most is yet to be read
    program.append("logs", b"late")
    assert b"late" not in program.finish(process).out


def test_chosen_partitions_are_read(program: Program, here: InProcess) -> None:
    with EmbeddedBroker.open(program.data) as broker:
        broker.topics.create("logs", 3)
        for partition in range(3):
            broker.log.append("logs", record_batch([b"p%d" % partition]), partition)
    named = here.ok("consume", "logs", "-B", "-d", "-p", "2", "-p", "0", "-p", "2")
    assert sorted(named.out.split()) == [b"p0", b"p2"]
    assert sorted(here.ok("consume", "logs", "-B", "-d", "-A").out.split()) == [b"p0", b"p1", b"p2"]
    missing = here.run("consume", "logs", "-B", "-p", "3")
    assert (missing.status, missing.out) == (1, b"")
    assert "3 partitions, 0 to 2" in missing.err


HOUR = 3_600_000


@pytest.fixture
def stamped(program: Program) -> Program:
    """A record an hour since half a day ago, of which two change places."""
    half_an_hour_ago = now_ms() - HOUR // 2
    hours_ago = [12, 11, 10, 9, 8, 6, 7, 5, 4, 3, 2, 1, 0]
    with EmbeddedBroker.open(program.data, durable=False) as broker:
        broker.topics.create("logs")
        stamps = [half_an_hour_ago - hours * HOUR for hours in hours_ago]
        values = [b"%d" % hours for hours in hours_ago]
        broker.log.append("logs", record_batch(values[:4], timestamps=stamps[:4]))
        broker.log.append("logs", record_batch(values[4:], timestamps=stamps[4:]))
    return program


def in_words(hours_ago: float, zone: str) -> str:
    there = datetime.now(ZoneInfo(zone)) - timedelta(hours=hours_ago)
    return there.replace(tzinfo=None).isoformat()


@pytest.mark.parametrize(
    ("options", "printed"),
    [
        (["--since", "3h", "-d"], [2, 1, 0]),
        (["--since", "7h15m", "-d"], [6, 5, 4, 3, 2, 1, 0]),
        (["--since", "7h45m", "-d"], [6, 7, 5, 4, 3, 2, 1, 0]),
        (["--since", "10m", "-d"], []),
        (["--since", "12h", "--until", "9h"], [11, 10, 9]),
        (["--since", "8h", "--until", "7h"], [7]),
        (["--since", "7h", "--until", "6h"], [6]),
        (["--since", "8h", "--until", "7h", "-c", "c1"], []),
        (["-B", "--until", "11h"], [12, 11]),
        (["-T", "2", "--until", "1m"], [1, 0]),
    ],
)
@pytest.mark.usefixtures("stamped")
def test_times_limit_the_range(here: InProcess, options: Sequence[str], printed: Sequence[int]) -> None:
    assert [int(line) for line in here.ok("consume", "logs", *options).out.split()] == printed


def test_times_without_a_zone_are_local(
    stamped: Program, here: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    local = stamped.ok("consume", "logs", "-d", "--since", in_words(2, "Asia/Kolkata"))
    utc = here.ok("consume", "logs", "-d", "--since", in_words(2, "UTC") + "Z")
    assert local.out == utc.out == b"1\n0\n"


def test_since_continues_with_new_records(stamped: Program) -> None:
    process = stamped.start("consume", "logs", "--since", "1h")
    read_until(process.stdout, b"0\n")
    stamped.append("logs", b"new")
    assert read_until(process.stdout, b"new\n") == b"new\n"
    assert read_until(process.stderr, b"\n").startswith(b"consuming topic logs from 20")


@pytest.mark.parametrize(
    "options",
    [
        ["-B", "-T", "1"],
        ["-B", "--since", "1h"],
        ["--since", "1h", "--until", "2h"],
        ["--since", "tomorrow"],
        ["--since", "2999-01-01"],
        ["--until", "1h"],
        ["--end", "5", "--until", "1h", "-B"],
        ["-H", "0", "--start", "0"],
        ["-p", "0", "-A"],
        ["--start", "5", "--end", "4"],
        ["-n", "0"],
        ["-T", "-1"],
    ],
)
def test_contradicting_options_are_wrong_usage(here: InProcess, options: Sequence[str]) -> None:
    outcome = here.run("consume", "logs", *options)
    assert (outcome.status, outcome.out) == (2, b"")
    assert options[0] in outcome.err
    assert not here.data.exists()


@pytest.mark.usefixtures("stamped")
def test_start_beyond_the_end_is_said(here: InProcess) -> None:
    outcome = here.ok("consume", "logs", "--start", "99", "-d")
    assert (outcome.out, outcome.err) == (b"", "fluvio-tui: partition 0 ends before offset 99: at 13\n")
