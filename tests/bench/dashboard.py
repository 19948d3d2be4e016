"""The dashboard in a real terminal: how soon it is there, what it costs idle, how it bears a flood."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.topics import TopicOptions
from tests.bench.report import Row, milliseconds, percentile, table
from tests.terminal import FRAME_BEGINS, Terminal

STARTS = 5
IDLE_SECONDS = 10
FLOOD = 500_000
"""Records per second."""
FLOOD_SECONDS = 12
PRESSES = 20
EXAMPLES = Path(__file__).parents[2] / "filters" / "examples"
PRODUCER = """
import sys, time
from pathlib import Path
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.records.batch import record_batch
rate, seconds, batch = int(sys.argv[2]), float(sys.argv[3]), 25_000
order = b'{"id":%d,"city":"Lisboa","level":"info","total":%d}'
records = record_batch([order % (n, n % 991) for n in range(batch)])
with EmbeddedBroker.open(Path(sys.argv[1])) as broker:
    started, done = time.monotonic(), 0
    while time.monotonic() < started + seconds:
        broker.log.append("flood", records)
        done += batch
        time.sleep(max(started + done / rate - time.monotonic(), 0))
    print(done / (time.monotonic() - started))
"""


class Wire(Terminal):
    """A terminal that shows nothing: the emulator would take the core that the program needs."""

    def _show(self, _data: bytes) -> None:
        pass


def run(folder: Path) -> None:
    """Measure and print."""
    data = folder / "data"
    with EmbeddedBroker.open(data) as broker:
        broker.topics.create("idle")
        broker.topics.create("flood", options=TopicOptions(retention_bytes=256 << 20))
    filters = [part for path in sorted(EXAMPLES.glob("*.rs")) for part in ("-f", str(path))]
    program = [str(Path(sys.executable).parent / "fluvio-tui"), "--data", str(data), "watch"]
    built([*program, "idle", *filters])
    table(
        f"The dashboard in a real terminal (120 × 34) that only reads, {len(filters) // 2} filters",
        [
            _first_frame([*program, "idle", *filters]),
            _idle([*program, "idle", *filters]),
            *_flood([*program, "flood", *filters], data),
        ],
    )


def built(command: list[str]) -> None:
    """Let every filter be built once, so that a start has nothing to compile but what it always has."""
    with Terminal(command) as terminal:
        terminal.wait_for(lambda text: text.count("● live") == 2 and "building" not in text, 300)


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
        before = _cpu_seconds(terminal)
        time.sleep(IDLE_SECONDS)
        part = (_cpu_seconds(terminal) - before) / IDLE_SECONDS
    return "idle, of a core", f"{part:.1%}", "expected under 2 %"


def _flood(command: list[str], data: Path) -> list[Row]:
    alone = _produce(data, FLOOD_SECONDS / 2)
    with Wire(command) as terminal:
        terminal.wait_for_output(b"live ", 0, 120)
        producer = _start_producer(data, FLOOD_SECONDS)
        time.sleep(2)
        frames, began, memory = len(terminal.raw), time.monotonic(), [resident(terminal)]
        presses = []
        for _ in range(PRESSES):
            presses.append(_press(terminal, "?", b"Open the record under the cursor"))
            memory.append(resident(terminal))
            terminal.type("\x1b")
            time.sleep(FLOOD_SECONDS / 3 / PRESSES)
        per_second = terminal.raw.count(FRAME_BEGINS, frames) / (time.monotonic() - began)
        beside = _rate(producer)
    return [
        (f"{FLOOD:,} records/s arriving: frames a second", f"{per_second:.1f}", "expected at least 10"),
        ("  a key press answered, p95", milliseconds(percentile(presses, 95)), "expected at most 100"),
        ("  memory, first and most", f"{memory[0]} and {max(memory)} MB", "expected under 400"),
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


def _start_producer(data: Path, seconds: float) -> "subprocess.Popen[str]":
    arguments = [str(data), str(FLOOD), str(seconds)]
    return subprocess.Popen([sys.executable, "-c", PRODUCER, *arguments], stdout=subprocess.PIPE, text=True)


def _rate(producer: "subprocess.Popen[str]") -> float:
    out, _ = producer.communicate()
    assert producer.returncode == 0, "the producer failed"
    return float(out)


def _produce(data: Path, seconds: float) -> float:
    return _rate(_start_producer(data, seconds))


def _cpu_seconds(terminal: Terminal) -> float:
    fields = Path(f"/proc/{terminal.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(terminal: Terminal) -> int:
    """Megabytes."""
    pages = int(Path(f"/proc/{terminal.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000
