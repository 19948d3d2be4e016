import json
import signal

import pytest

from engine.embedded.broker import EmbeddedBroker
from engine.records import record_batch
from tests.cli.conftest import Program


def test_what_a_topic_was_created_with_is_described(program: Program) -> None:
    options = ["-p", "2", "--retention-time", "1h30m", "--retention-bytes", "64MiB"]
    program.ok("topic", "create", "logs", *options)
    with EmbeddedBroker.open(program.data) as broker:
        broker.append("logs", record_batch([b"a", b"b"]), 1)
    described = program.ok("topic", "describe", "logs").out.decode()
    assert "retention    90 m, 67.1 MB a partition" in described
    assert [line.split() for line in described.splitlines()[-2:]] == [
        ["0", "0", "0", "0"],
        ["1", "0", "2", "2"],
    ]
    found = json.loads(program.ok("topic", "describe", "logs", "--output", "json").out)
    assert (found["retention_ms"], found["retention_bytes"]) == (5_400_000, 64 << 20)
    assert found["partitions"][1] == {"partition": 1, "start": 0, "end": 2}


def test_topics_are_listed_for_programs_too(program: Program) -> None:
    assert json.loads(program.ok("topic", "list", "--output", "json").out) == []
    program.topic("logs", b"a", b"b")
    (found,) = json.loads(program.ok("topic", "list", "-O", "json").out)
    assert (found["name"], found["partitions"], found["records"]) == ("logs", 1, 2)


def test_a_deleted_topic_is_gone(program: Program) -> None:
    for name in ("logs", "more", "kept"):
        program.topic(name, b"a")
    assert program.ok("topic", "delete", "logs", "more").out == b"topic logs deleted\ntopic more deleted\n"
    with EmbeddedBroker.open(program.data) as broker:
        assert [topic.name for topic in broker.topics()] == ["kept"]


def test_who_reads_a_deleted_topic_is_told(program: Program) -> None:
    program.topic("logs", b"a")
    process = program.start("consume", "logs", "-B")
    assert process.stdout is not None
    assert process.stdout.readline() == b"a\n"
    with EmbeddedBroker.open(program.data) as broker:
        broker.delete_topic("logs")
    outcome = program.finish(process)
    assert outcome.status == 1
    assert "there is no topic 'logs'" in outcome.err


@pytest.mark.parametrize("verb", ["describe", "delete"])
def test_an_unknown_topic_is_answered_with_the_nearest(program: Program, verb: str) -> None:
    program.topic("logs")
    outcome = program.run("topic", verb, "lgos")
    assert (outcome.status, outcome.out) == (1, b"")
    assert "did you mean 'logs'" in outcome.err


@pytest.mark.parametrize(
    "option",
    [["-p", "0"], ["--retention-time", "7"], ["--retention-time", "soon"], ["--retention-bytes", "1 pound"]],
)
def test_quantities_that_are_none_are_wrong_usage(program: Program, option: list[str]) -> None:
    outcome = program.run("topic", "create", "logs", *option)
    assert outcome.status == 2
    assert option[0] in outcome.err
    assert not program.data.exists()


def test_a_signal_lets_the_work_in_hand_be_finished(program: Program) -> None:
    program.cwd.joinpath("script.py").write_text(
        "import os, signal\n"
        "from tui.cli.signals import end_quietly_on_signals, finish_first\n"
        "end_quietly_on_signals()\n"
        "with finish_first():\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    print('finished', flush=True)\n"
        "print('more')\n"
    )
    outcome = program.python("script.py")
    assert (outcome.status, outcome.out, outcome.err) == (128 + signal.SIGINT, b"finished\n", "")
