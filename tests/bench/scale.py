"""Reading anywhere in a topic of 100 million records, against the same in small topics."""

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from engine.broker.sqlite.appends import ROW_RECORDS
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.records.batch import SCHEMA
from tests.bench.cache import can_forget, forget
from tests.bench.report import Row, milliseconds, percentile, table
from tests.reading import read

RECORDS = 100_000_000
SMALL = 1_000
READS = 1_000
TURNS = 5
FREE_BYTES = 3_000_000_000
"""What has to be free on the disk: three times what the largest topic takes, about."""
_APPEND_RECORDS = 400_000
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Topic:
    """A log that holds one topic, of records whose value is their offset."""

    data: Path
    records: int


def run(folder: Path) -> None:
    """Measure and print."""
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES:
        print(
            f"\nReading anywhere in {RECORDS:,} records: skipped, since {folder} has "
            f"{free / 1e9:.1f} GB free and {FREE_BYTES / 1e9:.0f} are needed; TMPDIR names another place"
        )
        return
    started = time.perf_counter()
    large = _make(folder, RECORDS)
    made = time.perf_counter() - started
    row, small = _make(folder, ROW_RECORDS), _make(folder, SMALL)
    cached = [_random_reads(topic) for topic in (small, row, large)]
    rows = _read_rows(*cached)
    if can_forget():
        forget(large.data / "log.db")
        rows += _cold_rows(_random_reads(large))
    table(
        f"Reading at {READS:,} random offsets of a topic of {RECORDS:,} records "
        f"({_size(large) / 1e9:.1f} GB, made in {made:.0f} s)",
        rows,
    )
    _other_times(small, large)


def _read_rows(small: list[float], row: list[float], large: list[float]) -> list[Row]:
    return [
        (f"{SMALL:,} records, p50", milliseconds(percentile(small, 50)), ""),
        (f"{SMALL:,} records, p99", milliseconds(percentile(small, 99)), ""),
        (f"{ROW_RECORDS:,} records, p50", milliseconds(percentile(row, 50)), ""),
        (f"{ROW_RECORDS:,} records, p99", milliseconds(percentile(row, 99)), ""),
        (f"{RECORDS:,} records, p50", milliseconds(percentile(large, 50)), ""),
        (f"{RECORDS:,} records, p99", milliseconds(percentile(large, 99)), "expected at most 5"),
        (f"{RECORDS:,} / {SMALL:,}, p50", f"{percentile(large, 50) / percentile(small, 50):.1f}", ""),
        (
            f"{RECORDS:,} / {ROW_RECORDS:,}, p50",
            f"{percentile(large, 50) / percentile(row, 50):.1f}",
            "expected at most 3",
        ),
    ]


def _cold_rows(large: list[float]) -> list[Row]:
    return [
        (f"{RECORDS:,} records, from the disk, p50", milliseconds(percentile(large, 50)), ""),
        (f"{RECORDS:,} records, from the disk, p99", milliseconds(percentile(large, 99)), ""),
    ]


def _other_times(small: Topic, large: Topic) -> None:
    rows: list[Row] = []
    measures = {
        "opening": _opening,
        "offsets()": _offsets,
        "offset_at(), near the end": _offset_at,
        "fluvio-tui topic describe": _describing,
    }
    for what, measure in measures.items():
        seconds = [_best(measure, topic) for topic in (small, large)]
        rows += [
            (f"{what}, {topic.records:,} records", milliseconds(taken), "")
            for topic, taken in zip((small, large), seconds, strict=True)
        ]
    table(f"Other things in a topic of {RECORDS:,} records and in one of {SMALL:,}, least of {TURNS}", rows)


def _make(folder: Path, records: int) -> Topic:
    data = folder / f"{records}"
    with EmbeddedBroker.open(data, durable=False) as broker:
        broker.topics.create("t")
        for first in range(0, records, _APPEND_RECORDS):
            broker.log.append("t", _numbered(first, min(_APPEND_RECORDS, records - first)))
    return Topic(data, records)


def _numbered(first: int, count: int) -> pa.RecordBatch:
    """Records whose values are consecutive numbers, made without touching each in Python."""
    powers = 10 ** np.arange(_DIGITS - 1, -1, -1)
    digits = (np.arange(first, first + count)[:, None] // powers % 10 + ord("0")).astype(np.uint8)
    ends = np.arange(0, (count + 1) * _DIGITS, _DIGITS, dtype=np.int32)
    values = pa.Array.from_buffers(pa.binary(), count, [None, pa.py_buffer(ends), pa.py_buffer(digits)])
    stamps = pa.array(np.full(count, time.time_ns() // 1_000_000))
    keys, headers = (pa.nulls(count, SCHEMA.field(name).type) for name in ("key", "headers"))
    return pa.record_batch([keys, values, stamps, headers], schema=SCHEMA)


def _random_reads(topic: Topic) -> list[float]:
    chosen = random.Random(3)
    seconds = []
    with EmbeddedBroker.open(topic.data, durable=False) as broker:
        read(broker, "t", 0, 0)  # the first read opens a connection
        for _ in range(READS):
            offset = chosen.randrange(topic.records)
            started = time.perf_counter()
            batch = read(broker, "t", 0, offset)
            seconds.append(time.perf_counter() - started)
            assert batch.first_offset == offset == int(batch.value(0)), "another record than asked for"
    return seconds


def _best(measure: Callable[[Topic], float], topic: Topic) -> float:
    return min(measure(topic) for _ in range(TURNS))


def _opening(topic: Topic) -> float:
    started = time.perf_counter()
    with EmbeddedBroker.open(topic.data, durable=False):
        return time.perf_counter() - started


def _offsets(topic: Topic) -> float:
    with EmbeddedBroker.open(topic.data, durable=False) as broker:
        broker.log.offsets("t")[0]  # the first read opens a connection
        started = time.perf_counter()
        assert broker.log.offsets("t")[0].end == topic.records
        return time.perf_counter() - started


def _offset_at(topic: Topic) -> float:
    with EmbeddedBroker.open(topic.data, durable=False) as broker:
        stamp = read(broker, "t", 0, topic.records - 1).record(0).timestamp
        started = time.perf_counter()
        assert broker.log.offset_at("t", stamp, {0: 0})[0] < topic.records
        return time.perf_counter() - started


def _describing(topic: Topic) -> float:
    program = str(Path(sys.executable).parent / "fluvio-tui")
    started = time.perf_counter()
    subprocess.run(
        [program, "--data", str(topic.data), "topic", "describe", "t"], check=True, capture_output=True
    )
    return time.perf_counter() - started


def _size(topic: Topic) -> int:
    return (topic.data / "log.db").stat().st_size
