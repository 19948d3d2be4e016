"""How long a record takes from one process's append to another's consumer, and to an idle screen."""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from engine.consumer import Consumer
from engine.embedded.broker import EmbeddedBroker
from engine.records import record_batch
from tests.bench.report import table
from tests.terminal import Terminal

RECORDS = 100
PRODUCER = """
import sys, time
from pathlib import Path
from engine.embedded.broker import EmbeddedBroker
from engine.records import record_batch
with EmbeddedBroker.open(Path(sys.argv[1])) as broker:
    for number in range(int(sys.argv[2])):
        broker.append("t", record_batch([b"%d" % time.time_ns()]))
        time.sleep(0.03)
"""


def run(folder: Path) -> None:
    """Measure and print."""
    data = folder / "data"
    with EmbeddedBroker.open(data) as broker:
        broker.create_topic("t")
        consumer = _to_consumer(broker, data)
        screen = _to_screen(broker, data)
    table(
        f"From append in one process to another, {RECORDS} records one at a time, durable",
        [
            ("to a consumer, p50", f"{_percentile(consumer, 50):.1f} ms", ""),
            ("to a consumer, p99", f"{_percentile(consumer, 99):.1f} ms", "expected at most 50"),
            ("to an idle screen (a real terminal), p50", f"{_percentile(screen, 50):.1f} ms", ""),
            (
                "to an idle screen (a real terminal), p99",
                f"{_percentile(screen, 99):.1f} ms",
                "expected at most 150",
            ),
        ],
    )


def _to_consumer(broker: EmbeddedBroker, data: Path) -> list[float]:
    consumer = Consumer(broker, "t", positions={0: 0})
    latencies: list[float] = []
    with subprocess.Popen([sys.executable, "-c", PRODUCER, str(data), str(RECORDS)]) as producer:
        while len(latencies) < RECORDS:
            delivery = consumer.poll(1)
            now = time.time_ns()
            if delivery is not None:
                values = [int(delivery.batch.value(index)) for index in range(len(delivery.batch))]
                latencies += [(now - value) / 1e6 for value in values]
            assert delivery is not None or producer.poll() in (None, 0), "the producer failed"
    return latencies


def _to_screen(broker: EmbeddedBroker, data: Path) -> list[float]:
    program = [str(Path(sys.executable).parent / "fluvio-tui"), "--data", str(data)]
    latencies = []
    with Terminal([*program, "watch", "t"]) as terminal:
        terminal.wait_for("records")
        for number in range(RECORDS):
            mark = json.dumps({"mark": number})
            time.sleep(0.2)
            written = len(terminal.raw)
            started = time.perf_counter()
            broker.append("t", record_batch([mark.encode()]))
            terminal.wait_for_output(mark.encode(), written)
            latencies.append((time.perf_counter() - started) * 1000)
    return latencies


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]
