import random
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

import pytest

from engine.broker.sqlite import maintenance
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.database import PAGE_BYTES, WAL_LIMIT
from engine.broker.sqlite.wal import WriteAheadLog
from engine.broker.topics import TopicOptions
from engine.errors import UnknownTopicError
from engine.file_lock import FileLock
from engine.records.batch import now_ms, record_batch
from tests.reading import read, wait
from tests.waiting import PATIENCE

Until = Callable[[Callable[[], bool]], None]
InThread = Callable[[Callable[[], object]], "Future[object]"]
NOISE = random.Random(3).randbytes(1 << 20)


def used_pages(folder: Path) -> int:
    """Pages of the database that hold something."""
    connection = sqlite3.connect(folder / "log.db")
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    connection.close()
    return int(pages - free)


def pages(folder: Path) -> int:
    connection = sqlite3.connect(folder / "log.db")
    (count,) = connection.execute("PRAGMA page_count").fetchone()
    connection.close()
    return int(count)


def wal_size(folder: Path) -> int:
    return (folder / "log.db-wal").stat().st_size


def has_emptied(broker: EmbeddedBroker, folder: Path) -> bool:
    """Whether the write-ahead log restarted, as it does at the first commit after it was emptied."""
    broker.log.append("a", record_batch([b"x"]))
    with closing(WriteAheadLog(folder / "log.db-wal")) as wal:
        return not wal.has_grown(maintenance.CHECKPOINT_BYTES)


def test_the_write_ahead_log_stays_small_beside_busy_readers(
    until: Until, broker: EmbeddedBroker, folder: Path, in_thread: InThread
) -> None:
    broker.topics.create("a")
    done = threading.Event()

    def read_all() -> None:
        offset = 0
        while not done.is_set():
            batch = read(broker, "a", 0, offset)
            offset = batch.next_offset if len(batch) else 0

    reading = [in_thread(read_all) for _ in range(2)]
    for _ in range(4):
        for _ in range(20):
            broker.log.append("a", record_batch([NOISE]))
        until(lambda: has_emptied(broker, folder))
    done.set()
    assert [future.result(PATIENCE) for future in reading] == [None, None]
    assert wal_size(folder) <= WAL_LIMIT


def test_a_reader_that_does_not_end_holds_no_writer_up(
    until: Until, broker: EmbeddedBroker, folder: Path
) -> None:
    broker.topics.create("a")
    shell = sqlite3.connect(folder / "log.db", isolation_level=None)
    shell.execute("BEGIN")
    shell.execute("SELECT count(*) FROM batches_1_0").fetchall()
    began = time.monotonic()
    for _ in range(40):
        broker.log.append("a", record_batch([NOISE]))
    assert time.monotonic() - began < PATIENCE
    assert shell.execute("SELECT count(*) FROM batches_1_0").fetchone() == (0,)
    shell.execute("ROLLBACK")
    shell.close()
    until(lambda: has_emptied(broker, folder))
    assert wal_size(folder) <= WAL_LIMIT


def test_one_process_at_a_time_does_the_maintenance(until: Until, folder: Path, impatient: None) -> None:
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a")
        other = FileLock(folder / "log.maintenance.lock")
        with other:
            for _ in range(10):
                broker.log.append("a", record_batch([NOISE]))
            assert wal_size(folder) > 10 << 20
        other.close()
        until(lambda: has_emptied(broker, folder))


def test_retention_by_bytes_bounds_a_topic_and_its_file(broker: EmbeddedBroker, folder: Path) -> None:
    limit = 4 << 20
    broker.topics.create("a", options=TopicOptions(retention_bytes=limit))
    for _ in range(60):
        broker.log.append("a", record_batch([NOISE[:500_000]]))
    kept = broker.log.offsets("a")[0]
    assert kept.end == 60
    assert limit <= (kept.end - kept.start) * 500_000 <= limit + 1_500_000
    assert read(broker, "a", 0, 0).first_offset == kept.start
    assert pages(folder) * PAGE_BYTES < 3 * limit
    broker.log.append("a", record_batch([NOISE * 8]))
    broker.log.append("a", record_batch([b"small"]))
    assert broker.log.offsets("a")[0].start == 60  # what is left without an old batch must reach the limit


def test_retention_by_age_is_applied_while_nothing_is_appended(
    until: Until, impatient: None, broker: EmbeddedBroker
) -> None:
    broker.topics.create("a", 2, TopicOptions(retention_ms=3_600_000))
    old = now_ms() - 4_000_000
    soon = now_ms() - 3_599_500
    for number in range(150):
        broker.log.append("a", record_batch([b"x"], timestamps=old + number), 1)
    until(lambda: broker.log.offsets("a")[1].start == 149)
    broker.log.append("a", record_batch([b"x"], timestamps=soon), 0)
    broker.log.append("a", record_batch([b"x"], timestamps=now_ms()), 0)
    until(lambda: broker.log.offsets("a")[0].start == 1)
    assert broker.log.offsets("a")[0].end == 2


