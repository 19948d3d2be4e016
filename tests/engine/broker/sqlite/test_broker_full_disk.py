import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.end_mark import EndMark
from engine.broker.topics import TopicOptions
from engine.errors import NoRoomError
from engine.records.batch import record_batch
from tests.reading import read

Until = Callable[[Callable[[], bool]], None]
NOISE = random.Random(5).randbytes(500_000)


@pytest.fixture
def small_disk(tmp_path: Path, impatient: None) -> Iterator[Path]:
    """A file system of 64 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk], capture_output=True, text=True
        )
    except OSError as error:
        pytest.skip(f"no small file system can be mounted: {error}")
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", disk], check=True)


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
