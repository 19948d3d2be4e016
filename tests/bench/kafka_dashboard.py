"""The dashboard on a Kafka cluster: a flood of records, and a topic that is large."""

import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from engine.broker.kafka.broker import KafkaBroker
from engine.errors import BrokerError
from engine.live.topic_workbench import TopicWorkbench
from engine.producer.producer import Producer
from engine.records.batch import record_batch
from tests.bench.dashboard import flood
from tests.bench.kafka_log import repeat_log
from tests.bench.report import milliseconds, percentile, table
from tests.engine.runtime.wat_guests import by_hand
from tests.kafka_cluster import Cluster
from tests.waiting import wait_until
from tui.dashboard.app.session_state import Memory

FLOOD = 200_000
"""Records per second."""
PRODUCED = 1_000_000
COPIES = 100
RECORDS = PRODUCED * COPIES
PIECE = 50_000
FIRST_TIME = 1_700_000_000_000
OPENINGS = 20
JUMPS = 200
PAGE = 100
"""Records on a screen, and some more."""
PRODUCER = """
import sys, time
from engine.broker.address import parse_address
from engine.broker.kafka.broker import KafkaBroker
from engine.records.batch import record_batch
rate, seconds = int(sys.argv[2]), float(sys.argv[3])
batch = rate // 20
records = record_batch([b'{"id":%d,"level":"info","total":%d}' % (n, n * 37 % 991) for n in range(batch)])
with KafkaBroker.connect(parse_address(sys.argv[1])) as broker:
    broker.log.append("flood", records.slice(0, 1))
    started, done = time.monotonic(), 0
    while time.monotonic() < started + seconds:
        broker.log.append("flood", records)
        done += batch
        time.sleep(max(started + done / rate - time.monotonic(), 0))
    print(done / (time.monotonic() - started))
"""
"""Appends records at a rate for some seconds, and prints the rate that it reached."""


def run(cluster: Cluster, broker: KafkaBroker, folder: Path) -> None:
    """Measure and print."""
    _flood(cluster, broker, folder)
    _large_topic(cluster, broker)


def _flood(cluster: Cluster, broker: KafkaBroker, folder: Path) -> None:
    address, data = f"kafka://{cluster.bootstrap}", folder / "data"
    Memory(data, address).keep_taught()
    broker.topics.create("flood")
    broker.modules.add("digit", by_hand("digit.wat"))

    def produce(seconds: float) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", PRODUCER, address, str(FLOOD), str(seconds)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    program = [str(Path(sys.executable).parent / "fluvio-tui"), "--data", str(data), "--broker", address]
    table(
        "The dashboard in a real terminal (120 × 34) on a Kafka cluster on this machine, one filter",
        flood([*program, "watch", "flood", "-s", "digit"], produce, FLOOD),
    )


def _large_topic(cluster: Cluster, broker: KafkaBroker) -> None:
    producer = Producer(broker.log, broker.topics.create("large"))
    for first in range(0, PRODUCED, PIECE):
        values = [b"%d" % number for number in range(first, first + PIECE)]
        producer.append(record_batch(values, timestamps=FIRST_TIME + first))
    repeat_log(cluster, "large", PRODUCED, COPIES, FIRST_TIME)
    wait_until(lambda: _end(broker) == RECORDS)
    chance = random.Random(1)
    offsets = [chance.randrange(PAGE, RECORDS) for _ in range(JUMPS)]
    opened = [_opened(broker) for _ in range(OPENINGS)]
    jumps = [_page(broker, offset) for offset in offsets]
    times = [_time(broker, FIRST_TIME + offset) for offset in offsets]
    table(
        f"A topic of {RECORDS:,} records on that cluster",
        [
            (
                "a pane opens: to its first records, p95",
                milliseconds(percentile(opened, 95)),
                "expected at most 1,000",
            ),
            (
                f"go to an offset: {PAGE} records there, p95",
                milliseconds(percentile(jumps, 95)),
                "expected at most 100",
            ),
            ("go to a time: its offset, p95", milliseconds(percentile(times, 95)), "expected at most 100"),
        ],
    )


def _end(broker: KafkaBroker) -> int:
    try:
        return broker.log.offsets("large")[0].end
    except BrokerError:  # the node has only just been started
        return 0


def _opened(broker: KafkaBroker) -> float:
    started = time.perf_counter()
    with closing(TopicWorkbench(broker, "large")) as workbench:
        workbench.start(lambda: None)
        wait_until(lambda: workbench.snapshot().window.end_row)
        return time.perf_counter() - started


def _page(broker: KafkaBroker, offset: int) -> float:
    started = time.perf_counter()
    found = broker.log.page("large", 0, offset, PAGE)
    assert len(found) == PAGE
    return time.perf_counter() - started


def _time(broker: KafkaBroker, timestamp: int) -> float:
    started = time.perf_counter()
    broker.log.offset_at("large", timestamp, {0: 0})
    return time.perf_counter() - started
