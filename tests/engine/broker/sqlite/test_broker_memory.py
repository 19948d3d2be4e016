import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.consumer.consumer import Consumer
from engine.live.tail import Tail
from engine.live.window.limits import WindowLimits
from engine.live.window.window import Window
from engine.records.batch import record_batch
from tests.reading import read, wait
from tests.resident_memory import MEBIBYTE, resident

MILLION = 1_000_000
# 180 MB in all, of which lz4 makes no less.
PART = record_batch([random.Random(5).randbytes(180)] * 10_000)

Until = Callable[[Callable[[], bool]], None]


def append_a_million(broker: EmbeddedBroker) -> int:
    """Append them; how much more memory that took, at most."""
    before, most = resident(), 0
    for _ in range(MILLION // PART.num_rows):
        broker.log.append("a", PART)
        most = max(most, resident() - before)
    return most


@pytest.fixture
def quick(folder: Path) -> EmbeddedBroker:
    broker = EmbeddedBroker.open(folder, durable=False)
    broker.topics.create("a")
    broker.log.append("a", PART)
    return broker


def test_a_consumer_that_does_not_read_costs_nothing(quick: EmbeddedBroker) -> None:
    with quick as broker:
        consumer = Consumer(broker, "a", positions={0: 0})
        assert consumer.poll(1) is not None
        assert append_a_million(broker) < 60 * MEBIBYTE
        end = broker.log.offsets("a")[0].end
        before, most = resident(), 0
        while consumer.positions[0] < end:
            assert consumer.poll(1) is not None
            most = max(most, resident() - before)
        assert most < 60 * MEBIBYTE
        assert end == MILLION + PART.num_rows


def test_a_window_that_nobody_looks_at_keeps_no_more_than_its_limits(
    quick: EmbeddedBroker, until: Until
) -> None:
    with quick as broker:
        window = Window(WindowLimits(rows=100_000, bytes=16 * MEBIBYTE))
        tail = Tail(broker, "a", window, lambda: None)
        tail.start()
        assert append_a_million(broker) < 100 * MEBIBYTE
        until(lambda: tail.count().records == MILLION + PART.num_rows)
        kept = sum(chunk.batch.records.nbytes for chunk in window.snapshot().chunks)
        assert kept <= 16 * MEBIBYTE
        tail.close()


def test_memory_is_given_back_by_who_waits(quick: EmbeddedBroker) -> None:
    with quick as broker:
        for _ in range(70):
            broker.log.append("a", PART)
        pa.default_memory_pool().release_unused()  # else it could be had again without the system
        before = resident()
        kept: list[pa.RecordBatch] = []
        offset, end = 0, broker.log.offsets("a")[0].end
        while offset < end:
            kept.append(read(broker, "a", 0, offset).records)
            offset += kept[-1].num_rows
        assert resident() - before > 80 * MEBIBYTE
        kept.clear()
        assert not wait(broker, "a", {0: end}, 0)
        assert resident() - before < 40 * MEBIBYTE
