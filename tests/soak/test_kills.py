"""Producers, consumers and a dashboard that builds, any of whose processes is killed at any moment."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.records.batch import record_batch
from tests.engine.broker.sqlite.test_broker_concurrency import Producer, check_log, read_all
from tests.processes import Process, processes
from tests.soak.budget import MINUTES, Share
from tests.terminal import Terminal
from tests.waiting import wait_for
from tui.dashboard.app.session_state import Memory

pytestmark = [pytest.mark.soak, pytest.mark.timeout(MINUTES * 60 + 300)]

SHARE = Share(parts=5)
SOURCE = "#[smartstream(filter)]\npub fn f(value: &[u8]) -> bool {{ value.len() % {} != 0 }}\n"
COMMAND = [sys.executable, "-m", "tui"]


@dataclass
class Chaos:
    """Processes on one data folder. All that they start is known by their environment."""

    folder: Path
    cache: Path
    producers: list[Producer] = field(default_factory=list)
    consumers: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    printed: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    """What each consumer has printed: a file for each time that it was started."""
    dashboard: Terminal | None = None
    kills: int = 0

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "FLUVIO_TUI_DATA": str(self.folder),
            "FLUVIO_TUI_CACHE": str(self.cache),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }

    @property
    def source(self) -> Path:
        return self.folder.parent / "f.rs"

    def produce(self, chance: random.Random) -> None:
        if sum(one.process.poll() is None for one in self.producers) < 2:
            size = chance.choice((20, 20, 5_000))
            name = f"p{len(self.producers)}"
            one = Producer.start(self.folder, "a", name, 10**6, size, self.environment)
            self.producers.append(one)
            with suppress(BrokenPipeError):
                one.go()

    @staticmethod
    def ended(process: "subprocess.Popen[bytes] | None") -> bool:
        return process is None or process.poll() is not None

    def consume(self, chance: random.Random) -> None:
        name = f"c{chance.randrange(2)}"
        if self.ended(self.consumers.get(name)):
            path = self.folder.parent / f"{name} {len(self.printed[name])}"
            self.printed[name].append(path)
            with path.open("wb") as file:
                command = [*COMMAND, "consume", "a", "-B", "-c", name]
                self.consumers[name] = subprocess.Popen(
                    command, stdout=file, stderr=subprocess.DEVNULL, env=self.environment
                )

    def watch(self, chance: random.Random) -> None:
        if self.dashboard is None or self.dashboard.process.poll() is not None:
            if self.dashboard is not None:
                self.dashboard.close()
            self.save(chance)
            command = [*COMMAND, "watch", "a", "-f", str(self.source)]
            self.dashboard = Terminal(command, env=self.environment, cwd=self.folder.parent)

    def save(self, chance: random.Random) -> None:
        self.source.write_text(SOURCE.format(chance.randrange(2, 9)))

    def kill(self, chance: random.Random) -> None:
        """End any of the processes, those that a program started included."""
        running = self.running()
        if running:
            self.kills += 1
            with suppress(ProcessLookupError):
                os.kill(chance.choice(running).number, signal.SIGKILL)

    def running(self) -> list[Process]:
        mark = f"FLUVIO_TUI_DATA={self.folder} "
        return [one for one in processes() if mark in f"{one.environment} "]

    def close(self) -> None:
        """End the programs, but not what they started: that ends with them."""
        for producer in self.producers:
            producer.process.kill()
            producer.end()
        for consumer in self.consumers.values():
            consumer.kill()
            consumer.wait()
        if self.dashboard is not None:
            self.dashboard.process.kill()
            self.dashboard.close()


def test_processes_killed_at_random(tmp_path: Path) -> None:
    rounds = SHARE.rounds()
    end, number, kills, records = time.monotonic() + rounds.seconds, rounds.first, 0, 0
    while time.monotonic() < end and number - rounds.first != rounds.count:
        print(f"SOAK_ROUND={number}")
        chaos = Chaos(tmp_path / f"{number}" / "data", tmp_path / "cache")
        records += survive(chaos, random.Random(f"{rounds.seed} {number}"))
        kills += chaos.kills
        shutil.rmtree(chaos.folder.parent)
        number += 1
    print(f"{number - rounds.first} rounds, {kills} processes killed, {records:,} records")


def survive(chaos: Chaos, chance: random.Random) -> int:
    """One round; how many records there were."""
    Memory(chaos.folder).keep_taught()
    with EmbeddedBroker.open(chaos.folder) as broker:
        broker.topics.create("a")
    acts = (chaos.produce, chaos.consume, chaos.watch, chaos.save, chaos.kill)
    try:
        chaos.watch(chance)
        for _ in range(chance.randrange(10, 60)):
            chance.choices(acts, (4, 4, 2, 2, 4))[0](chance)
            time.sleep(chance.random() * 0.2)  # a random moment is the point
    finally:
        chaos.close()
    wait_for(chaos.running, lambda running: not running)
    return check(chaos)


def check(chaos: Chaos) -> int:
    """Nothing acknowledged is lost, no consumer has skipped a record, and the log goes on."""
    with EmbeddedBroker.open(chaos.folder) as broker:
        assert not broker.damage
        values = read_all(broker, "a")
        check_log(values, chaos.producers)
        offsets = {value: offset for offset, value in enumerate(values)}
        saved = {one.consumer: one.offset for one in broker.consumers.saved_positions()}
        for name, files in chaos.printed.items():
            reached = -1
            for path in files:
                # The last line may be cut off.
                for line in path.read_bytes().split(b"\n")[:-1]:
                    assert offsets[line] <= reached + 1, f"{name} skipped records before {offsets[line]}"
                    reached = max(reached, offsets[line])
            assert saved.get(name, 0) <= reached + 1, f"{name} saved a position that it had not printed"
        assert broker.log.append("a", record_batch([b"goes on"])).first == len(values)
    return len(values)
