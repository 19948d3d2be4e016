"""The dashboard in a real terminal: how soon it is there, what it costs idle, how it bears a flood."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.topics import TopicOptions
from tests.bench import screen_cost
from tests.bench.report import Row, milliseconds, percentile, table
from tests.bench.screen_cost import Wire, cpu_seconds, reached, start_producer
from tests.terminal import FRAME_BEGINS, Terminal

STARTS = 5
IDLE_SECONDS = 10
FLOOD = 500_000
"""Records per second."""
FLOOD_SECONDS = 12
PRESSES = 20
HELP = b"ords of a pa"
"""From the midst of its first title: a letter at its ends may be on the screen already."""
NO_HELP = b"FFSE"
"""From the midst of a title of a column, which the help covers."""
EXAMPLES = Path(__file__).parents[2] / "filters" / "examples"
FILTERS = ("has_number", "errors_only", "large_orders")


def run(folder: Path) -> None:
    """Measure and print."""
    data = folder / "data"
    with EmbeddedBroker.open(data) as broker:
        broker.topics.create("idle")
        broker.topics.create("flood", options=TopicOptions(retention_bytes=256 << 20))
    filters = [part for name in FILTERS for part in ("-f", str(EXAMPLES / f"{name}.rs"))]
    program = [str(Path(sys.executable).parent / "fluvio-tui"), "--data", str(data), "watch"]
    built([*program, "idle", *filters])
    table(
        f"The dashboard in a real terminal (120 × 34) that only reads, {len(FILTERS)} filters",
        [
            _first_frame([*program, "idle", *filters]),
            _idle([*program, "idle", *filters]),
            *flood(
                [*program, "flood", *filters],
                lambda seconds: start_producer(data, "flood", FLOOD, seconds),
                FLOOD,
            ),
        ],
    )
    table(
        f"What the dashboard costs while records arrive, {len(FILTERS)} filters",
        list(screen_cost.rows([*program, "flood", *filters], data, "flood")),
    )


def built(command: list[str]) -> None:
    """Let every filter be built once, so that a start has nothing to compile but what it always has."""
    with Terminal(command) as terminal:
        terminal.wait_for(lambda text: text.count("● live") == len(FILTERS) and "building" not in text, 300)


def _first_frame(command: list[str]) -> Row:
    seconds = []
    for _ in range(STARTS):
        started = time.perf_counter()
        with Wire(command) as terminal:
            terminal.wait_for_output(b"0 raw", 0)
            seconds.append(time.perf_counter() - started)
    return (
        "from the command to the first frame, median",
        f"{statistics.median(seconds):.2f} s",
        "expected at most 1",
    )


def _idle(command: list[str]) -> Row:
    with Wire(command) as terminal:
        terminal.wait_for_output(b"live ", 0, 120)
        time.sleep(3)
        before = cpu_seconds(terminal)
        time.sleep(IDLE_SECONDS)
        part = (cpu_seconds(terminal) - before) / IDLE_SECONDS
    return "idle, of a core", f"{part:.1%}", "expected under 2 %"


def flood(
    command: list[str], produce: Callable[[float], "subprocess.Popen[str]"], per_second: int
) -> list[Row]:
    """How a dashboard bears so many records, which `produce` appends for some seconds."""
    alone = reached(produce(FLOOD_SECONDS / 2))
    with Wire(command) as terminal:
        terminal.wait_for_output(b"live ", 0, 120)
        producer = produce(FLOOD_SECONDS)
        time.sleep(2)
        frames, began, memory = len(terminal.raw), time.monotonic(), [resident(terminal)]
        presses = []
        for _ in range(PRESSES):
            presses.append(_press(terminal, "?", HELP))
            memory.append(resident(terminal))
            # Not escape, which the next key could become a part of; and the help takes what is typed into it.
            _press(terminal, "\r", NO_HELP)
            time.sleep(FLOOD_SECONDS / 3 / PRESSES)
        drawn = terminal.raw.count(FRAME_BEGINS, frames) / (time.monotonic() - began)
        beside = reached(producer)
    return [
        (f"{per_second:,} records/s arriving: frames a second", f"{drawn:.1f}", "expected at least 20"),
        ("  a key press answered, p95", milliseconds(percentile(presses, 95)), "expected at most 50"),
        ("  memory, first and most", f"{memory[0]} and {max(memory)} MB", "expected at most 200"),
        (
            "  intake beside the dashboard / alone",
            f"{beside / alone:.2f}",
            "expected at least 0.9",
        ),
    ]


def _press(terminal: Terminal, key: str, answer: bytes) -> float:
    written = len(terminal.raw)
    started = time.perf_counter()
    terminal.type(key)
    terminal.wait_for_output(answer, written)
    return time.perf_counter() - started


def resident(terminal: Terminal) -> int:
    """Megabytes."""
    pages = int(Path(f"/proc/{terminal.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000
