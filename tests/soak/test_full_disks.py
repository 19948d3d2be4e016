"""A small disk that fills and empties at random, while processes append, are killed, and delete topics."""

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.errors import BrokerError, NoRoomError
from engine.records.batch import record_batch
from tests.engine.broker.sqlite.test_broker_concurrency import Producer, check_log, read_all
from tests.engine.broker.sqlite.test_broker_full_disk import small_disk
from tests.fork_server import ForkServer
from tests.soak.budget import MINUTES, Share
from tests.waiting import wait_until

__all__ = ["small_disk"]

pytestmark = [pytest.mark.soak, pytest.mark.timeout(MINUTES * 60 + 300)]

SHARE = Share(parts=4)
PART = 1 << 20


@pytest.fixture
def impatient() -> Iterator[None]:
    """The disks of this test have maintenance as it is."""
    yield


def test_disks_that_fill_and_empty_at_random(small_disk: Path, forks: ForkServer) -> None:
    rounds = SHARE.rounds()
    end, number, records = time.monotonic() + rounds.seconds, rounds.first, 0
    while time.monotonic() < end and number - rounds.first != rounds.count:
        print(f"SOAK_ROUND={number}")
        records += survive(small_disk, random.Random(f"{rounds.seed} {number}"), forks)
        for path in small_disk.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        number += 1
    print(f"{number - rounds.first} rounds, {records:,} records")


def survive(disk: Path, chance: random.Random, forks: ForkServer) -> int:
    """One round; how many records were left in the topic that nothing deletes."""
    folder, filler = disk / "data", disk / "filler"
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a")
    producers: list[Producer] = []
    try:
        for _ in range(chance.randrange(5, 25)):
            act = chance.randrange(6)
            if act == 0 and sum(one.process.poll() is None for one in producers) < 2:
                size = chance.choice((20, 5_000, 100_000))
                with suppress(AssertionError):  # it may find no room to start
                    name = f"p{len(producers)}"
                    producers.append(Producer.start(folder, "a", name, 10**6, size, forks=forks))
                    producers[-1].go()
            elif act == 1 and producers:
                chance.choice(producers).process.kill()
            elif act in (2, 3):
                fill(filler, chance.randrange(64) * PART)
            else:
                use(folder, chance)
            time.sleep(chance.random() * 0.1)  # a random moment is the point
    finally:
        for producer in producers:
            producer.process.kill()
            producer.end()
    filler.unlink(missing_ok=True)
    return check(folder, producers)


def fill(filler: Path, size: int) -> None:
    """Make the file so large, or as large as there is room for."""
    with suppress(OSError), filler.open("ab") as file:
        file.truncate(min(size, file.tell()))
        while file.tell() < size:
            file.write(bytes(min(PART, size - file.tell())))
            file.flush()


def use(folder: Path, chance: random.Random) -> None:
    """What a command does: it may find no room, and nothing worse."""
    with suppress(NoRoomError), EmbeddedBroker.open(folder) as broker:
        names = [topic.name for topic in broker.topics.list()]
        if "other" in names:
            if chance.random() < 0.3:
                broker.topics.delete("other")
            else:
                broker.log.append("other", record_batch([chance.randbytes(chance.choice((10, PART)))]))
        else:
            broker.topics.create("other")


def check(folder: Path, producers: list[Producer]) -> int:
    """All that was acknowledged is there; with room, or once a topic is deleted, the log goes on."""
    with EmbeddedBroker.open(folder) as broker:
        assert not broker.damage
        values = read_all(broker, "a")
        check_log(values, producers)
        for topic in broker.topics.list():
            if topic.name == "other":
                broker.topics.delete("other")
        if len(values) and not fits(broker):
            broker.log.trim("a", 0, len(values) - 1)
        wait_until(lambda: fits(broker))
    return len(values)


def fits(broker: EmbeddedBroker) -> bool:
    try:
        broker.log.append("a", record_batch([b"goes on"]))
    except NoRoomError:
        return False
    except BrokerError as error:
        raise AssertionError(f"there is room, and yet: {error.message}") from error
    return True
