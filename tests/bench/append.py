"""Appends in large batches, durable and not, compressed and not, against bare writes of the same bytes."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.topics import TopicOptions
from tests.bench.report import Samples, in_turn, ratio, table
from tests.bench.text import cut, library_text

TURNS = 7
BATCH_BYTES = 1_000_000
BATCHES = 40


def run(folder: Path) -> None:
    """Measure and print."""
    for size in (100, 1_000):
        for durable in (True, False):
            _compare(folder, size, durable)


def _compare(folder: Path, size: int, durable: bool) -> None:
    how = "durable" if durable else "not durable"
    text = library_text(BATCH_BYTES)
    records = cut(text, size)
    with EmbeddedBroker.open(folder / f"{size} {how}", durable=durable) as broker:
        broker.topics.create("lz4")
        broker.topics.create("none", options=TopicOptions(compression="none"))
        bare, packed, plain = in_turn(
            TURNS,
            _bare(folder / "bare", text, durable),
            _appends(broker, "lz4", records),
            _appends(broker, "none", records),
        )
    expected = ("expected at least 0.5", "expected at least 0.9") if durable else ("", "")
    table(
        f"{how.capitalize()} appends of {len(records):,} records of {size:,} bytes, "
        f"{BATCHES} in a row, median of {TURNS}",
        [
            (f"bare append{' and fdatasync' if durable else ''} of the same bytes", _bytes(bare), ""),
            ("append, lz4", _bytes(packed), _records(packed, size)),
            ("append, not compressed", _bytes(plain), _records(plain, size)),
            ("append, lz4 / bare", f"{ratio(bare, packed):.2f}", expected[0]),
            ("append, lz4 / not compressed", f"{ratio(plain, packed):.2f}", expected[1]),
        ],
    )


def _appends(broker: EmbeddedBroker, topic: str, records: pa.RecordBatch) -> Callable[[], float]:
    def turn() -> float:
        started = time.perf_counter()
        for _ in range(BATCHES):
            broker.log.append(topic, records)
        return time.perf_counter() - started

    return turn


def _bare(path: Path, data: bytes, durable: bool) -> Callable[[], float]:
    def turn() -> float:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        started = time.perf_counter()
        for _ in range(BATCHES):
            os.write(descriptor, data)
            if durable:
                os.fdatasync(descriptor)
        taken = time.perf_counter() - started
        os.close(descriptor)
        return taken

    return turn


def _bytes(samples: Samples) -> str:
    return f"{BATCH_BYTES * BATCHES / samples.median / 1e6:,.0f} MB/s"


def _records(samples: Samples, size: int) -> str:
    return f"{BATCH_BYTES * BATCHES / size / samples.median / 1e6:.2f} M records/s"
