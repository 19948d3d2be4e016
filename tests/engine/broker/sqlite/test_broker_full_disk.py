import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shutil import disk_usage

import pytest

from engine.broker.sqlite import maintenance
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.damage.end_mark import EndMark
from engine.broker.sqlite.emergency_space import RESERVED_BYTES
from engine.broker.topics import TopicOptions
from engine.errors import NoRoomError
from engine.file_lock import FileLock
from engine.records.batch import record_batch
from tests.reading import read
from tests.small_disk import fill_up, small_disk

__all__ = ["small_disk"]

Until = Callable[[Callable[[], bool]], None]
NOISE = random.Random(5).randbytes(500_000)
SCRIPT = Path(__file__).with_name("broker_process.py")

pytestmark = pytest.mark.usefixtures("impatient")


def fill(broker: EmbeddedBroker, topic: str) -> int:
    """Append until the disk is full; how many were acknowledged."""
    for count in range(1000):
        try:
            assert broker.log.append(topic, record_batch([NOISE])).first == count
        except NoRoomError as error:
            assert "no room" in error.message
            assert "free some space" in error.remedy
            return count
    raise AssertionError("the disk never got full")


def test_it_goes_on_once_there_is_room(small_disk: Path) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(bytes(40 << 20))
    with EmbeddedBroker.open(small_disk / "data") as broker:
        broker.topics.create("a")
        acknowledged = fill(broker, "a")
        filler.unlink()
        assert broker.log.append("a", record_batch([b"goes on"])).first == acknowledged
    with EmbeddedBroker.open(small_disk / "data") as broker:
        assert broker.log.offsets("a")[0].end == acknowledged + 1
        for offset in range(acknowledged):
            assert read(broker, "a", 0, offset).value(0) == NOISE


@pytest.mark.parametrize("how", ["trim", "delete"])
def test_space_can_be_freed_on_a_full_disk(small_disk: Path, until: Until, how: str) -> None:
    ballast = small_disk / "data" / "log.ballast"
    with EmbeddedBroker.open(small_disk / "data") as broker:
        until(ballast.exists)
        broker.topics.create("a")
        broker.topics.create("b")
        acknowledged = fill(broker, "a")
        for _ in range(100):  # whatever maintenance frees meanwhile is taken again
            fills(broker, "b")
        assert read(broker, "a", 0, acknowledged - 1).value(0) == NOISE
        if how == "trim":
            assert broker.log.trim("a", 0, acknowledged - 1).start == acknowledged - 1
        else:
            broker.topics.delete("a")
        for _ in range(40):
            until(lambda: fills(broker, "b"))
        until(ballast.exists)


def test_retention_by_bytes_on_a_full_disk(small_disk: Path, until: Until) -> None:
    with EmbeddedBroker.open(small_disk / "data") as broker:
        until((small_disk / "data" / "log.ballast").exists)
        broker.topics.create("bounded", options=TopicOptions(retention_bytes=4 << 20))
        broker.topics.create("a")
        for _ in range(20):
            assert fills(broker, "bounded")
        fill(broker, "a")
        broker.log.trim("a", 0, 10**9)
        for _ in range(100):
            until(lambda: fills(broker, "bounded"))
        kept = broker.log.offsets("bounded")[0]
        assert (kept.end - kept.start) * len(NOISE) < 6 << 20


