"""Named consumers: `consume -c` and `consumer`."""

import json
import random
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from engine.broker.broker import Broker
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.consumer.consumer import Consumer
from engine.consumer.delivery import Delivery
from engine.errors import NoRoomError
from engine.library.modules import add_module
from engine.records.batch import record_batch
from tests.engine.runtime.wat_guests import by_hand
from tests.tui.cli.conftest import InProcess, Program, read_until
from tests.tui.cli.test_bad_input import assert_clear
from tests.waiting import PATIENCE
from tui.cli.run.consuming.named_consumer import COMMIT_SECONDS, PositionSaver

AS_C1 = ("consume", "logs", "-c", "c1")


@pytest.fixture
def topic(program: Program) -> Program:
    program.topic("logs", *[b"%d" % number for number in range(10)])
    return program


def kept(data: Path) -> list[tuple[str, int, int]]:
    with EmbeddedBroker.open(data) as broker:
        return [(one.consumer, one.partition, one.offset) for one in broker.consumers.saved_positions()]


@pytest.mark.usefixtures("topic")
def test_consumer_continues_where_it_stopped(here: InProcess) -> None:
    assert here.ok(*AS_C1, "-B", "-n", "4").out == b"0\n1\n2\n3\n"
    assert here.ok(*AS_C1, "--end", "5").out == b"4\n5\n"
    assert here.ok("consume", "logs", "--consumer", "c1", "-d").out == b"6\n7\n8\n9\n"
    assert here.ok(*AS_C1, "-d").out == b""
    assert kept(here.data) == [("c1", 0, 10)]
    assert here.ok("consume", "logs", "-c", "other", "-T", "1", "-d").out == b"9\n"


@pytest.mark.usefixtures("topic")
def test_start_option_applies_without_saved_position(here: InProcess) -> None:
    here.ok(*AS_C1, "-B", "-n", "4")
    again = here.ok(*AS_C1, "-B", "-n", "1")
    assert again.out == b"4\n"
    assert again.err.splitlines() == [
        "fluvio-tui: consumer c1 continues where it stopped: "
        "-B applies only to partitions without a saved position",
        "consuming topic logs from where consumer c1 stopped",
    ]


def test_end_position_is_saved_without_records(topic: Program, here: InProcess) -> None:
    assert here.ok(*AS_C1, "-d").out == b""
    topic.append("logs", b"10")
    assert here.ok(*AS_C1, "-d").out == b"10\n"


def test_positions_are_saved_per_partition(program: Program, here: InProcess) -> None:
    with EmbeddedBroker.open(program.data) as broker:
        broker.topics.create("logs", 2)
        for partition in range(2):
            broker.log.append("logs", record_batch([b"%d%d" % (partition, n) for n in range(3)]), partition)
    assert here.ok(*AS_C1, "-p", "1", "-B", "-n", "2").out == b"10\n11\n"
    rest = here.ok(*AS_C1, "-B", "-d")
    assert sorted(rest.out.split()) == [b"00", b"01", b"02", b"12"]
    assert kept(here.data) == [("c1", 0, 3), ("c1", 1, 3)]


def test_dropped_records_advance_the_position(topic: Program, here: InProcess) -> None:
    topic.append("logs", b"no digit")
    add_module(SmartStreamStore(topic.data), "digits", by_hand("digit.wat"), "f")
    assert here.ok(*AS_C1, "--use-filter", "digits", "-T", "2", "-d").out == b"9\n"
    assert kept(here.data) == [("c1", 0, 11)]


def test_records_removed_by_retention_are_reported(topic: Program, here: InProcess) -> None:
    here.ok(*AS_C1, "-B", "-n", "4")
    topic.append("logs", b"10")
    with EmbeddedBroker.open(topic.data) as broker:
        broker.log.trim("logs", 0, 10)
    outcome = here.ok(*AS_C1, "-d")
    assert outcome.out == b"10\n"
    assert "6 records removed from the log before being read" in outcome.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_saves_the_position_of_printed_records(topic: Program, number: signal.Signals) -> None:
    process = topic.start(*AS_C1, "-B")
    read_until(process.stdout, b"9\n")
    assert topic.finish(process, number).status == 128 + number
    assert kept(topic.data) == [("c1", 0, 10)]


