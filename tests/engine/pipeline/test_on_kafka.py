"""Pipelines on a Kafka cluster: members share the partitions of a topic, come, go and are killed."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from engine.broker.address import parse_address
from engine.broker.broker import Broker
from engine.broker.kafka.broker import KafkaBroker
from engine.pipeline.pipeline import Pipeline
from engine.pipeline.spec import PipelineSpec
from engine.records.batch import Batch, record_batch
from engine.records.evaluation import Evaluation
from engine.runtime.smartstream import SmartStream
from tests.contract.kafka_implementation import OnKafka
from tests.engine.pipeline.running import HASH, spec
from tests.engine.runtime.wat_makers import aggregate, folded
from tests.kafka_cluster import Cluster
from tests.reading import values
from tests.tui.cli.conftest import Program, program
from tests.waiting import PATIENCE, wait_for

__all__ = ["program"]
PARTITIONS = 4
PART = 20
"""Records of a batch of which one halts."""


@pytest.fixture
def broker(kafka: Cluster) -> Iterator[Broker]:
    opened = OnKafka(kafka)
    opened.broker.topics.create("in", PARTITIONS)
    opened.broker.topics.create("out", PARTITIONS)
    yield opened.broker
    opened.close()


class Halting(SmartStream):
    """Takes batches in parts, and halts within the first one until it may go on."""

    def __init__(self) -> None:
        super().__init__(HASH)
        self.halted, self.may_go_on = threading.Event(), threading.Event()

    def evaluate(self, batch: Batch, *, budget: float | None = None) -> Evaluation:
        if len(batch) > PART:
            return super().evaluate(batch.slice(0, PART), budget=budget)
        self.halted.set()
        self.may_go_on.wait(PATIENCE)
        return super().evaluate(batch, budget=budget)


class Member:
    """A pipeline in a thread, with a connection of its own."""

    def __init__(
        self, cluster: Cluster, described: PipelineSpec, smartstream: SmartStream | None = None
    ) -> None:
        self._cluster = cluster
        self._smartstream = smartstream or SmartStream(HASH)
        self._spec = described
        self._stop = threading.Event()
        self.owned: frozenset[int] | None = frozenset()
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            stream = self._smartstream
            with KafkaBroker.connect(parse_address(f"kafka://{self._cluster.bootstrap}")) as broker:
                source = broker.topics.get("in")
                with broker.consumers.share(self._spec.name, "in") as claim:
                    pipeline = Pipeline(broker, self._spec, source, claim, stream)

                    def stopping() -> bool:
                        self.owned = claim.partitions()
                        return self._stop.is_set()

                    pipeline.run(stopping)
                    pipeline.close()
            stream.close()
        except BaseException as error:  # noqa: BLE001 - the test shows it
            self.error = error

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        assert self.error is None


@contextmanager
def members(cluster: Cluster, described: PipelineSpec) -> Iterator[list[Member]]:
    found: list[Member] = []
    try:
        yield found
    finally:
        for member in found:
            member.stop()


def append(broker: Broker, given: dict[int, list[bytes]], count: int) -> None:
    for partition, before in given.items():
        more = [b"%d" % ((len(before) + n) * 7 + partition) for n in range(count)]
        broker.log.append("in", record_batch(more, keys=[b"%d" % partition] * count), partition)
        before += more


def wanted_partitions(cluster: Cluster, consumer: str) -> list[int]:
    """How many partitions the members of a group will have, once those who have them gave them up."""
    group = cluster.admin.describe_consumer_groups([consumer])[consumer].result(PATIENCE)
    targets = [member.target_assignment or member.assignment for member in group.members]
    return sorted(len(target.topic_partitions) for target in targets)


def written(broker: Broker) -> list[bytes | None]:
    return [value for partition in range(PARTITIONS) for value in values(broker, "out", partition)]


@pytest.mark.parametrize("exactly_once", [False, True])
def test_members_share_partitions_and_their_accumulators(
    kafka: Cluster, broker: Broker, exactly_once: bool
) -> None:
    described = spec("total", name=f"shared-{exactly_once}", exactly_once=exactly_once)
    given: dict[int, list[bytes]] = {partition: [] for partition in range(PARTITIONS)}
    halting = Halting()
    with members(kafka, described) as running:
        running.append(Member(kafka, described, halting))
        wait_for(lambda: running[0].owned, lambda owned: owned == frozenset(range(PARTITIONS)))
        append(broker, given, 50)
        assert halting.halted.wait(PATIENCE)
        running.append(Member(kafka, described))
        # The cluster wants two partitions back, in the middle of a batch.
        wait_for(lambda: wanted_partitions(kafka, described.name), lambda counts: counts == [2, 2])
        halting.may_go_on.set()
        wait_for(lambda: [len(one.owned or ()) for one in running], lambda owned: owned == [2, 2])
        append(broker, given, 50)
        wait_for(lambda: len(written(broker)), lambda count: count >= 100 * PARTITIONS)
        running.pop(0).stop()
        wait_for(lambda: len(running[0].owned or ()), lambda owned: owned == PARTITIONS)
        append(broker, given, 50)
        wait_for(lambda: len(written(broker)), lambda count: count >= 150 * PARTITIONS)
    expected = [value for partition in given.values() for value in folded("hash", partition)]
    # Nothing was killed: even without transactions nothing is written twice.
    assert sorted(map(bytes, filter(None, written(broker)))) == sorted(map(bytes, filter(None, expected)))


def test_killed_members_are_replaced_and_nothing_is_written_twice(
    kafka: Cluster, broker: Broker, program: Program
) -> None:
    (program.cwd / "total.wasm").write_bytes(aggregate("hash"))
    address = f"kafka://{kafka.bootstrap}"
    command = ["--broker", address, "run", "--from", "in", "--to", "out", "--name", "killed"]
    command += ["--module", "total.wasm", "--exactly-once"]
    given: dict[int, list[bytes]] = {partition: [] for partition in range(PARTITIONS)}
    kept = program.start(*command)
    for _ in range(2):
        killed = program.start(*command)
        before = len(written(broker))
        for _ in range(10):
            append(broker, given, 10)
        wait_for(lambda before=before: len(written(broker)) > before, bool)  # type: ignore[misc]
        program.finish(killed, signal.SIGKILL)
    total = sum(map(len, given.values()))
    wait_for(lambda: len(written(broker)), lambda count: count >= total)
    assert program.finish(kept, signal.SIGTERM).status == 0
    expected = [value for partition in given.values() for value in folded("hash", partition)]
    assert sorted(map(bytes, filter(None, written(broker)))) == sorted(map(bytes, filter(None, expected)))
