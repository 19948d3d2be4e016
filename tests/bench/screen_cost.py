"""What the dashboard costs while records arrive: bytes to the terminal, processor time, frames."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.report import Row, milliseconds
from tests.terminal import FRAME_BEGINS, Terminal

RATES = (1, 10, 100, 20_000, 500_000)
"""Records per second."""
SIZES = ((120, 35), (170, 45))
"""Columns and rows."""
SECONDS = 5.0
SETTLE_SECONDS = 2.0
PRODUCER = """
import sys, time
from pathlib import Path
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.records.batch import record_batch
topic, rate, seconds = sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
batch = max(rate // 20, 1)
cities, levels = (b"Lisboa", b"Porto", b"Oslo", b"Reykjavik"), (b"info", b"warn", b"error")
order = b'{"id":%d,"city":"%s","level":"%s","total":%d.%02d}'
rows = [order % (n, cities[n * 7 % 4], levels[n * 5 % 3], n * 37 % 991, n % 100) for n in range(25_000)]
with EmbeddedBroker.open(Path(sys.argv[1])) as broker:
    started, done = time.monotonic(), 0
    while time.monotonic() < started + seconds:
        first = done % len(rows)
        broker.log.append(topic, record_batch(rows[first : first + batch]))
        done += batch
        time.sleep(max(started + done / rate - time.monotonic(), 0))
    print(done / (time.monotonic() - started))
"""
"""Appends records at a rate for some seconds, and prints the rate that it reached."""


class Wire(Terminal):
    """A terminal that shows nothing: the emulator would take the core that the program needs."""

    def _show(self, _data: bytes) -> None:
        pass


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What the program did over some seconds."""

    bytes: float
    """To the terminal, per second."""
    frames: float
    """Per second."""
    core: float
    """Share of a core, all threads."""
    frame: float
    """Seconds of the thread that draws, per frame."""


def rows(command: Sequence[str], data: Path, topic: str) -> Iterator[Row]:
    """The cost of a dashboard on a topic at each size and rate. `command` watches that topic."""
    for columns, lines in SIZES:
        with Wire(command, columns=columns, rows=lines) as terminal:
            terminal.wait_for_output(b"live ", 0, 120)
            for rate in RATES:
                producer = start_producer(data, topic, rate, SETTLE_SECONDS + SECONDS)
                time.sleep(SETTLE_SECONDS)
                cost = measured(terminal)
                reached(producer)
                yield from _shown(cost, f"{columns} × {lines}, {rate:,} records/s", rate, lines)


def _shown(cost: Cost, where: str, rate: int, lines: int) -> Iterator[Row]:
    fast, small = rate > 100_000, lines == SIZES[0][1]
    yield where, f"{cost.bytes / 1000:.1f} kB/s", "expected at most 30" if rate == 10 and small else ""
    yield f"  of a core, {where}", f"{cost.core:.1%}", "expected under 8 %" if rate == 100 else ""
    yield f"  frames a second, {where}", f"{cost.frames:.1f}", "expected at least 20" if fast else ""
    expected = "expected at most 15" if fast and not small else ""
    yield f"  drawing thread per frame, {where}", milliseconds(cost.frame), expected


def measured(terminal: Terminal, seconds: float = SECONDS) -> Cost:
    """Watch the program for some seconds."""
    written, began = len(terminal.raw), time.monotonic()
    core, drawing = cpu_seconds(terminal), _drawing(terminal)
    time.sleep(seconds)
    passed = time.monotonic() - began
    frames = terminal.raw.count(FRAME_BEGINS, written)
    return Cost(
        bytes=(len(terminal.raw) - written) / passed,
        frames=frames / passed,
        core=(cpu_seconds(terminal) - core) / passed,
        frame=(_drawing(terminal) - drawing) / max(frames, 1),
    )


def start_producer(data: Path, topic: str, rate: int, seconds: float) -> "subprocess.Popen[str]":
    """Append records at a rate from another process."""
    command = [sys.executable, "-c", PRODUCER, str(data), topic, str(rate), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def reached(producer: "subprocess.Popen[str]") -> float:
    """Records per second, once it has ended."""
    out, _ = producer.communicate()
    assert producer.returncode == 0, "the producer failed"
    return float(out)


def cpu_seconds(terminal: Terminal) -> float:
    """Of all threads."""
    fields = Path(f"/proc/{terminal.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _drawing(terminal: Terminal) -> float:
    """Processor seconds of the main thread."""
    process = terminal.process.pid
    return int(Path(f"/proc/{process}/task/{process}/schedstat").read_text().split()[0]) / 1e9
