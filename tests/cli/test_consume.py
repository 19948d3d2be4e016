import base64
import json
import shutil
import signal

import pytest

from engine.embedded.broker import EmbeddedBroker
from engine.records import record_batch
from tests.cli.conftest import PATIENCE, Program, read_until


def test_from_now_on_prints_only_what_comes(program: Program) -> None:
    program.topic("logs", b"old")
    process = program.start("consume", "logs")
    read_until(process.stderr, b"consuming topic logs from now on")
    program.append("logs", b"new")
    assert read_until(process.stdout, b"new\n") == b"new\n"


def test_from_the_beginning_goes_on_with_what_comes(program: Program) -> None:
    program.topic("logs", b"old")
    process = program.start("consume", "logs", "-B")
    assert read_until(process.stdout, b"old\n") == b"old\n"
    program.append("logs", b"new")
    assert read_until(process.stdout, b"new\n") == b"new\n"


def test_it_ends_where_the_log_is_removed(program: Program) -> None:
    program.topic("logs", b"old")
    process = program.start("consume", "logs")
    read_until(process.stderr, b"consuming topic logs from now on")
    shutil.rmtree(program.data)
    outcome = program.finish(process)
    assert outcome.status == 1
    assert "was removed or replaced while it was in use" in outcome.err
    assert "Traceback" not in outcome.err


def test_it_stops_at_the_end_where_asked(program: Program) -> None:
    program.topic("logs")
    assert program.ok("consume", "logs", "-B", "-d").out == b""
    program.append("logs", b"a", b"", b"b\xff")
    outcome = program.ok("consume", "logs", "-B", "-d")
    assert (outcome.out, outcome.err) == (b"a\n\nb\xff\n", "")
    assert program.ok("consume", "logs", "-d").out == b""


def test_json_has_every_field_and_base64_for_what_is_not_utf8(program: Program) -> None:
    program.topic("logs")
    awkward = '"\\\n\u2028\x00é'
    with EmbeddedBroker.open(program.data) as broker:
        keys = [b"k", b"\xfe", None]
        values = [awkward.encode(), b"\xff", b""]
        broker.append("logs", record_batch(values, keys=keys, timestamps=[1, 2, 3]))
    lines = program.ok("consume", "logs", "-B", "-d", "-O", "json").out.split(b"\n")
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


def test_several_partitions_are_all_read(program: Program) -> None:
    with EmbeddedBroker.open(program.data) as broker:
        broker.create_topic("logs", partitions=3)
        for partition in range(3):
            broker.append("logs", record_batch([b"p%d" % partition]), partition)
    lines = program.ok("consume", "logs", "-B", "-d", "-O", "json").out.splitlines()
    assert {(json.loads(line)["partition"], json.loads(line)["value"]) for line in lines} == {
        (0, "p0"),
        (1, "p1"),
        (2, "p2"),
    }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_quietly(program: Program, number: signal.Signals) -> None:
    program.topic("logs", b"a")
    process = program.start("consume", "logs", "-B")
    read_until(process.stdout, b"a\n")
    outcome = program.finish(process, number)
    assert outcome.status == 128 + number
    assert outcome.err == "consuming topic logs from the beginning\n"


def test_a_reader_that_goes_ends_it_quietly(program: Program) -> None:
    program.topic("logs", *[b"line"] * 200_000)
    process = program.start("consume", "logs", "-B", "-d")
    read_until(process.stdout, b"line\n")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.wait(PATIENCE) == 0
    assert process.stderr.read() == b""


def test_a_reader_that_goes_is_noticed_though_nothing_more_comes(program: Program) -> None:
    program.topic("logs", b"line")
    process = program.start("consume", "logs", "-B")
    read_until(process.stdout, b"line\n")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(PATIENCE) == 0


def test_another_second_word_is_wrong_usage(program: Program) -> None:
    outcome = program.run("consume", "logs", "smartmodule")
    assert outcome.status == 2
    assert "'smartmodule' is not 'smartstream'" in outcome.err


def test_smartstream_without_a_filter_is_wrong_usage(program: Program) -> None:
    outcome = program.run("consume", "logs", "smartstream")
    assert outcome.status == 2
    assert "--inline-filter" in outcome.err