def test_what_is_acknowledged_on_a_full_disk_is_marked(small_disk: Path) -> None:
    with EmbeddedBroker.open(small_disk / "data") as broker:
        broker.topics.create("a")
        acknowledged = fill(broker, "a")
        with suppress(OSError), (small_disk / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
        while fills(broker, "a", b"small"):  # what the write-ahead log has room for already
            acknowledged += 1
        with pytest.raises(NoRoomError):
            broker.topics.create("b", 1024)
        mark = EndMark(small_disk / "data" / "log.commits")
        marks = mark.read()
        mark.close()
        assert marks is not None
        assert [one.end for one in marks.ends if one.name == "a"] == [acknowledged]


def fills(broker: EmbeddedBroker, topic: str, value: bytes = NOISE) -> bool:
    """Whether another record finds room."""
    try:
        broker.log.append(topic, record_batch([value]))
    except NoRoomError:
        return False
    return True


@pytest.fixture
def long_between_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Maintenance comes round only when it is asked to: commands end before that."""
    monkeypatch.setattr(maintenance, "PERIOD_SECONDS", 600.0)


def overfilled(folder: Path) -> int:
    """Fill the disk with topic `a` from a process that is killed then; how many records it acknowledged."""
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a")
        broker.topics.create("b")
    killed = subprocess.run([sys.executable, SCRIPT, "overfill", folder, "a"], stdout=subprocess.PIPE)
    assert killed.returncode == -signal.SIGKILL
    return len(killed.stdout.splitlines())


def test_a_program_that_deletes_frees_the_space_before_it_ends(
    small_disk: Path, long_between_rounds: None
) -> None:
    folder = small_disk / "data"
    acknowledged = overfilled(folder)
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.delete("a")
    free = disk_usage(small_disk).free
    assert free > acknowledged * len(NOISE) // 2, "without the help of an append"
    for _ in range(40):  # each in a program of its own, like a command
        with EmbeddedBroker.open(folder) as broker:
            assert fills(broker, "b")
    assert (folder / "log.ballast").stat().st_size == RESERVED_BYTES


def test_an_append_without_room_finishes_a_deletion(
    small_disk: Path, long_between_rounds: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_disk / "data"
    overfilled(folder)
    monkeypatch.setattr(maintenance, "ELECTION_SECONDS", 0.1, raising=False)
    with EmbeddedBroker.open(folder) as broker:
        with closing(FileLock(folder / "log.maintenance.lock")) as busy, busy:  # in a process that is stopped
            broker.topics.delete("a")
        for _ in range(40):
            assert fills(broker, "b")


def test_a_disk_full_of_other_files_can_be_read_and_cleaned(
    small_disk: Path, long_between_rounds: None
) -> None:
    folder = small_disk / "data"
    with EmbeddedBroker.open(folder) as broker:
        for topic in ("a", "b"):
            broker.topics.create(topic)
            for _ in range(20):
                assert fills(broker, topic)
    fill_up(small_disk)
    for _ in range(3):
        with EmbeddedBroker.open(folder) as broker:
            assert [read(broker, "a", 0, offset).value(0) for offset in range(20)] == [NOISE] * 20
            fill_up(small_disk)
            assert not fills(broker, "a")
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.delete("a")
    with EmbeddedBroker.open(folder) as broker:
        assert [topic.name for topic in broker.topics.list()] == ["b"]
        assert fills(broker, "b")
        assert broker.log.offsets("b")[0].end == 21


def test_a_killed_program_leaves_a_log_that_a_full_disk_can_be_read_from(
    small_disk: Path, long_between_rounds: None
) -> None:
    acknowledged = overfilled(small_disk / "data")
    fill_up(small_disk)
    for _ in range(3):
        with EmbeddedBroker.open(small_disk / "data") as broker:
            assert broker.log.offsets("a")[0].end == acknowledged
            for offset in range(acknowledged):
                assert read(broker, "a", 0, offset).value(0) == NOISE
        fill_up(small_disk)


def test_a_reader_that_keeps_the_write_ahead_log_does_not_cost_the_emergency_space(
    small_disk: Path, until: Until
) -> None:
    folder = small_disk / "data"
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a")
        broker.topics.create("b")
        fill(broker, "a")
        with reading(folder):
            broker.topics.delete("a")
        until(lambda: fills(broker, "b"))
        until(lambda: (folder / "log.ballast").exists())
        until(lambda: (folder / "log.ballast").stat().st_size == RESERVED_BYTES)


def test_a_write_ahead_log_larger_than_the_emergency_space(small_disk: Path, until: Until) -> None:
    folder = small_disk / "data"
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a")
        broker.topics.create("b")
        with reading(folder):  # nothing of it can be written back
            acknowledged = fill(broker, "a")
        assert (folder / "log.db-wal").stat().st_size > 2 * RESERVED_BYTES
        assert not fills(broker, "a")
        assert read(broker, "a", 0, acknowledged - 1).value(0) == NOISE
        broker.topics.delete("a")
        for _ in range(40):
            assert fills(broker, "b")
        until(lambda: (folder / "log.ballast").stat().st_size == RESERVED_BYTES)


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """A reader, in a shell for example, that keeps the write-ahead log from being emptied."""
    with closing(sqlite3.connect(folder / "log.db", isolation_level=None)) as shell:
        shell.execute("BEGIN")
        shell.execute("SELECT count(*) FROM topics").fetchall()
        yield


def test_a_log_can_be_begun_on_no_full_disk(small_disk: Path) -> None:
    filler = fill_up(small_disk)
    with pytest.raises(NoRoomError, match="no room is left"):
        EmbeddedBroker.open(small_disk / "data")
    filler.unlink()
    with EmbeddedBroker.open(small_disk / "data") as broker:
        broker.topics.create("a")
