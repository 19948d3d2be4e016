"""Which part of a topic `consume` prints, and where it ends."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.embedded.broker import EmbeddedBroker
from engine.records import record_batch
from tests.cli.conftest import Program, read_until

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
def test_a_part_of_a_topic(program: Program, options: Sequence[str], printed: str) -> None:
    program.topic("logs", *VALUES)
    assert program.ok("consume", "logs", *options).out.split() == [value.encode() for value in printed]


def test_an_end_that_is_yet_to_come_is_waited_for_and_kept_to(program: Program) -> None:
    program.topic("logs", *VALUES)
    process = program.start("consume", "logs", "--start", "11", "--end", "12")
    read_until(process.stderr, b"consuming topic logs from offset 11\n")
    program.append("logs", b"10", b"11", b"12", b"13")
    outcome = program.finish(process)
    assert (outcome.status, outcome.out) == (0, b"11\n12\n")


def test_a_number_of_records_counts_what_comes(program: Program) -> None:
    program.topic("logs", *VALUES)
    process = program.start("consume", "logs", "-T", "1", "-n", "3")
    assert read_until(process.stdout, b"9\n") == b"9\n"
    program.append("logs", b"10", b"11", b"12")
    assert program.finish(process).out == b"10\n11\n"


def test_the_end_is_the_one_at_the_start_though_more_comes(program: Program) -> None:
    program.topic("logs", *[b"x" * 1000] * 5_000)
    process = program.start("consume", "logs", "-B", "-d")
    read_until(process.stdout, b"x")  # the pipe is full, so most is yet to be read
    program.append("logs", b"late")
    assert b"late" not in program.finish(process).out


def test_partitions_are_read_as_named(program: Program) -> None:
    with EmbeddedBroker.open(program.data) as broker:
        broker.create_topic("logs", partitions=3)
        for partition in range(3):
            broker.append("logs", record_batch([b"p%d" % partition]), partition)
    named = program.ok("consume", "logs", "-B", "-d", "-p", "2", "-p", "0", "-p", "2")
    assert sorted(named.out.split()) == [b"p0", b"p2"]
    assert sorted(program.ok("consume", "logs", "-B", "-d", "-A").out.split()) == [b"p0", b"p1", b"p2"]
    missing = program.run("consume", "logs", "-B", "-p", "3")
    assert (missing.status, missing.out) == (1, b"")
    assert "3 partitions, 0 to 2" in missing.err


@pytest.mark.parametrize(
    "options",
    [
        ["-B", "-T", "1"],
        ["-H", "0", "--start", "0"],
        ["-p", "0", "-A"],
        ["--start", "5", "--end", "4"],
        ["-n", "0"],
        ["-T", "-1"],
    ],
)
def test_options_that_contradict_each_other_are_wrong_usage(program: Program, options: Sequence[str]) -> None:
    outcome = program.run("consume", "logs", *options)
    assert (outcome.status, outcome.out) == (2, b"")
    assert options[0] in outcome.err
    assert not Path(program.data).exists()
