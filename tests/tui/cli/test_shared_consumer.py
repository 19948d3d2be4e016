"""`consume --share`: processes that have partitions of one named consumer each."""

import sys
from collections.abc import Iterator

import pytest

from engine.broker.broker import Broker
from engine.consumer.consumer import Consumer
from engine.consumer.delivery import Delivery
from engine.records.batch import Batch, record_batch
from engine.records.evaluation import Evaluation
from engine.records.transform import Transform
from engine.runtime.smartstream import SmartStream
from tests.contract.memory_broker import MemoryBroker
from tests.contract.memory_group import SharedMemoryClaim
from tests.engine.runtime.wat_guests import by_hand
from tests.engine.runtime.wat_makers import aggregate
from tests.tui.cli.conftest import InProcess, Program
from tests.tui.cli.test_bad_input import assert_clear
from tui.cli.run.consuming.named_consumer import PositionSaver
from tui.cli.run.consuming.partition_follower import PartitionFollower

PARTITIONS = 4
SELDOM = float(sys.maxsize)
AS_C1 = ("consume", "logs", "-c", "c1")


class OneByOne(SmartStream):
    """Evaluates one record at a time, as a slow one would."""

    def evaluate(self, batch: Batch, *, budget: float | None = None) -> Evaluation:
        return super().evaluate(batch.slice(0, 1), budget=budget)


class Process:
    """What a process that consumes does, a step at a time."""

    def __init__(self, broker: Broker, smartstream: Transform | None = None, every: float = SELDOM) -> None:
        """Saves positions `every` so many seconds, if partitions do not move."""
        claim = broker.consumers.share("c1", "logs")
        assert isinstance(claim, SharedMemoryClaim)
        self.claim = claim
        self._saver = PositionSaver(claim, "c1", every)
        topic, starts = broker.topics.get("logs"), dict.fromkeys(range(PARTITIONS), 0)
        self._follower = PartitionFollower(topic, self._saver, starts)
        self._consumer = Consumer(
            broker, topic, positions=self._saver.begin(starts, ""), smartstream=smartstream
        )
        self._deliveries = self._saver.followed(self._read())
        self.printed: list[bytes] = []

    def _read(self) -> Iterator[Delivery | None]:
        while True:
            self._follower.look(self._consumer)
            yield self._consumer.poll(0) if self._consumer.positions else None

    def step(self) -> bool:
        """Read once; whether there was something."""
        delivery = next(self._deliveries)
        self.printed += [] if delivery is None else delivery.records["value"].to_pylist()
        return delivery is not None

    def end(self) -> None:
        self._deliveries.close()
        self._saver.finish()
        self._saver.close()
        self._consumer.close()


@pytest.fixture
def broker() -> Iterator[Broker]:
    with MemoryBroker("memory") as opened:
        opened.topics.create("logs", PARTITIONS)
        yield opened


def append(broker: Broker, numbers: range) -> list[bytes]:
    """Append a record for each number to the partitions in turn."""
    for number in numbers:
        broker.log.append("logs", record_batch([b"%d" % number]), number % PARTITIONS)
    return [b"%d" % number for number in numbers]


def step_all(*processes: Process) -> None:
    """Let all of them go on until there is nothing left to read, and nothing that has to move."""
    quiet = 0
    while quiet < 3:
        found = [process.step() for process in processes]
        quiet = 0 if any(found) else quiet + 1


def printed(*processes: Process) -> list[bytes]:
    return sorted((value for process in processes for value in process.printed), key=int)


def test_partitions_move_and_every_record_is_printed_once(broker: Broker) -> None:
    given = append(broker, range(40))
    first = Process(broker)
    step_all(first)
    second = Process(broker)
    given += append(broker, range(40, 80))
    step_all(first, second)
    assert first.claim.partitions() == {0, 2}
    assert second.claim.partitions() == {1, 3}
    given += append(broker, range(80, 120))
    step_all(first, second)
    first.end()
    given += append(broker, range(120, 160))
    step_all(second)
    assert printed(first, second) == given
    assert second.printed[-1] == b"159"
    second.end()
    assert [one.lag for one in broker.consumers.saved_positions()] == [0] * PARTITIONS


def test_records_that_are_read_but_not_evaluated_go_to_the_other(broker: Broker) -> None:
    for partition in range(PARTITIONS):
        values = [b"%d" % (PARTITIONS * n + partition) for n in range(10)]
        broker.log.append("logs", record_batch(values), partition)
    with OneByOne(by_hand("digit.wat")) as slow, OneByOne(by_hand("digit.wat")) as other:
        first = Process(broker, slow)
        for _ in range(15):  # in the middle of the second partition that it reads
            first.step()
        second = Process(broker, other)
        step_all(first, second)
        assert printed(first, second) == [b"%d" % n for n in range(40)]
        assert second.printed
        first.end()
        second.end()


@pytest.mark.parametrize("every", [0, SELDOM])
def test_lost_partitions_are_read_again_from_where_they_were_saved(broker: Broker, every: float) -> None:
    given = append(broker, range(40))
    first = Process(broker, every=every)
    for _ in range(3):
        assert first.step()
    first.claim.silence()
    second = Process(broker)
    # The first one may not save what it printed last.
    step_all(first, second)
    assert first.claim.partitions() == {1, 3}
    found = printed(first, second)
    assert [*dict.fromkeys(found)] == given
    assert len(found) > len(given)
    first.end()
    second.end()
    assert [one.lag for one in broker.consumers.saved_positions()] == [0] * PARTITIONS


def test_what_is_lost_at_the_end_is_left_to_others(
    broker: Broker, capsys: pytest.CaptureFixture[str]
) -> None:
    process = Process(broker)
    append(broker, range(40))
    while process.step():
        pass
    process.claim.silence()
    process.end()
    assert "others repeat what was printed last" in capsys.readouterr().err
    assert [one.offset for one in broker.consumers.saved_positions()] == [0] * PARTITIONS


def test_a_broker_without_sharing_says_so(here: InProcess, program: Program) -> None:
    program.topic("logs")
    assert_clear(here.run(*AS_C1, "--share"), "does not share consumers among processes", "leave out --share")


@pytest.mark.parametrize("option", ["-d", "-p0", "--end=0", "--until=1h"])
def test_what_a_share_cannot_have_is_refused(here: InProcess, option: str) -> None:
    assert "cannot be used together" in here.run(*AS_C1, "--share", option).err
    assert "add -c NAME" in here.run("consume", "logs", "--share").err


def test_aggregates_are_refused(here: InProcess, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    with MemoryBroker("memory") as broker:
        broker.topics.create("logs")
        monkeypatch.setattr("tui.cli.run.consume.open_broker", lambda _: broker)
        (program.cwd / "total.wasm").write_bytes(aggregate("hash"))
        outcome = here.run(*AS_C1, "--share", "smartstream", "--module", program.cwd / "total.wasm")
        assert_clear(outcome, "--share cannot be used with aggregates", "fluvio-tui run")