@pytest.mark.parametrize("durable", [True, False])
def test_room_is_set_aside_for_what_is_to_last(
    until: Until, impatient: None, folder: Path, durable: bool
) -> None:
    with EmbeddedBroker.open(folder, durable=durable) as broker:
        broker.topics.create("a", options=TopicOptions(retention_ms=1))
        broker.log.append("a", record_batch([b"0"]))
        for number in (1, 2):  # a round of maintenance ends before the next one removes anything
            broker.log.append("a", record_batch([b"x"]))
            until(lambda number=number: broker.log.offsets("a")[0].start == number)  # type: ignore[misc]
        if durable:
            until((folder / "log.ballast").exists)
        else:
            assert not (folder / "log.ballast").exists()


def test_a_deleted_topic_is_gone_at_once_and_its_space_comes_back(
    until: Until, broker: EmbeddedBroker, folder: Path, in_thread: InThread
) -> None:
    broker.topics.create("a", 3)
    for partition in range(3):
        for _ in range(5):
            broker.log.append("a", record_batch([NOISE]), partition)
    full = pages(folder)
    waiting = in_thread(lambda: wait(broker, "a", {0: 5}, 2 * PATIENCE))
    broker.topics.delete("a")
    assert isinstance(waiting.exception(PATIENCE), UnknownTopicError)
    for call in (
        lambda: read(broker, "a", 0, 0),
        lambda: broker.log.append("a", record_batch([b"x"])),
        lambda: broker.log.offsets("a")[0],
        lambda: broker.topics.delete("a"),
        lambda: broker.log.trim("a", 0, 1),
    ):
        with pytest.raises(UnknownTopicError):
            call()
    assert broker.topics.list() == []
    broker.topics.create("a")
    assert broker.log.append("a", record_batch([b"new"])).first == 0
    assert read(broker, "a", 0, 0).value(0) == b"new"
    until(lambda: used_pages(folder) < 50)
    until(lambda: pages(folder) <= full // 2)


def test_a_topic_deleted_and_created_again_elsewhere_takes_appends(folder: Path) -> None:
    with EmbeddedBroker.open(folder) as here, EmbeddedBroker.open(folder) as there:
        here.topics.create("a")
        here.log.append("a", record_batch([b"old"]))
        there.topics.delete("a")
        there.topics.create("a")
        assert here.log.append("a", record_batch([b"new"])).first == 0
        there.topics.delete("a")
        with pytest.raises(UnknownTopicError):
            here.log.append("a", record_batch([b"none"]))


def test_removing_a_deleted_topic_goes_on_after_opening_again(
    until: Until, folder: Path, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "ELECTION_SECONDS", 0.1)
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a")
        for _ in range(300):
            broker.log.append("a", record_batch([random.Random(5).randbytes(3000)]))
        other = FileLock(folder / "log.maintenance.lock")
        with other:
            broker.topics.delete("a")
            broker.close()
        other.close()
    before = used_pages(folder)
    with EmbeddedBroker.open(folder):
        until(lambda: used_pages(folder) < before // 2)


def test_records_read_while_they_are_trimmed(broker: EmbeddedBroker, in_thread: InThread) -> None:
    broker.topics.create("a")
    for number in range(300):
        broker.log.append("a", record_batch([b"%d" % number] * 3))

    def read_all() -> int:
        offset = 0
        while offset < 900:
            batch = read(broker, "a", 0, offset, max_records=7)
            assert batch.first_offset >= offset
            assert [int(value) for value in batch.records.column("value").to_pylist()] == [
                at // 3 for at in range(batch.first_offset, batch.next_offset)
            ]
            offset = batch.next_offset
        return offset

    reading = [in_thread(read_all) for _ in range(3)]
    for before in range(0, 900, 30):
        broker.log.trim("a", 0, before)
    assert [future.result(PATIENCE) for future in reading] == [900] * 3


def test_a_long_clean_up_keeps_the_write_ahead_log_small(
    until: Until, impatient: None, broker: EmbeddedBroker, folder: Path
) -> None:
    broker.topics.create("a")
    broker.topics.create("b")
    for _ in range(30):  # side by side, so that giving pages back means moving others
        broker.log.append("a", record_batch([NOISE]))
        broker.log.append("b", record_batch([NOISE[:300_000]]))
    full = pages(folder)
    broker.topics.delete("a")
    with closing(WriteAheadLog(folder / "log.db-wal")) as wal:

        def is_small() -> bool:
            assert not wal.has_grown(16 << 20)
            return pages(folder) < full // 2

        until(is_small)
    for offset in range(30):
        assert read(broker, "b", 0, offset).value(0) == NOISE[:300_000]
