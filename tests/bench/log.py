"""Writing the log: durable appends against bare writes of the same bytes, and `produce` of a large file."""

import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from engine.embedded.broker import EmbeddedBroker
from engine.records import record_batch
from tests.bench.report import Samples, in_turn, ratio, table

TURNS = 9
BATCH_BYTES = 1_000_000
BATCHES = 40
LINES = 1_000_000


def run(folder: Path) -> None:
    """Measure and print."""
    with EmbeddedBroker.open(folder / "data") as broker:
        for size in (100, 1_000):
            _append(broker, folder, size)
    _produce(folder)


def _append(broker: EmbeddedBroker, folder: Path, size: int) -> None:
    count = BATCH_BYTES // size
    lines = _lines(size * count)
    records = record_batch([lines[start : start + size] for start in range(0, size * count, size)])
    topics = {codec: f"records-{size}-{codec}" for codec in ("lz4", "none")}
    for codec, topic in topics.items():
        broker.create_topic(topic, codec=codec)
    bare, packed, plain = in_turn(
        TURNS,
        _bare(folder / "bare", lines),
        _appends(broker, topics["lz4"], records),
        _appends(broker, topics["none"], records),
    )
    table(
        f"Durable appends of {count:,} records of {size:,} bytes, {BATCHES} in a row, median of {TURNS}",
        [
            ("bare append and fdatasync of the same bytes", _rate(bare), ""),
            ("append, lz4", _rate(packed), f"{count * BATCHES / packed.median / 1e6:.2f} M records/s"),
            (
                "append, not compressed",
                _rate(plain),
                f"{count * BATCHES / plain.median / 1e6:.2f} M records/s",
            ),
            ("append with lz4 / bare", f"{ratio(bare, packed):.2f}", "expected at least 0.5"),
        ],
    )


def _produce(folder: Path) -> None:
    source = folder / "lines"
    lines = _lines(60 * LINES).split(b"\n")[:LINES]
    source.write_bytes(b"\n".join(lines) + b"\n")
    program = [str(Path(sys.executable).parent / "fluvio-tui"), "--data", str(folder / "data")]

    def produce() -> float:
        started = time.perf_counter()
        subprocess.run(
            [*program, "produce", "text", "--create", str(source)], check=True, capture_output=True
        )
        return time.perf_counter() - started

    (produced,) = in_turn(3, produce)
    table(
        f"fluvio-tui produce FILE: {len(lines):,} lines of Python sources, start-up included",
        [("records a second", f"{len(lines) / produced.median / 1e6:.2f} M/s", "expected at least 1.0")],
    )


def _lines(size: int) -> bytes:
    """The text of Python's own library, as often as it takes to make `size` bytes."""
    library = Path(sysconfig.get_path("stdlib"))
    text = b"".join(path.read_bytes() for path in sorted(library.glob("*.py")))
    return (text * (size // len(text) + 1))[:size]


def _appends(broker: EmbeddedBroker, topic: str, records: pa.RecordBatch) -> Callable[[], float]:
    def turn() -> float:
        started = time.perf_counter()
        for _ in range(BATCHES):
            broker.append(topic, records)
        return time.perf_counter() - started

    return turn


def _bare(path: Path, data: bytes) -> Callable[[], float]:
    def turn() -> float:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        started = time.perf_counter()
        for _ in range(BATCHES):
            os.write(descriptor, data)
            os.fdatasync(descriptor)
        taken = time.perf_counter() - started
        os.close(descriptor)
        return taken

    return turn


def _rate(samples: Samples) -> str:
    return f"{BATCH_BYTES * BATCHES / samples.median / 1e6:.0f} MB/s"
