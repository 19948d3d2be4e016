"""Three Kafka nodes under random failures: they, and the processes that use them, are killed and paused.

A producer, a pipeline (exactly once, an aggregate, a stored module that is replaced again and again) and a
named consumer run meanwhile.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from engine.broker.address import parse_address
from engine.broker.kafka.broker import KafkaBroker
from engine.broker.topics import TopicOptions
from engine.errors import BrokerError
from engine.records.batch import record_batch
from engine.runtime.loading.wasm_sections import with_custom_section
from tests.engine.runtime.wat_makers import aggregate, folded
from tests.kafka_cluster import Cluster
from tests.reading import values_to_end
from tests.soak.budget import MINUTES, Share
from tests.waiting import wait_for

pytestmark = [pytest.mark.soak, pytest.mark.timeout(MINUTES * 60 + 600)]

SHARE = Share(parts=2)
PARTITIONS = 3
REPLICATED = TopicOptions(replicas=3)
CATCH_UP_SECONDS = 180


MEMBERS = 2
"""Of the pipeline, and of the named consumer."""


class Group:
    """Processes of one command, which share the partitions of the source."""

    def __init__(self, folder: Path, name: str, command: list[str]) -> None:
        self.name = name
        self._folder = folder
        self._command = [sys.executable, "-m", "tui", *command]
        self._members: list[subprocess.Popen[bytes]] = []
        self._outputs: list[Path] = []
        """Of each process: the kernel may cut the last line that one writes while it is killed."""

    @property
    def lines(self) -> set[bytes]:
        """The whole lines that they wrote to standard output."""
        outputs = (path.read_bytes() for path in self._outputs)
        return {line for output in outputs for line in output[: output.rfind(b"\n") + 1].splitlines()}

    def act(self, chance: random.Random) -> bool:
        """Start a process if one is missing, or perhaps kill one; whether something was done."""
        self._members = [one for one in self._members if one.poll() is None]
        if len(self._members) < MEMBERS:
            self.start()
        elif chance.random() < 0.25:
            killed = self._members.pop(chance.randrange(MEMBERS))
            killed.kill()
            killed.wait()
        else:
            return False
        return True

    def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        self._outputs.append(self._folder / f"{self.name}-{len(self._outputs)}.out")
        with self._outputs[-1].open("xb") as out, (self._folder / f"{self.name}.err").open("ab") as errors:
            self._members.append(
                subprocess.Popen(
                    self._command, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, env=environment
                )
            )

    def keep_running(self) -> None:
        if not any(one.poll() is None for one in self._members):
            self.start()

    def close(self) -> None:
        for one in self._members:
            one.kill()
            one.wait()


class Chaos:
    """A pipeline, a named consumer and a producer on one cluster. One node at a time is down."""

    def __init__(self, cluster: Cluster, folder: Path, name: str) -> None:
        self.cluster = cluster
        self.source, self.target, self.module = f"{name}-in", f"{name}-out", f"{name}-total"
        address = ["--broker", f"kafka://{cluster.bootstrap}"]
        pipeline = [*address, "run", "--from", self.source, "--to", self.target, "--name", name]
        self.pipeline = Group(folder, "pipeline", [*pipeline, "--use", self.module, "--exactly-once"])
        consumer = ["consume", self.source, "-c", f"{name}-reader", "--share", "-B"]
        self.consumer = Group(folder, "consumer", [*address, *consumer])
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=one) for one in (self._produce, self._replace_module)]
        self.acknowledged: dict[int, list[bytes]] = {partition: [] for partition in range(PARTITIONS)}
        self.versions = 0
        self.down: tuple[int, signal.Signals] | None = None
        self.acts = 0

    def connect(self) -> KafkaBroker:
        return KafkaBroker.connect(parse_address(f"kafka://{self.cluster.bootstrap}"))

    def begin(self) -> None:
        with self.connect() as broker:
            for topic in (self.source, self.target):
                broker.topics.create(topic, PARTITIONS, REPLICATED)
            broker.modules.add(self.module, module(0))
        for thread in self._threads:
            thread.start()

    def _replace_module(self) -> None:
        """Store other modules that do the same."""
        with self.connect() as broker:
            while not self._stop.wait(1):
                with suppress(BrokerError):
                    broker.modules.add(self.module, module(self.versions + 1))
                    self.versions += 1

    def _produce(self) -> None:
        """Values never come twice: one that may not have been stored is given up."""
        number = 0
        with self.connect() as broker:
            while not self._stop.is_set():
                for partition, done in self.acknowledged.items():
                    given = [b"%d" % (number * 7 + partition + n) for n in range(10)]
                    number += 10
                    with suppress(BrokerError):
                        keys = [b"%d" % partition] * len(given)
                        broker.log.append(self.source, record_batch(given, keys=keys), partition)
                        done += given

    def act(self, chance: random.Random) -> None:
        self.acts += 1
        if self.pipeline.act(chance) or self.consumer.act(chance):
            return
        if self.down is not None:
            self.mend()
        else:
            node, how = chance.randrange(3), chance.choice((signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM))
            self.down = node, how
            self.cluster.send(node, how)

    def mend(self) -> None:
        if self.down is None:
            return
        (node, how), self.down = self.down, None
        if how is signal.SIGSTOP:
            self.cluster.send(node, signal.SIGCONT)
        else:
            wait_for(lambda: self.cluster.nodes[node].alive, lambda alive: not alive)
            self.cluster.restart(node)

    def end(self) -> None:
        self.mend()
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def given(self, broker: KafkaBroker, partition: int) -> list[bytes | None]:
        """The values of a partition of the source, and a last one: a node that was down may not know it."""
        broker.log.append(self.source, record_batch([b"last"]), partition)
        return wait_for(
            lambda: values_to_end(broker, self.source, partition), lambda found: found[-1:] == [b"last"]
        )

    def close(self) -> None:
        self.pipeline.close()
        self.consumer.close()


def module(number: int) -> bytes:
    """An aggregate; each number gives other bytes, which do the same."""
    return with_custom_section(aggregate("hash"), "number", b"%d" % number)


@contextmanager
def chaos(cluster: Cluster, folder: Path, name: str) -> Iterator[Chaos]:
    found = Chaos(cluster, folder, name)
    found.begin()
    try:
        yield found
    finally:
        found.end()
        found.close()


def test_counts_are_exact_after_any_failures(kafka_nodes: Cluster, tmp_path: Path) -> None:
    rounds = SHARE.rounds()
    chance = random.Random(rounds.seed)
    end = time.monotonic() + rounds.seconds
    with chaos(kafka_nodes, tmp_path, f"soak-{rounds.seed}") as running:
        while time.monotonic() < end:
            running.act(chance)
            time.sleep(chance.random() * 4)  # a random moment is the point
        running.end()
        with running.connect() as broker:
            given = {p: running.given(broker, p) for p in range(PARTITIONS)}
            total = sum(map(len, given.values()))

            def written() -> list[bytes | None]:
                running.pipeline.keep_running()
                found = [values_to_end(broker, running.target, p) for p in range(PARTITIONS)]
                return [value for values in found for value in values]

            def consumed() -> set[bytes]:
                running.consumer.keep_running()
                return running.consumer.lines

            found = wait_for(written, lambda found: len(found) >= total, CATCH_UP_SECONDS)
            values = {value or b"" for values in given.values() for value in values}
            wait_for(lambda: values - consumed(), lambda missing: not missing, CATCH_UP_SECONDS)
            printed = running.consumer.lines
            broker.modules.add(running.module, module(running.versions + 1))
            assert broker.modules.load(running.module) == module(running.versions + 1)
    assert printed == values
    expected = [
        value for values in given.values() for value in folded("hash", [one or b"" for one in values])
    ]
    for partition, acknowledged in running.acknowledged.items():
        assert set(acknowledged) <= set(given[partition])
    assert sorted(one or b"" for one in found) == sorted(one or b"" for one in expected)
    print(f"{running.acts} acts, {running.versions} modules, {total:,} records, each once")
