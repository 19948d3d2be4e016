import json
import os
import signal
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from engine import units
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.topics import OffsetRange, PartitionDescription, TopicOptions
from engine.records.batch import record_batch
from tests.tui.cli.conftest import InProcess, Program
from tests.tui.cli.test_bad_input import assert_clear
from tui.cli.commands.topic import partition_columns, partition_object
from tui.cli.output.listing import print_listing


def test_topic_options_are_described(program: Program) -> None:
    options = ["-p", "2", "--retention-time", "1h30m", "--retention-bytes", "64MiB"]
    program.ok("topic", "create", "logs", *options)
    with EmbeddedBroker.open(program.data) as broker:
        broker.log.append("logs", record_batch([b"a", b"b"]), 1)
        held = broker.topics.describe("logs")[0].partitions[1]
    assert held.bytes
    described = program.ok("topic", "describe", "logs").out.decode()
    assert "retention    90 m, 64 MiB per partition" in described
    assert [line.split() for line in described.splitlines()[-2:]] == [
        ["0", "0", "0", "0", "0", "B"],
        ["1", "0", "2", "2", *units.size(held.bytes).split()],
    ]
    found = json.loads(program.ok("topic", "describe", "logs", "--output", "json").out)
    assert (found["retention_ms"], found["retention_bytes"]) == (5_400_000, 64 << 20)
    of_second = {"partition": 1, "start": 0, "end": 2, "records": 2, "bytes": held.bytes}
    assert found["partitions"][1] == of_second


def test_topics_are_listed_as_json(program: Program) -> None:
    assert json.loads(program.ok("topic", "list", "--output", "json").out) == []
    program.topic("logs", b"a", b"b")
    (found,) = json.loads(program.ok("topic", "list", "-O", "json").out)
    assert (found["name"], found["partitions"], found["records"]) == ("logs", 1, 2)


def test_partitions_of_one_topic_or_all_are_listed(program: Program, here: InProcess) -> None:
    assert b"no topics yet" in here.ok("partition", "list").out
    assert json.loads(here.ok("partition", "list", "-O", "json").out) == []
    with EmbeddedBroker.open(program.data, durable=False) as broker:
        broker.topics.create("logs", 2)
        broker.topics.create("other", options=TopicOptions(compression="none"))
        for _ in range(2):
            broker.log.append("logs", record_batch([b"a", b"b"]), 1)
        assert broker.log.trim("logs", 1, 2).start == 2
        (held,) = broker.topics.describe("logs")
        stored = held.partitions[1].bytes
    assert stored
    head, *rows = here.ok("partition", "list").out.decode().splitlines()
    assert head.split() == ["TOPIC", "PARTITION", "START", "END", "RECORDS", "SIZE", "COMPRESSION"]
    assert [row.split() for row in rows] == [
        ["logs", "0", "0", "0", "0", "0", "B", "lz4"],
        ["logs", "1", "2", "4", "2", *units.size(stored).split(), "lz4"],
        ["other", "0", "0", "0", "0", "0", "B", "none"],
    ]
    listed = json.loads(here.ok("partition", "list", "logs", "--output", "json").out)
    assert [(found["topic"], found["partition"], found["compression"]) for found in listed] == [
        ("logs", 0, "lz4"),
        ("logs", 1, "lz4"),
    ]
    assert listed[1]["bytes"] == held.partitions[1].bytes
    assert_clear(here.run("partition", "list", "lgos"), "there is no topic 'lgos'", "did you mean 'logs'")


def test_compression_is_chosen_per_topic_or_produce(program: Program, here: InProcess) -> None:
    here.ok("topic", "create", "plain", "--compression", "none")
    assert b"compression  none\n" in here.ok("topic", "describe", "plain").out
    (program.cwd / "lines").write_bytes(b"line\n" * 1000)
    here.ok("produce", "plain", program.cwd / "lines")
    here.ok("produce", "plain", program.cwd / "lines", "--compression", "lz4")
    assert here.ok("consume", "plain", "-B", "-d").out == b"line\n" * 2000
    with EmbeddedBroker.open(program.data) as broker:
        (whole,) = broker.topics.describe("plain")
        broker.log.trim("plain", 0, 1000)
        (packed,) = broker.topics.describe("plain")
    assert (whole.records, packed.records) == (2000, 1000)
    before, after = whole.partitions[0].bytes, packed.partitions[0].bytes
    assert before and after and after < before / 4
    assert here.run("produce", "plain", "--compression", "zip").status == 2


def test_deleted_topic_is_gone(program: Program) -> None:
    for name in ("logs", "more", "kept"):
        program.topic(name, b"a")
    assert program.ok("topic", "delete", "logs", "more").out == b"topic logs deleted\ntopic more deleted\n"
    with EmbeddedBroker.open(program.data) as broker:
        assert [topic.name for topic in broker.topics.list()] == ["kept"]


def test_consume_up_to_an_offset_ends_with_its_topic(program: Program) -> None:
    program.topic("logs", b"a")
    process = program.start("consume", "logs", "-B", "--end", "9")
    assert process.stdout is not None
    assert process.stdout.readline() == b"a\n"
    with EmbeddedBroker.open(program.data) as broker:
        broker.topics.delete("logs")
    outcome = program.finish(process)
    assert outcome.status == 1
    assert "the topic 'logs' was deleted while it was in use" in outcome.err


