"""An exactly-once aggregate on three Kafka nodes: nodes and processes are killed at random."""

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


class Chaos:
    """Processes of one pipeline, and a producer, on one cluster. One node at a time is down."""

    def __init__(self, cluster: Cluster, folder: Path, name: str) -> None:
        self.cluster = cluster
        self.source, self.target = f"{name}-in", f"{name}-out"
        self._command = [sys.executable, "-m", "tui", "--broker", f"kafka://{cluster.bootstrap}", "run"]
        self._command += ["--from", self.source, "--to", self.target, "--name", name]
        self._command += ["--module", str(folder / "total.wasm"), "--exactly-once"]
        self._folder = folder
        self._stop = threading.Event()
        self._producer = threading.Thread(target=self._produce)
        self.acknowledged: dict[int, list[bytes]] = {partition: [] for partition in range(PARTITIONS)}
        self.members: list[subprocess.Popen[bytes]] = []
        self.down: tuple[int, signal.Signals] | None = None
        self.acts = 0

    def connect(self) -> KafkaBroker:
        return KafkaBroker.connect(parse_address(f"kafka://{self.cluster.bootstrap}"))

    def begin(self) -> None:
        (self._folder / "total.wasm").write_bytes(aggregate("hash"))
        with self.connect() as broker:
            for topic in (self.source, self.target):
                broker.topics.create(topic, PARTITIONS, REPLICATED)
        self._producer.start()

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
        self.members = [one for one in self.members if one.poll() is None]
        if len(self.members) < 2:
            self.start()
        elif chance.random() < 0.4:
            killed = self.members.pop(chance.randrange(2))
            killed.kill()
            killed.wait()
        elif self.down is not None:
            self.mend()
        else:
            node, how = chance.randrange(3), chance.choice((signal.SIGKILL, signal.SIGSTOP))
            self.down = node, how
            self.cluster.send(node, how)

    def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        errors = (self._folder / "errors.txt").open("ab")
        with errors:
            one = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stderr=errors, env=environment)
        self.members.append(one)

    def mend(self) -> None:
        if self.down is None:
            return
        (node, how), self.down = self.down, None
        if how is signal.SIGSTOP:
            self.cluster.send(node, signal.SIGCONT)
        else:
            self.cluster.restart(node)

    def end(self) -> None:
        self.mend()
        self._stop.set()
        self._producer.join()

    def given(self, broker: KafkaBroker, partition: int) -> list[bytes | None]:
        """The values of a partition of the source, and a last one: a node that was down may not know it."""
        broker.log.append(self.source, record_batch([b"last"]), partition)
        return wait_for(
            lambda: values_to_end(broker, self.source, partition), lambda found: found[-1:] == [b"last"]
        )

    def close(self) -> None:
        for one in self.members:
            one.kill()
            one.wait()


@contextmanager
def chaos(cluster: Cluster, folder: Path, name: str) -> Iterator[Chaos]:
    found = Chaos(cluster, folder, name)
    found.begin()
    try:
        yield found
    finally:
        found.end()
        found.close()


def test_counts_are_exact_after_any_kills(kafka_nodes: Cluster, tmp_path: Path) -> None:
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
                if not any(one.poll() is None for one in running.members):
                    running.start()
                found = [values_to_end(broker, running.target, p) for p in range(PARTITIONS)]
                return [value for values in found for value in values]

            found = wait_for(written, lambda found: len(found) >= total, CATCH_UP_SECONDS)
    expected = [
        value for values in given.values() for value in folded("hash", [one or b"" for one in values])
    ]
    for partition, acknowledged in running.acknowledged.items():
        assert set(acknowledged) <= set(given[partition])
    assert sorted(one or b"" for one in found) == sorted(one or b"" for one in expected)
    print(f"{running.acts} acts, {total:,} records, each once")
