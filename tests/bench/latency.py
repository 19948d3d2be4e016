"""How long a record takes from `append` to a consumer, in one process and in two, and to an idle screen."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from string import ascii_lowercase

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.consumer.consumer import Consumer
from engine.records.batch import record_batch
from tests.bench.report import Row, milliseconds, percentile, table
from tests.terminal import Terminal
from tui.dashboard.app.session_state import Memory

RECORDS = 1_000
SCREEN_RECORDS = 100
PAUSE = 0.01
"""Seconds between records: consumers are waiting again when the next one comes."""
COMMIT_BYTES = 12_000
"""What an append of one record writes, about: three pages."""
PRODUCER = """
import sys, time
from pathlib import Path
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.records.batch import record_batch
with EmbeddedBroker.open(Path(sys.argv[1])) as broker:
    for number in range(int(sys.argv[2])):
        broker.log.append("t", record_batch([b"%d" % time.time_ns()]))
        time.sleep(float(sys.argv[3]))
"""


def run(folder: Path) -> None:
    """Measure and print."""
    data = folder / "data"
    with EmbeddedBroker.open(data) as broker:
        broker.topics.create("t")
        bare = _bare(folder / "bare")
        within = _within_one_process(broker)
        across = _across_processes(broker, data)
        screen = _to_screen(broker, data)
    with EmbeddedBroker.open(folder / "not durable", durable=False) as broker:
        broker.topics.create("t")
        fast = _within_one_process(broker)
    table(
        f"From append to those who wait, durable, {RECORDS:,} records one by one, screen {SCREEN_RECORDS}",
        [
            *_rows("bare append and fdatasync of as many bytes", bare),
            *_rows("to a consumer of the same process", within, 5),
            *_rows("to a consumer of the same process, not durable", fast, 5),
            *_rows("to a consumer of another process", across, 30),
            *_rows("to an idle screen (a real terminal)", screen, 150),
        ],
    )


def _rows(what: str, samples: list[float], at_most: int | None = None) -> list[Row]:
    expected = "" if at_most is None else f"expected at most {at_most}"
    return [
        (f"{what}, p50", milliseconds(percentile(samples, 50)), ""),
        (f"{what}, p99", milliseconds(percentile(samples, 99)), expected),
    ]


def _bare(path: Path) -> list[float]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    samples = []
    for _ in range(RECORDS):
        started = time.perf_counter()
        os.write(descriptor, bytes(COMMIT_BYTES))
        os.fdatasync(descriptor)
        samples.append(time.perf_counter() - started)
        time.sleep(PAUSE)
    os.close(descriptor)
    return samples


def _within_one_process(broker: EmbeddedBroker) -> list[float]:
    latencies: list[float] = []
    consumer = _consumer(broker)
    thread = threading.Thread(target=lambda: latencies.extend(_consume(consumer)))
    thread.start()
    for _ in range(RECORDS):
        broker.log.append("t", record_batch([b"%d" % time.time_ns()]))
        time.sleep(PAUSE)
    thread.join()
    return latencies


def _across_processes(broker: EmbeddedBroker, data: Path) -> list[float]:
    arguments = [str(data), str(RECORDS), str(PAUSE)]
    consumer = _consumer(broker)
    with subprocess.Popen([sys.executable, "-c", PRODUCER, *arguments]) as producer:
        latencies = _consume(consumer)
    assert producer.returncode == 0, "the producer failed"
    return latencies


def _consumer(broker: EmbeddedBroker) -> Consumer:
    """One that begins with what comes from now on: made before anything does."""
    return Consumer(broker, "t", positions={0: broker.log.offsets("t")[0].end})


def _consume(consumer: Consumer) -> list[float]:
    latencies: list[float] = []
    while len(latencies) < RECORDS:
        delivery = consumer.poll(30)
        now = time.time_ns()
        assert delivery is not None, "no record came for 30 seconds"
        latencies += [(now - int(delivery.batch.value(index))) / 1e9 for index in range(len(delivery.batch))]
    return latencies


def _to_screen(broker: EmbeddedBroker, data: Path) -> list[float]:
    Memory(data).keep_taught()
    program = [str(Path(sys.executable).parent / "fluvio-tui"), "--data", str(data)]
    latencies = []
    with Terminal([*program, "watch", "t"]) as terminal:
        terminal.wait_for("records")
        for number in range(SCREEN_RECORDS):
            # No letter is as in the row above, since only what changes is written.
            mark = ascii_lowercase[number % 26] * 12
            time.sleep(0.3)
            written = len(terminal.raw)
            started = time.perf_counter()
            broker.log.append("t", record_batch([mark.encode()]))
            terminal.wait_for_output(mark.encode(), written)
            latencies.append(time.perf_counter() - started)
    return latencies
