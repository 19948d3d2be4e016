import itertools
import queue
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import pytest

from engine.broker.log import Reader
from engine.broker.read_range import Origin, Start
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.topics import Topic, TopicOptions
from engine.errors import BrokerUnreachableError
from engine.live.snapshots import Replay
from engine.live.tail import GATHER_SECONDS, Tail
from engine.live.window.limits import WindowLimits
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch
from tests.contract.memory_broker import MemoryBroker
from tests.waiting import PATIENCE, wait_for, wait_until


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker.open(tmp_path / "data", durable=False) as broker:
        broker.topics.create("t")
        yield broker


@pytest.fixture
def start(broker: EmbeddedBroker) -> Iterator[Callable[[Window], Tail]]:
    tails: list[Tail] = []

    def start(window: Window) -> Tail:
        tail = Tail(broker, "t", window, threading.Event().set)
        tails.append(tail)
        tail.start()
        return tail

    yield start
    for tail in tails:
        tail.close()


def produce(broker: EmbeddedBroker, first: int, count: int) -> None:
    broker.log.append("t", record_batch([str(n).encode() for n in range(first, first + count)]))


def wait_for_rows(window: Window, rows: int) -> list[bytes]:
    with window.changed:
        assert window.changed.wait_for(lambda: window.end_row >= rows, PATIENCE), window.end_row
    snapshot = window.snapshot()
    return [snapshot.record(row).value for row in range(snapshot.first_row, snapshot.end_row)]


def wait_until_empty(window: Window) -> None:
    with window.changed:
        assert window.changed.wait_for(lambda: window.first_row == window.end_row, PATIENCE)


def test_reads_the_last_records_then_new_ones(
    broker: EmbeddedBroker, start: Callable[[Window], Tail]
) -> None:
    produce(broker, 0, 50)
    window = Window(WindowLimits(rows=20))
    tail = start(window)
    assert wait_for_rows(window, 20) == [str(n).encode() for n in range(30, 50)]
    assert window.snapshot().record(0).offset == 30
    assert tail.throughput().per_second == 0
    produce(broker, 50, 5)
    assert wait_for_rows(window, 25)[-1] == b"54"
    assert tail.count().records == 55
    assert sum(tail.throughput().history) + tail.throughput().per_second > 0


def test_a_tail_that_has_not_read_yet_replays_nothing(broker: EmbeddedBroker) -> None:
    produce(broker, 0, 5)
    assert Tail(broker, "t", Window(), threading.Event().set).replaying is None


def test_reads_all_partitions(broker: EmbeddedBroker, tmp_path: Path) -> None:
    broker.topics.create("many", 3)
    window = Window()
    tail = Tail(broker, "many", window, lambda: None)
    tail.start()
    for partition in range(3):
        broker.log.append("many", record_batch([b"x"] * (partition + 1)), partition)
    wait_for_rows(window, 6)
    tail.close()
    snapshot = window.snapshot()
    found = sorted((r.partition, r.offset) for r in map(snapshot.record, range(6)))
    assert found == [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2)]


class WatchedReader(Reader):
    """A reader that calls back before and after each read, and after each interrupt."""

    def __init__(
        self,
        reader: Reader,
        before_read: Callable[[], None] = lambda: None,
        interrupted: Callable[[], None] = lambda: None,
        after_read: Callable[[float, Batch | None], None] = lambda _timeout, _batch: None,
    ) -> None:
        self._reader = reader
        self._before_read = before_read
        self._interrupted = interrupted
        self._after_read = after_read

    def read(self, timeout: float) -> Batch | None:
        self._before_read()
        batch = self._reader.read(timeout)
        self._after_read(timeout, batch)
        return batch

    def interrupt(self) -> None:
        self._reader.interrupt()
        self._interrupted()

    def close(self) -> None:
        self._reader.close()


