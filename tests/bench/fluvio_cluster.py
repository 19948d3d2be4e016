"""A Fluvio cluster: `fluvio-tui produce` and `consume` beside Fluvio's own command line."""

import os
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

from engine.broker.address import parse_address
from engine.broker.fluvio.broker import FluvioBroker
from tests.bench.report import Samples, in_turn, ratio, table
from tests.fluvio_cluster import FluvioCluster, missing, program

LINES = 1_000_000
TURNS = 3
_LINE = f"{{number:08}}{'x' * 91}\n"
_NUMBERS = count(1)


def run(folder: Path) -> None:
    """Measure and print."""
    if reason := missing():
        print(f"\nA Fluvio cluster: skipped: {reason}")
        return
    source = folder / "lines"
    source.write_text("".join(_LINE.format(number=number) for number in range(LINES)))
    with FluvioCluster(1, folder / "cluster") as cluster:
        ours = [str(Path(sys.executable).parent / "fluvio-tui"), "--broker", cluster.address]
        theirs = [str(program("fluvio"))]
        _produce(cluster, ours, theirs, source)
        _consume(cluster, ours, theirs, source)


def _produce(cluster: FluvioCluster, ours: list[str], theirs: list[str], source: Path) -> None:
    here, there = in_turn(
        TURNS,
        lambda: _timed(cluster, [*ours, "produce", _topic(cluster), str(source)]),
        lambda: _timed(cluster, [*theirs, "produce", _topic(cluster), "-f", str(source)]),
    )
    table(
        f"produce to a Fluvio cluster: {LINES:,} lines of 100 bytes, start-up included, median of {TURNS}",
        [
            ("fluvio-tui produce", _rate(here), ""),
            ("fluvio produce", _rate(there), ""),
            ("fluvio-tui / fluvio", f"{ratio(there, here):.2f}", "expected at least 0.8"),
        ],
    )


def _consume(cluster: FluvioCluster, ours: list[str], theirs: list[str], source: Path) -> None:
    topic = _topic(cluster)
    subprocess.run([*theirs, "produce", topic, "-f", str(source)], check=True, env=_environment(cluster))
    records: list[int] = []

    def fluvios() -> float:
        started = time.perf_counter()
        records.append(cluster.cli("consume", topic, "-B", "-d").count("\n"))
        return time.perf_counter() - started

    command = [*ours, "consume", topic, "--beginning", "--disable-continuous"]
    here, there, pane = in_turn(
        TURNS, lambda: _timed(cluster, command), fluvios, lambda: _batches(cluster, topic)
    )
    table(
        f"consume from a Fluvio cluster: {LINES:,} lines of 100 bytes, start-up included, median of {TURNS}",
        [
            ("fluvio-tui consume", _rate(here), f"{LINES:,} lines"),
            ("fluvio consume", _rate(there), f"{min(records):,} lines: it skips the rest"),
            ("fluvio-tui / fluvio", f"{ratio(there, here):.2f}", "expected at least 1.0"),
            ("as batches, for a pane", _rate(pane), "expected at least 0.2 M/s"),
        ],
    )


def _batches(cluster: FluvioCluster, topic: str) -> float:
    with FluvioBroker.connect(parse_address(cluster.address)) as broker:
        found, position = broker.topics.get(topic), 0
        started = time.perf_counter()
        with broker.log.open(found, {0: 0}, ends={0: LINES}) as reader:
            while position < LINES and (batch := reader.read(30)) is not None:
                position = batch.next_offset
        assert position == LINES
        return time.perf_counter() - started


def _topic(cluster: FluvioCluster) -> str:
    name = f"topic-{next(_NUMBERS)}"
    cluster.cli("topic", "create", name)
    return name


def _environment(cluster: FluvioCluster) -> dict[str, str]:
    return {**os.environ, "HOME": str(cluster.home)}


def _timed(cluster: FluvioCluster, command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=_environment(cluster))
    return time.perf_counter() - started


def _rate(samples: Samples) -> str:
    return f"{LINES / samples.median / 1e6:.2f} M/s"
