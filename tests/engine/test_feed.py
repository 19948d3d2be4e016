import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from engine.embedded.broker import EmbeddedBroker
from engine.feed import Feed
from engine.records import record_batch
from engine.window import Window
from engine.window_limits import WindowLimits

WAIT = 10


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker.open(tmp_path / "data", durable=False) as broker:
        broker.create_topic("t")
        yield broker


@pytest.fixture
def start(broker: EmbeddedBroker) -> Iterator[Callable[[Window], Feed]]:
    feeds: list[Feed] = []

    def start(window: Window) -> Feed:
        feed = Feed(broker, "t", window, threading.Event().set)
        feeds.append(feed)
        feed.start()
        return feed

    yield start
    for feed in feeds:
        feed.close()


def produce(broker: EmbeddedBroker, first: int, count: int) -> None:
    broker.append("t", record_batch([str(n).encode() for n in range(first, first + count)]))


def wait_for_rows(window: Window, rows: int) -> list[bytes]:
    with window.changed:
        assert window.changed.wait_for(lambda: window.end_row >= rows, WAIT), window.end_row
    snapshot = window.snapshot()
    return [snapshot.record(row).value for row in range(snapshot.first_row, snapshot.end_row)]


def test_begins_with_the_last_records_and_goes_on_live(
    broker: EmbeddedBroker, start: Callable[[Window], Feed]
) -> None:
    produce(broker, 0, 50)
    window = Window(WindowLimits(rows=20))
    feed = start(window)
    assert wait_for_rows(window, 20) == [str(n).encode() for n in range(30, 50)]
    assert window.snapshot().record(0).offset == 30
    assert feed.throughput().per_second == 0
    produce(broker, 50, 5)
    assert wait_for_rows(window, 25)[-1] == b"54"
    assert feed.records == 55
    assert sum(feed.throughput().history) + feed.throughput().per_second > 0


def test_reads_all_partitions(broker: EmbeddedBroker, tmp_path: Path) -> None:
    broker.create_topic("many", partitions=3)
    window = Window()
    feed = Feed(broker, "many", window, lambda: None)
    feed.start()
    for partition in range(3):
        broker.append("many", record_batch([b"x"] * (partition + 1)), partition)
    wait_for_rows(window, 6)
    feed.close()
    snapshot = window.snapshot()
    found = sorted((r.partition, r.offset) for r in map(snapshot.record, range(6)))
    assert found == [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2)]


def test_ends_promptly_while_it_waits(broker: EmbeddedBroker, start: Callable[[Window], Feed]) -> None:
    feed = start(Window())
    time.sleep(0.05)
    started = time.monotonic()
    feed.close()
    assert time.monotonic() - started < 0.9


def test_ends_where_it_is_told_to_just_before_it_waits(
    broker: EmbeddedBroker, start: Callable[[Window], Feed], monkeypatch: pytest.MonkeyPatch
) -> None:
    about_to_wait, interrupted = threading.Event(), threading.Event()
    wait, interrupt = broker.wait, broker.interrupt

    def wait_late(topic: str, positions: Mapping[int, int], timeout: float) -> bool:
        about_to_wait.set()
        assert interrupted.wait(WAIT)
        return wait(topic, positions, timeout)

    def interrupt_early() -> None:
        interrupt()
        interrupted.set()

    monkeypatch.setattr("engine.feed.WAIT_SECONDS", 60)
    monkeypatch.setattr(broker, "wait", wait_late)
    monkeypatch.setattr(broker, "interrupt", interrupt_early)
    feed = start(Window())
    assert about_to_wait.wait(WAIT)
    started = time.monotonic()
    feed.close()
    assert time.monotonic() - started < WAIT


def test_says_why_it_ended_when_the_broker_fails(
    broker: EmbeddedBroker, start: Callable[[Window], Feed]
) -> None:
    feed = start(Window())
    broker.close()
    end = time.monotonic() + WAIT
    while not feed.problem:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert "closed" in feed.problem


def test_says_so_where_the_log_is_removed(
    broker: EmbeddedBroker, start: Callable[[Window], Feed], tmp_path: Path
) -> None:
    feed = start(Window())
    shutil.rmtree(tmp_path / "data")
    end = time.monotonic() + WAIT
    while not feed.problem:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert "removed or replaced" in feed.problem


def test_goes_on_after_records_that_are_damaged(tmp_path: Path) -> None:
    with EmbeddedBroker.open(tmp_path / "data") as broker:
        broker.create_topic("t")
        for first in (0, 10, 20):
            produce(broker, first, 10)
    with closing(sqlite3.connect(next((tmp_path / "data").glob("*.db")))) as database:
        database.execute("UPDATE batches_1_0 SET payload = zeroblob(length(payload)) WHERE base = 10")
        database.commit()
    with EmbeddedBroker.open(tmp_path / "data") as broker:
        window = Window()
        feed = Feed(broker, "t", window, lambda: None)
        feed.start()
        try:
            assert wait_for_rows(window, 20) == [str(n).encode() for n in (*range(10), *range(20, 30))]
        finally:
            feed.close()
        assert feed.missed == 10
        assert not feed.problem