def test_a_few_records_gather_before_the_next_are_waited_for(
    broker: EmbeddedBroker, start: Callable[[Window], Tail], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_log, window = broker.log.open, Window()
    began, gathered = 0.0, 0.0
    late: list[float] = []
    """By how many seconds reads that wait began after records had gathered."""

    def before() -> None:
        nonlocal began
        began = time.monotonic()

    def after(timeout: float, batch: Batch | None) -> None:
        nonlocal gathered
        if timeout:
            late.append(began - gathered)
        if batch is not None:
            gathered = time.monotonic() + GATHER_SECONDS

    def watched(topic: Topic, positions: Mapping[int, int]) -> Reader:
        return WatchedReader(open_log(topic, positions), before, after_read=after)

    monkeypatch.setattr(broker.log, "open", watched)
    start(window)
    for number in range(5):
        produce(broker, number, 1)
        wait_for_rows(window, number + 1)
    wait_until(lambda: len(late) > 1)
    assert min(late) >= 0


def test_closing_just_before_a_wait_ends_it(
    broker: EmbeddedBroker, start: Callable[[Window], Tail], monkeypatch: pytest.MonkeyPatch
) -> None:
    about_to_wait, interrupted = threading.Event(), threading.Event()
    open_log = broker.log.open

    def wait_late() -> None:
        about_to_wait.set()
        assert interrupted.wait(PATIENCE)

    def open_late(topic: Topic, positions: Mapping[int, int]) -> Reader:
        return WatchedReader(open_log(topic, positions), wait_late, interrupted.set)

    monkeypatch.setattr("engine.live.tail.WAIT_SECONDS", 60)
    monkeypatch.setattr(broker.log, "open", open_late)
    tail = start(Window())
    assert about_to_wait.wait(PATIENCE)
    started = time.monotonic()
    tail.close()
    assert time.monotonic() - started < PATIENCE


def test_closing_ends_a_wait(
    broker: EmbeddedBroker, start: Callable[[Window], Tail], monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = threading.Semaphore(0)
    open_log = broker.log.open

    def watched(topic: Topic, positions: Mapping[int, int]) -> Reader:
        return WatchedReader(open_log(topic, positions), reads.release)

    monkeypatch.setattr("engine.live.tail.WAIT_SECONDS", 2 * PATIENCE)
    monkeypatch.setattr(broker.log, "open", watched)
    tail = start(Window())
    produce(broker, 0, 1)
    for _ in range(2):
        assert reads.acquire(timeout=PATIENCE)
    started = time.monotonic()
    tail.close()
    assert time.monotonic() - started < PATIENCE


def test_reports_why_it_ended_when_the_broker_closed(
    broker: EmbeddedBroker, start: Callable[[Window], Tail]
) -> None:
    tail = start(Window())
    broker.close()
    wait_until(lambda: tail.problem)
    assert "closed" in tail.problem


def test_follows_a_topic_that_is_created_again(
    broker: EmbeddedBroker, start: Callable[[Window], Tail]
) -> None:
    produce(broker, 0, 5)
    window = Window()
    tail = start(window)
    wait_for_rows(window, 5)
    broker.topics.delete("t")
    wait_until(lambda: "waiting for another one of that name" in tail.problem)
    broker.topics.create("t", 2)
    for partition in range(2):
        broker.log.append("t", record_batch([b"new"] * (partition + 1)), partition)
    assert wait_for_rows(window, 8) == [b"new"] * 3
    assert "created again" in tail.notice
    assert (tail.problem, tail.count().records) == ("", 3)
    tail.replay(Start(Origin.BEGINNING))
    assert wait_for_rows(window, 11) == [b"new"] * 3


def test_reads_partitions_that_are_added() -> None:
    with MemoryBroker() as broker:
        broker.topics.create("t")
        broker.log.append("t", record_batch([b"a"]))
        window = Window()
        tail = Tail(broker, "t", window, lambda: None)
        tail.start()
        try:
            wait_for_rows(window, 1)
            broker.add_partitions("t", 3)
            broker.log.append("t", record_batch([b"b"]), 2)
            assert wait_for_rows(window, 2) == [b"a", b"b"]
            assert window.snapshot().record(1).partition == 2
            assert tail.offsets_from(Start(Origin.BEGINNING)) == {0: 0, 2: 0}
        finally:
            tail.close()


def test_reports_that_the_log_was_removed(
    broker: EmbeddedBroker, start: Callable[[Window], Tail], tmp_path: Path
) -> None:
    tail = start(Window())
    shutil.rmtree(tmp_path / "data")
    wait_until(lambda: tail.problem)
    assert "removed or replaced" in tail.problem


def test_skips_damaged_records(tmp_path: Path) -> None:
    with EmbeddedBroker.open(tmp_path / "data") as broker:
        broker.topics.create("t")
        for first in (0, 10, 20):
            produce(broker, first, 10)
    with closing(sqlite3.connect(next((tmp_path / "data").glob("*.db")))) as database:
        database.execute("UPDATE batches_1_0 SET payload = zeroblob(length(payload)) WHERE base = 10")
        database.commit()
    with EmbeddedBroker.open(tmp_path / "data") as broker:
        window = Window()
        tail = Tail(broker, "t", window, lambda: None)
        tail.start()
        try:
            assert wait_for_rows(window, 20) == [str(n).encode() for n in (*range(10), *range(20, 30))]
        finally:
            tail.close()
        assert tail.lost == 10
        assert tail.damage == ("the records 10 to 19 of topic 't', partition 0, are damaged",)
        assert not tail.problem


def test_wakes_if_the_last_records_are_damaged(tmp_path: Path) -> None:
    with EmbeddedBroker.open(tmp_path / "data") as broker:
        broker.topics.create("t")
        produce(broker, 0, 10)
    with closing(sqlite3.connect(next((tmp_path / "data").glob("*.db")))) as database:
        database.execute("UPDATE batches_1_0 SET payload = zeroblob(length(payload))")
        database.commit()
    woken = threading.Event()
    with EmbeddedBroker.open(tmp_path / "data") as broker:
        tail = Tail(broker, "t", Window(), woken.set)
        tail.start()
        try:
            assert woken.wait(PATIENCE)
            assert tail.lost == 10
        finally:
            tail.close()


def test_wakes_when_old_records_are_removed(broker: EmbeddedBroker) -> None:
    broker.topics.create("aged", options=TopicOptions(retention_ms=1_000))
    for _ in range(2):
        broker.log.append("aged", record_batch([b"x"] * 10))
    left: queue.Queue[int] = queue.Queue()
    window = Window()
    tail = Tail(broker, "aged", window, lambda: left.put(tail.count().records))
    tail.start()
    try:
        while left.get(timeout=PATIENCE) != 10:
            pass
    finally:
        tail.close()


def test_a_replay_begins_at_the_given_place(broker: EmbeddedBroker, start: Callable[[Window], Tail]) -> None:
    for first, stamp in ((0, 1_000), (10, 2_000), (20, 3_000)):
        values = [b"%d" % number for number in range(first, first + 10)]
        broker.log.append("t", record_batch(values, timestamps=stamp))
    window = Window(WindowLimits(rows=5))
    tail = start(window)
    wait_for_rows(window, 5)
    seen = 5
    for origin, count, expected in (
        (Origin.BEGINNING, 0, 30),
        (Origin.TIME, 2_000, 20),
        (Origin.END, 0, 0),
        (Origin.END, 3, 3),
    ):
        tail.replay(Start(origin, count))
        seen += expected
        if expected:
            values = wait_for_rows(window, seen)
            assert values == [b"%d" % number for number in range(30 - min(expected, 5), 30)]
        else:
            wait_until_empty(window)
        assert tail.replaying is None
        assert tail.count().records == 30
        assert tail.throughput().per_second == 0
    produce(broker, 30, 1)
    assert wait_for_rows(window, seen + 1)[-1] == b"30"
    assert sum(tail.throughput().history) + tail.throughput().per_second > 0


def test_the_records_at_the_start_are_no_replay(broker: EmbeddedBroker) -> None:
    produce(broker, 0, 50)
    tail = Tail(broker, "t", Window(), lambda: None)
    assert tail.replaying is None
    assert tail.count().records == 50


def test_reports_the_progress_of_a_replay(
    broker: EmbeddedBroker, start: Callable[[Window], Tail], monkeypatch: pytest.MonkeyPatch
) -> None:
    produce(broker, 0, 50)
    window = Window()
    tail = start(window)
    wait_for_rows(window, 50)
    assert tail.replaying is None
    go_on, reads, open_log = threading.Event(), itertools.count(1), broker.log.open

    def stop_after_the_first() -> None:
        if next(reads) == 2:
            assert go_on.wait(PATIENCE)

    def open_slowly(topic: Topic, positions: Mapping[int, int]) -> Reader:
        return WatchedReader(open_log(topic, positions, max_records=20), stop_after_the_first)

    monkeypatch.setattr(broker.log, "open", open_slowly)
    tail.replay(Start(Origin.BEGINNING))
    wait_for_rows(window, 70)
    wait_for(lambda: tail.replaying, lambda found: found == Replay(read=20, total=50))
    assert tail.count().records == 50
    go_on.set()
    wait_for_rows(window, 100)
    assert tail.replaying is None


def test_a_broker_that_does_not_answer_for_a_while_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with MemoryBroker() as broker:
        topic = broker.topics.create("t")
        broker.log.append("t", record_batch([b"a"]))
        window = Window()
        tail = Tail(broker, "t", window, lambda: None)
        failed = threading.Event()

        def fail(_: str) -> NoReturn:
            failed.set()
            raise BrokerUnreachableError("no answer")

        with monkeypatch.context() as down:
            down.setattr(broker.log, "offsets", fail)
            tail.start()
            try:
                assert failed.wait(PATIENCE)
                down.undo()
                broker.log.append(topic.name, record_batch([b"b"]))
                assert wait_for_rows(window, 2) == [b"a", b"b"]
                assert tail.problem == ""
            finally:
                tail.close()