def test_closed_pipe_saves_the_position_of_written_records(topic: Program) -> None:
    topic.append("logs", *[b"x" * 1000] * 5_000)  # more than a pipe holds
    process = topic.start(*AS_C1, "-B", "-d")
    read_until(process.stdout, b"0\n")
    assert process.stdout is not None
    process.stdout.close()
    process.wait(PATIENCE)
    ((_, _, offset),) = kept(topic.data)
    assert offset < 5_010


def test_killed_consumer_repeats_uncommitted_records(topic: Program, here: InProcess) -> None:
    process = topic.start(*AS_C1, "-B")
    read_until(process.stdout, b"9\n")
    topic.finish(process, signal.SIGKILL)
    ((_, _, offset),) = kept(topic.data)
    assert here.ok(*AS_C1, "-d").out.split() == [b"%d" % number for number in range(offset, 10)]


@pytest.mark.parametrize(
    ("consumers", "kills", "seconds"),
    [
        (1, 2, 0.3),
        pytest.param(4, 10, 2 * COMMIT_SECONDS, marks=[pytest.mark.soak, pytest.mark.timeout(900)]),
    ],
)
def test_consumer_killed_at_any_moment_skips_nothing(
    program: Program, consumers: int, kills: int, seconds: float
) -> None:
    ended = threading.Event()

    def append_until_ended() -> None:
        with EmbeddedBroker.open(program.data, durable=False) as broker:
            for number in count(step=100):
                broker.log.append("logs", record_batch([b"%d" % (number + n) for n in range(100)]))
                if ended.wait(0.01):
                    return

    def killed(name: str) -> list[int]:
        """What a consumer has printed that is killed again and again."""
        printed: list[int] = []
        for _ in range(kills):
            process = program.start("consume", "logs", "-c", name, "-B")
            first = read_until(process.stdout, b"\n")
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=random.uniform(0, seconds))
            rest = program.finish(process, signal.SIGKILL).out
            printed += map(int, (first + rest).split(b"\n")[:-1])  # the last line may be cut off
        return printed

    program.topic("logs")
    producing = threading.Thread(target=append_until_ended)
    producing.start()
    names = [f"c{number}" for number in range(1, consumers + 1)]
    with ThreadPoolExecutor(consumers) as threads:
        try:
            all_printed = list(threads.map(killed, names))
        finally:
            ended.set()
            producing.join()
    for name, printed in zip(names, all_printed, strict=True):
        printed += map(int, program.ok("consume", "logs", "-c", name, "-d").out.split())
        reached = -1
        for number in printed:
            assert number <= reached + 1
            reached = max(reached, number)
        assert (name, 0, reached + 1) in kept(program.data)


def test_running_consumer_is_reported(topic: Program, here: InProcess) -> None:
    process = topic.start(*AS_C1)
    read_until(process.stderr, b"consuming topic logs from now on\n")
    assert_clear(here.run(*AS_C1), "fluvio-tui: consumer 'c1' is already running on topic 'logs'")
    assert_clear(here.run("consumer", "delete", "c1"), "'c1' is already running")
    assert here.ok("consume", "logs", "-c", "c2", "-T", "1", "-d").out == b"9\n"
    topic.finish(process, signal.SIGTERM)
    assert here.ok(*AS_C1, "-d").out == b""


@pytest.mark.usefixtures("topic")
def test_invalid_consumer_name(here: InProcess) -> None:
    assert_clear(here.run("consume", "logs", "-c", "a/b"), "a consumer cannot be called 'a/b'", "a-z")


