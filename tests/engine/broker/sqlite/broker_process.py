"""What the tests run in processes of their own: `python broker_process.py WHAT FOLDER TOPIC …`."""

import itertools
import json
import os
import random
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4]))

from engine.broker.sqlite import maintenance
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.topics import TopicOptions
from engine.errors import NoRoomError
from engine.records.batch import record_batch
from tests.reading import read, wait


def say(text: str) -> None:
    """One line to the parent, in one write, so that a kill leaves no half of it."""
    os.write(1, f"{text}\n".encode())


def produce(folder: str, topic: str, name: str, seconds: str, size: str) -> None:
    """Append small batches for so long; say offset, number and seconds of each once acknowledged."""
    with EmbeddedBroker.open(Path(folder)) as broker:
        say("ready")
        sys.stdin.readline()
        end = time.monotonic() + float(seconds)
        for number in itertools.count():
            values = [f"{name}:{number}:{index}".encode().ljust(int(size)) for index in range(1 + number % 3)]
            began = time.monotonic()
            if began >= end:
                break
            while (offset := appended(broker, topic, values)) is None:
                time.sleep(0.01)
            say(f"{offset} {number} {time.monotonic() - began:.4f}")


def appended(broker: EmbeddedBroker, topic: str, values: list[bytes]) -> int | None:
    """The first offset; None if there is no room."""
    try:
        return broker.log.append(topic, record_batch(values)).first
    except NoRoomError:
        return None


def stamp(folder: str, topic: str, count: str) -> None:
    """Append one record for each line of standard input; its value is the clock of just before."""
    with EmbeddedBroker.open(Path(folder)) as broker:
        say("ready")
        for _ in range(int(count)):
            sys.stdin.readline()
            broker.log.append(topic, record_batch([str(time.monotonic_ns()).encode()]))


def die(folder: str, topic: str, name: str, appends: str, each: str) -> None:
    """Append so many batches, all acknowledged, and be killed."""
    broker = EmbeddedBroker.open(Path(folder))
    for _ in range(int(appends)):
        end = broker.log.offsets(topic)[0].end
        broker.log.append(
            topic, record_batch([b"%s %d" % (name.encode(), end + n) for n in range(int(each))])
        )
    os.kill(os.getpid(), signal.SIGKILL)


def create(folder: str, topic: str) -> None:
    """Open the folder, new perhaps, and create a topic."""
    with EmbeddedBroker.open(Path(folder)) as broker:
        broker.topics.create(topic)


def fill(folder: str, topic: str) -> None:
    """Make every file that a log can have, say ready, and keep them open until standard input ends."""
    maintenance.PERIOD_SECONDS = 0.01
    with EmbeddedBroker.open(Path(folder)) as broker:
        broker.topics.create(topic)
        broker.log.append(topic, record_batch([b"x"]))
        while not (Path(folder) / "log.ballast").exists():
            time.sleep(0.01)
        with broker.consumers.claim("named", topic):
            say("ready")
            sys.stdin.read()


def overfill(folder: str, topic: str) -> None:
    """Append until the disk is full, say each offset once acknowledged, and end by a kill."""
    noise = random.Random(5).randbytes(500_000)
    with EmbeddedBroker.open(Path(folder)) as broker:
        with suppress(NoRoomError):
            while True:
                say(f"{broker.log.append(topic, record_batch([noise])).first}")
        os.kill(os.getpid(), signal.SIGKILL)


def audit(folder: str, topic: str) -> None:
    """Do all that a broker does, and say as JSON which files Python opened for it."""
    opened: set[str] = set()

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event != "open" or (isinstance(arguments[2], int) and arguments[2] & os.O_EXCL):
            return  # no connection has a file open that is only being created
        if isinstance(arguments[0], str | bytes):
            opened.add(os.fsdecode(arguments[0]))
        elif isinstance(arguments[0], os.PathLike):
            opened.add(os.fspath(arguments[0]))

    sys.addaudithook(note)
    maintenance.PERIOD_SECONDS = 0.01
    with EmbeddedBroker.open(Path(folder)) as broker, EmbeddedBroker.open(Path(folder)) as other:
        broker.topics.create(topic, options=TopicOptions(retention_bytes=1000, retention_ms=1))
        broker.topics.create("other")
        for number in range(12):  # enough for a checkpoint
            broker.log.append(topic, record_batch([random.Random(number).randbytes(1 << 20)]))
        while broker.log.offsets(topic)[0].start < 11 or not (Path(folder) / "log.ballast").exists():
            time.sleep(0.01)
        assert wait(other, topic, {0: 0}, 0)
        read(other, topic, 0, 0)
        other.log.trim(topic, 0, 5)
        other.topics.delete(topic)
        other.topics.list()
    say(json.dumps(sorted(opened)))


def main() -> None:
    commands = (produce, stamp, create, die, fill, overfill, audit)
    {command.__name__: command for command in commands}[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
