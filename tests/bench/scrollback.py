"""Scrolling back beyond the window: how long a million records take to be read, and what keys cost there."""

import statistics
import sys
import time
from pathlib import Path

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.records.batch import record_batch
from tests.bench.dashboard import EXAMPLES, FILTERS, built, resident
from tests.bench.report import milliseconds, percentile, table
from tests.terminal import FRAME_ENDS, Terminal
from tui.dashboard.app.session_state import Memory

TURNS = 5
BACK = 1_000_000
WINDOW = 100_000
BATCH = 50_000
PRESSES = 40


def run(folder: Path) -> None:
    """Measure and print."""
    data = folder / "data"
    Memory(data).keep_taught()
    _fill(data)
    filters = [part for name in FILTERS for part in ("-f", str(EXAMPLES / f"{name}.rs"))]
    command = [
        str(Path(sys.executable).parent / "fluvio-tui"),
        "--data",
        str(data),
        "watch",
        "back",
        *filters,
    ]
    built(command)
    reached = [_reach(command) for _ in range(TURNS)]
    with Terminal(command) as terminal:
        terminal.wait_for_output(b"live ", 0, 120)
        before = resident(terminal)
        _go(terminal, 0)
        presses = [_press(terminal, number) for number in range(PRESSES)]
        after = resident(terminal)
    table(
        f"{BACK:,} records before the window, 3 filters, in a real terminal (120 × 34)",
        [
            (
                "from the key to the first of them on the screen, median",
                f"{statistics.median(reached):.2f} s",
                "",
            ),
            ("a key that turns a page there, p95", milliseconds(percentile(presses, 95)), ""),
            ("memory before and there", f"{before} and {after} MB", ""),
        ],
    )


def _fill(data: Path) -> None:
    order = b'{"id":%d,"city":"Lisboa","level":"info","total":%d}'
    with EmbeddedBroker.open(data) as broker:
        broker.topics.create("back")
        for first in range(0, BACK + WINDOW, BATCH):
            values = [order % (number, number % 991) for number in range(first, first + BATCH)]
            broker.log.append("back", record_batch(values))


def _reach(command: list[str]) -> float:
    with Terminal(command) as terminal:
        terminal.wait_for_output(b"live ", 0, 120)
        time.sleep(1)
        return _go(terminal, 0)


def _go(terminal: Terminal, offset: int) -> float:
    """Seconds until the record is on the screen."""
    terminal.type(":")
    terminal.wait_for("go to")
    terminal.type(str(offset))
    time.sleep(0.5)
    started = time.perf_counter()
    terminal.type("\r")
    terminal.wait_for(f'{{"id":{offset},', 120)
    return time.perf_counter() - started


def _press(terminal: Terminal, number: int) -> float:
    """Seconds until the answer to a key that turns a page, forward and back in turn."""
    written, started = len(terminal.raw), time.perf_counter()
    terminal.type("\x1b[6~" if number % 2 == 0 else "\x1b[5~")
    terminal.wait_for_output(FRAME_ENDS, written)
    seconds = time.perf_counter() - started
    time.sleep(0.2)
    return seconds