@pytest.mark.usefixtures("topic")
def test_consumers_are_listed_and_deleted(here: InProcess) -> None:
    assert b"no named consumers yet" in here.ok("consumer", "list").out
    assert json.loads(here.ok("consumer", "list", "--output", "json").out) == []
    here.ok(*AS_C1, "-B", "-n", "4")
    head, row = here.ok("consumer", "list").out.decode().splitlines()
    assert head.split() == ["CONSUMER", "TOPIC", "PARTITION", "OFFSET", "LAG", "COMMITTED"]
    assert row.split()[:5] == ["c1", "logs", "0", "4", "6"]
    (found,) = json.loads(here.ok("consumer", "list", "-O", "json").out)
    assert found.pop("committed") > 1_600_000_000_000
    assert found == {"consumer": "c1", "topic": "logs", "partition": 0, "offset": 4, "end": 10, "lag": 6}
    assert_clear(here.run("consumer", "delete", "c11"), "for consumer 'c11'", "did you mean 'c1'?")
    assert_clear(here.run("consumer", "delete", "c1", "lgos"), "there is no topic 'lgos'")
    assert here.ok("consumer", "delete", "c1", "logs").out == b"consumer c1 deleted in topic logs\n"
    assert kept(here.data) == []


def deliveries(broker: Broker, number: int) -> Iterator[Delivery | None]:
    consumer = Consumer(broker, "logs", positions={0: 0})
    for offset in range(number):
        broker.log.append("logs", record_batch([b"%d" % offset]))
        yield consumer.poll(0)
        yield None


def test_position_is_committed_after_the_next_delivery_is_requested(tmp_path: Path) -> None:
    with EmbeddedBroker.open(tmp_path) as broker:
        broker.topics.create("logs")
        with broker.consumers.claim("c1", "logs") as claim:
            saver = PositionSaver(claim, "c1", every=0)
            assert saver.begin({0: 0}, "") == {0: 0}
            for handed_over, delivery in enumerate(saver.followed(deliveries(broker, 3))):
                assert claim.positions() == {0: (handed_over + 1) // 2}, delivery
            assert claim.positions() == {0: 3}


@dataclass
class Full:
    """A claim on a full disk."""

    full: bool = False
    kept: dict[int, int] = field(default_factory=dict)

    def positions(self) -> dict[int, int]:
        return dict(self.kept)

    def commit(self, positions: Mapping[int, int]) -> None:
        if self.full:
            raise NoRoomError("no room is left")
        self.kept |= positions

    def partitions(self) -> None:
        pass

    def close(self) -> None:
        pass

    def __enter__(self) -> "Full":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def test_full_disk_is_reported_once_and_does_not_stop_consume(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claim = Full()
    saver = PositionSaver(claim, "c1", every=0)
    saver.begin({0: 0}, "")
    claim.full = True
    with EmbeddedBroker.open(tmp_path) as broker:
        broker.topics.create("logs")
        assert len(list(saver.followed(deliveries(broker, 3)))) == 6
    assert claim.kept == {0: 0}
    assert capsys.readouterr().err.count("no room is left") == 1
    with pytest.raises(NoRoomError):
        saver.commit()
    claim.full = False
    saver.commit()
    assert claim.kept == {0: 3}


@pytest.mark.usefixtures("topic")
def test_positions_are_shown_before_they_are_set(here: InProcess) -> None:
    here.ok(*AS_C1, "-B", "-n", "4")
    shown = here.ok("consumer", "set", "c1", "logs", "--start", "8")
    assert shown.out.decode().splitlines() == ["PARTITION  SAVED  OFFSET  LAG", "0          4      8       2"]
    assert "nothing was changed" in shown.err
    assert kept(here.data) == [("c1", 0, 4)]
    here.ok("consumer", "set", "c1", "logs", "--start", "8", "--yes")
    assert kept(here.data) == [("c1", 0, 8)]
    assert here.ok(*AS_C1, "-d").out == b"8\n9\n"
    moved = json.loads(here.ok("consumer", "set", "new", "logs", "-B", "-y", "-O", "json").out)
    assert moved == [{"partition": 0, "saved": None, "offset": 0, "lag": 10}]


@pytest.mark.usefixtures("topic")
def test_a_running_consumer_is_not_set(here: InProcess) -> None:
    here.ok(*AS_C1, "-B", "-n", "4")
    with EmbeddedBroker.open(here.data) as broker, broker.consumers.claim("c1", "logs"):
        refused = here.run("consumer", "set", "c1", "logs", "-B", "-y")
    assert refused.status == 1
    assert "already running" in refused.err
    assert kept(here.data) == [("c1", 0, 4)]
    assert "add where to go on" in here.run("consumer", "set", "c1", "logs").err
