"""What tells passed from dropped in a window of 200,000 records, and what a key waits meanwhile."""

import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.fields.format import Format
from engine.fields.table import named_format
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import Live
from engine.live.separation.separate import Separation, separate
from engine.live.separation.separator import Separator
from engine.live.window.limits import WindowLimits
from engine.live.window.snapshot import WindowSnapshot
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch
from engine.records.verdicts import Verdict
from tests.bench.report import Row, Samples, percentile, table
from tests.waiting import PATIENCE

TURNS = 5
RECORDS = 200_000
BATCH_RECORDS = 5_000
WORK = 100_000
"""Rounds of a loop in Python that a key takes."""
PRESSES = 40


def run(_folder: Path) -> None:
    """Measure and print."""
    orders, lines = _window(_order), _window(_line)
    consumer = _consumer()
    rows = [
        *_rows("JSON", orders, consumer, named_format("json")),
        *_rows("log lines", lines, consumer, named_format("sshd")),
    ]
    table(
        f"What tells passed from dropped in {RECORDS:,} records of 200 bytes, median of {TURNS} turns", rows
    )


def _rows(what: str, window: WindowSnapshot, consumer: ConsumerSnapshot, format: Format) -> list[Row]:
    seconds, found = [], Separation()
    for _ in range(TURNS):
        began = time.perf_counter()
        found = separate(window, consumer, format) or found
        seconds.append(time.perf_counter() - began)
    began = time.process_time()
    separate(window, consumer, format, seconds=PATIENCE)
    work = time.process_time() - began
    alone = [_press() for _ in range(PRESSES)]
    meanwhile: list[float] = []
    end = time.monotonic() + PATIENCE
    while len(meanwhile) < PRESSES and time.monotonic() < end:
        separator = Separator(window, consumer, format)
        while separator.found is None and not separator.problem:
            meanwhile.append(_press())
        separator.close()
    return [
        (f"{what}: the table", f"{Samples(seconds).median:.2f} s", "expected at most 1 s"),
        (f"{what}: of them read", f"{found.read / found.records:.0%}", ""),
        (f"{what}: processor time for all", f"{work:.2f} s", ""),
        (f"{what}: a key, alone, p95", _milliseconds(alone), ""),
        (f"{what}: a key meanwhile, p95", _milliseconds(meanwhile), "expected at most 50 ms"),
    ]


def _press() -> float:
    """What a key does: wake, and run Python for some milliseconds."""
    time.sleep(0.005)
    began = time.perf_counter()
    total = 0
    for number in range(WORK):
        total += number
    return time.perf_counter() - began


def _milliseconds(samples: list[float]) -> str:
    return f"{percentile(samples, 95) * 1000:.1f} ms"


def _order(number: int, chance: random.Random) -> bytes:
    found = {
        "id": number,
        "type": "order",
        "event": chance.choice(("E9", "E10", "E2", "E20", "E27", "E13")),
        "amount": round(chance.random() * 100, 2),
        "customer": {"city": chance.choice(("Paris", "Rome", "Oslo")), "name": f"c{chance.randrange(5_000)}"},
        "time": "2026-01-02T03:04:05Z",
        "text": f"an order of {chance.randrange(10**9)} things that go",
    }
    return json.dumps(found).encode()


def _line(_number: int, chance: random.Random) -> bytes:
    event = chance.choice(("Failed password", "Accepted password", "Received disconnect"))
    line = f"Dec 10 06:55:48 lab sshd[{chance.randrange(30_000)}]: {event} for root"
    return (
        f"{line} from 10.0.0.{chance.randrange(9)} port {chance.randrange(60_000)} ssh2 {'x' * 90}".encode()
    )


def _window(make: Callable[[int, random.Random], bytes]) -> WindowSnapshot:
    window, chance = Window(WindowLimits(rows=RECORDS, bytes=1 << 30)), random.Random(1)
    for start in range(0, RECORDS, BATCH_RECORDS):
        values = [make(number, chance) for number in range(start, start + BATCH_RECORDS)]
        window.append(Batch.consecutive(0, start, record_batch(values)))
    return window.snapshot()


def _consumer() -> ConsumerSnapshot:
    verdicts = np.where(np.arange(RECORDS) % 3, Verdict.DROP, Verdict.PASS).astype(np.uint8)
    verdicts[::10_000] = Verdict.TRAP
    return ConsumerSnapshot(1, "filter", None, Live(), verdicts=verdicts)