@pytest.mark.parametrize("verb", ["describe", "delete"])
def test_unknown_topic_suggests_the_nearest(program: Program, verb: str) -> None:
    program.topic("logs")
    outcome = program.run("topic", verb, "lgos")
    assert (outcome.status, outcome.out) == (1, b"")
    assert "did you mean 'logs'" in outcome.err


@pytest.mark.parametrize("command", ["topic describe", "topic delete", "topic check", "partition list"])
def test_unknown_topic_need_not_be_created_to_look_at_it(here: InProcess, command: str) -> None:
    outcome = here.run(*command.split(), "nope")
    assert_clear(outcome, "there is no topic 'nope'", "see 'fluvio-tui topic list'")
    assert "create" not in outcome.err


@pytest.mark.parametrize(
    "option",
    [["-p", "0"], ["--retention-time", "7"], ["--retention-time", "soon"], ["--retention-bytes", "1 pound"]],
)
def test_invalid_quantities_are_wrong_usage(program: Program, option: list[str]) -> None:
    outcome = program.run("topic", "create", "logs", *option)
    assert outcome.status == 2
    assert option[0] in outcome.err
    assert not program.data.exists()


def test_signal_waits_for_the_current_work(program: Program) -> None:
    program.cwd.joinpath("script.py").write_text(
        "import os, signal\n"
        "from tui.cli.process.signals import exit_on_signals, finish_first\n"
        "exit_on_signals()\n"
        "with finish_first():\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    print('finished', flush=True)\n"
        "print('more')\n"
    )
    outcome = program.python("script.py")
    assert (outcome.status, outcome.out, outcome.err) == (128 + signal.SIGINT, b"finished\n", "")


def test_second_signal_ends_the_program_at_once(program: Program) -> None:
    program.cwd.joinpath("script.py").write_text(
        "import os, signal\n"
        "from tui.cli.process.signals import exit_on_signals, finish_first\n"
        "exit_on_signals()\n"
        "with finish_first():\n"
        "    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGTERM):\n"
        "        os.kill(os.getpid(), number)\n"
        "        print(number, flush=True)\n"
    )
    outcome = program.python("script.py")
    assert (outcome.status, outcome.out) == (-signal.SIGTERM, b"15\n1\n")


def test_check_says_what_is_damaged_until_it_is_repaired(program: Program, here: InProcess) -> None:
    program.topic("logs", b"a", b"b")
    program.append("logs", b"c")
    program.topic("other", b"x")
    assert b"topic logs: nothing missing or damaged\n" in here.ok("topic", "check").out
    with closing(sqlite3.connect(program.data / "log.db")) as connection, connection:
        connection.execute("UPDATE batches_1_0 SET payload = x'00' WHERE base = 0")
        connection.execute("DELETE FROM batches_2_0")
    found = here.run("topic", "check")
    assert found.status == 1
    assert b"the records 0 to 1 of topic 'logs', partition 0, are damaged\n" in found.out
    assert "has lost acknowledged records: records 0 to 0 of topic 'other', partition 0, are" in found.err
    assert "the log is damaged" in found.err
    assert "--repair" in found.err
    assert_clear(here.run("consume", "logs", "-B", "-d"), "0 to 1 of topic 'logs'", "--skip-damaged")
    repaired = here.ok("topic", "check", "logs", "--repair").out
    assert b"given up: the records 0 to 1 of topic 'logs', partition 0, are damaged\n" in repaired
    (copy,) = program.data.glob("log.damaged-*")
    assert os.fsencode(copy) in repaired
    assert here.ok("topic", "check", "logs").out == b"topic logs: nothing missing or damaged\n"
    outcome = here.ok("consume", "logs", "-B", "-d")
    assert outcome.out == b"c\n"
    assert "2 records removed from the log" in outcome.err
    assert here.run("topic", "check", "other").status == 1
    here.ok("topic", "check", "--repair")
    here.ok("topic", "check")


def test_partitions_of_a_cluster_have_replicas(capsys: pytest.CaptureFixture[str]) -> None:
    """No broker that always runs has any: what is printed of a description is the same for each broker."""
    held = [
        PartitionDescription(
            partition=0, offsets=OffsetRange(0, 5), bytes=None, leader=2, replicas=(1, 2, 3), in_sync=(2, 3)
        ),
        PartitionDescription(partition=1, offsets=OffsetRange(0, 5), bytes=None, replicas=(1, 2, 3)),
    ]
    print_listing("table", [*map(partition_object, held)], partition_columns(held), empty="")
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split()[-4:] == ["LEADER", "REPLICAS", "IN", "SYNC"]
    assert first.split()[-4:] == ["–", "2", "1,2,3", "2,3"]
    assert second.split()[-3:] == ["none", "1,2,3", "none"]
    assert "leader" not in partition_object(replace(held[1], replicas=()))


def test_what_needs_a_cluster_is_refused_in_one_line(here: InProcess) -> None:
    outcome = here.run("topic", "create", "logs", "--replicas", "3")
    assert (outcome.status, outcome.out) == (1, b"")
    assert "cannot have 3 replicas: the embedded broker keeps one" in outcome.err
    outcome = here.run("topic", "create", "logs", "--config", "cleanup.policy=compact")
    assert "has no topic setting 'cleanup.policy'" in outcome.err
    here.ok("topic", "create", "logs", "--replicas", "1")
