"""`fluvio-tui consume`: the same records as text and as JSON, which is what `jq` needs."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.records.batch import record_batch
from tests.bench.report import Samples, in_turn, ratio, table
from tests.bench.text import library_text

LINES = 1_000_000
TURNS = 5
_PIECE = 16_000
_LINE = b'{"level": "info", "at": "%d", "text": "%s"}'


def run(folder: Path) -> None:
    """Measure and print."""
    lines = library_text(60 * LINES).split(b"\n")[:LINES]
    logged = [_LINE % (at, line.replace(b"\\", b"/").replace(b'"', b"'")) for at, line in enumerate(lines)]
    with EmbeddedBroker.open(folder / "data", durable=False) as broker:
        for topic, values in (("text", lines), ("objects", logged)):
            broker.topics.create(topic)
            for start in range(0, LINES, _PIECE):
                broker.log.append(topic, record_batch(values[start : start + _PIECE]))
    for topic, what in (("text", "lines of Python sources"), ("objects", "JSON objects")):
        _compare(folder / "data", topic, what)


def _compare(data: Path, topic: str, what: str) -> None:
    text, as_json = in_turn(TURNS, _consume(data, topic, "text"), _consume(data, topic, "json"))
    table(
        f"fluvio-tui consume: {LINES:,} {what}, start-up included, median of {TURNS}",
        [
            ("-O text", _rate(text), ""),
            ("-O json", _rate(as_json), ""),
            ("-O json / -O text", f"{ratio(text, as_json):.2f}", "expected at least 0.5"),
        ],
    )


def _consume(data: Path, topic: str, layout: str) -> Callable[[], float]:
    program = [str(Path(sys.executable).parent / "fluvio-tui"), "--data", str(data)]

    def turn() -> float:
        started = time.perf_counter()
        command = [*program, "consume", topic, "-B", "-d", "-O", layout]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - started

    return turn


def _rate(samples: Samples) -> str:
    return f"{LINES / samples.median / 1e6:.2f} M/s"
