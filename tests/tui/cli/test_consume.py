import base64
import json
import re
import shutil
import signal
import socket
import sqlite3
import subprocess

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.records.batch import record_batch
from tests.tui.cli.conftest import PATIENCE, InProcess, Program, read_until


def test_default_prints_only_new_records(program: Program) -> None:
    program.topic("logs", b"old")
    process = program.start("consume", "logs")
    read_until(process.stderr, b"consuming topic logs from now on")
    program.append("logs", b"new")
    assert read_until(process.stdout, b"new\n") == b"new\n"


def test_beginning_continues_with_new_records(program: Program) -> None:
    program.topic("logs", b"old")
    process = program.start("consume", "logs", "-B")
    assert read_until(process.stdout, b"old\n") == b"old\n"
    program.append("logs", b"new")
    assert read_until(process.stdout, b"new\n") == b"new\n"


def test_consume_ends_when_the_log_is_removed(program: Program) -> None:
    program.topic("logs", b"old")
    process = program.start("consume", "logs")
    read_until(process.stderr, b"consuming topic logs from now on")
    shutil.rmtree(program.data)
    outcome = program.finish(process)
    assert outcome.status == 1
    assert "was removed or replaced while it was in use" in outcome.err
    assert "Traceback" not in outcome.err


def test_disable_continuous_stops_at_the_end(program: Program, here: InProcess) -> None:
    program.topic("logs")
    assert here.ok("consume", "logs", "-B", "-d").out == b""
    program.append("logs", b"a", b"", b"b\xff")
    outcome = here.ok("consume", "logs", "-B", "-d")
    assert (outcome.out, outcome.err) == (b"a\n\nb\xff\n", "")
    assert here.ok("consume", "logs", "-d").out == b""


def test_lines_are_written_whole(program: Program) -> None:
    """So that those of several processes that append to one file do not mix."""
    program.topic("logs", b"a", b"bc")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        command = [*program.command("consume", "logs", "-B", "-d")]
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=theirs, check=True, env=program.environment)
        assert ours.recv(100) == b"a\nbc\n", "in one call"


def test_json_has_every_field_and_base64_for_what_is_not_utf8(program: Program, here: InProcess) -> None:
    program.topic("logs")
    awkward = '"\\\n\u2028\x00é'
    with EmbeddedBroker.open(program.data) as broker:
        keys = [b"k", b"\xfe", None]
        values = [awkward.encode(), b"\xff", b""]
        broker.log.append("logs", record_batch(values, keys=keys, timestamps=[1, 2, 3]))
    lines = here.ok("consume", "logs", "-B", "-d", "-O", "json").out.split(b"\n")
    assert [json.loads(line) for line in lines[:-1]] == [
        {"offset": 0, "partition": 0, "timestamp": 1, "key": "k", "value": awkward},
        {
            "offset": 1,
            "partition": 0,
            "timestamp": 2,
            "key_base64": base64.b64encode(b"\xfe").decode(),
            "value_base64": base64.b64encode(b"\xff").decode(),
        },
        {"offset": 2, "partition": 0, "timestamp": 3, "key": None, "value": ""},
    ]
    assert lines[-1] == b""


def test_damage_stops_consume_unless_skipped(program: Program, here: InProcess) -> None:
    program.topic("logs", b"a", b"b")
    program.append("logs", b"c", b"d", b"e")
    program.append("logs", b"f")
    connection = sqlite3.connect(program.data / "log.db")
    with connection:
        connection.execute("UPDATE batches_1_0 SET payload = x'' WHERE base = 2")
    connection.close()
    strict = here.run("consume", "logs", "-B", "-d")
    assert (strict.status, strict.out) == (1, b"a\nb\n")
    assert "the records 2 to 4 of topic 'logs', partition 0, are damaged" in strict.err
    assert "--skip-damaged" in strict.err
    assert here.ok("consume", "logs", "--start", "5", "-d").out == b"f\n"
    outcome = here.ok("consume", "logs", "-B", "-d", "--skip-damaged")
    assert outcome.out == b"a\nb\nf\n"
    assert outcome.err.splitlines() == [
        "fluvio-tui: skipped: the records 2 to 4 of topic 'logs', partition 0, are damaged",
        "fluvio-tui: 3 damaged records skipped",
    ]


def test_records_removed_by_retention_are_reported(program: Program) -> None:
    program.topic("logs")
    with EmbeddedBroker.open(program.data, durable=False) as broker:
        for _ in range(8):
            broker.log.append("logs", record_batch([b"x" * 999] * 1_000))
        process = program.start("consume", "logs", "-B", "-d")
        printed = read_until(process.stdout, b"x")  # the pipe is full, so most is yet to be read
        broker.log.trim("logs", 0, 7_000)
        outcome = program.finish(process)
    (missed,) = re.findall(
        r"^fluvio-tui: ([\d,]+) records removed from the log before being read$",
        outcome.err,
        re.MULTILINE,
    )
    assert outcome.status == 0
    assert (len(printed) + len(outcome.out)) // 1_000 + int(missed.replace(",", "")) == 8_000


def test_all_partitions_are_read(program: Program, here: InProcess) -> None:
    with EmbeddedBroker.open(program.data) as broker:
        broker.topics.create("logs", 3)
        for partition in range(3):
            broker.log.append("logs", record_batch([b"p%d" % partition]), partition)
    lines = here.ok("consume", "logs", "-B", "-d", "-O", "json").out.splitlines()
    assert {(json.loads(line)["partition"], json.loads(line)["value"]) for line in lines} == {
        (0, "p0"),
        (1, "p1"),
        (2, "p2"),
    }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_consume_quietly(program: Program, number: signal.Signals) -> None:
    program.topic("logs", b"a")
    process = program.start("consume", "logs", "-B")
    read_until(process.stdout, b"a\n")
    outcome = program.finish(process, number)
    assert outcome.status == 128 + number
    assert outcome.err == "consuming topic logs from the beginning\n"


def test_closed_pipe_ends_consume_quietly(program: Program) -> None:
    program.topic("logs", *[b"line"] * 200_000)
    process = program.start("consume", "logs", "-B", "-d")
    read_until(process.stdout, b"line\n")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.wait(PATIENCE) == 0
    assert process.stderr.read() == b""


def test_closed_pipe_is_noticed_without_new_records(program: Program) -> None:
    program.topic("logs", b"line")
    process = program.start("consume", "logs", "-B")
    read_until(process.stdout, b"line\n")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(PATIENCE) == 0


def test_another_second_word_is_wrong_usage(here: InProcess) -> None:
    outcome = here.run("consume", "logs", "filter")
    assert outcome.status == 2
    assert "'filter' is not one of 'smartmodule', 'smartstream'" in outcome.err


def test_smartstream_without_a_filter_is_wrong_usage(here: InProcess) -> None:
    outcome = here.run("consume", "logs", "smartstream")
    assert outcome.status == 2
    assert "'smartstream' needs a SmartStream: add --inline FILE or --use NAME" in outcome.err
