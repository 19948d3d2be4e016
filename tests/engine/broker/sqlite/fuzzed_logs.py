"""Log folders of a killed program, changed at random; `python -m` this runs rounds of them."""

import atexit
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.repair import repair
from engine.errors import BrokerError, DamagedBatchError
from engine.records.batch import record_batch
from tests.fuzzing import serve

TOPICS = {"a": 2, "b": 1}
"""Each with its partitions."""
NAMES = {"1": "a", "2": "b"}
WAL, DATABASE, MARK = "log.db-wal", "log.db", "log.commits"
PAGE = 4096

Change = Callable[[random.Random, bytearray], None]


def value(log: str, topic: str, partition: int, offset: int) -> bytes:
    """What the record there has in it, so that no other can take its place unseen."""
    return f"{log} {topic} {partition} {offset} ".encode() * 8


@dataclass(frozen=True)
class Image:
    """The files of a log as a killed program left them, and the end of each partition."""

    folder: Path
    ends: dict[tuple[str, int], int]


def images(root: Path, name: str) -> list[Image]:
    """A log at several times: some of it in the database, the rest in the write-ahead log."""
    found = []
    ends = {(topic, p): 0 for topic, partitions in TOPICS.items() for p in range(partitions)}
    folder = root / name
    for reopened in range(2):
        with EmbeddedBroker.open(folder, durable=False) as broker:
            for topic, partitions in TOPICS.items():
                if not reopened:
                    broker.topics.create(topic, partitions)
            for number in range(6):
                for topic, p in ends:
                    first = ends[topic, p]
                    count = 1 + 7 * number % 20
                    values = [value(name, topic, p, first + index) for index in range(count)]
                    broker.log.append(topic, record_batch(values), p)
                    ends[topic, p] = first + count
                if number % 3 == 2:
                    copy = root / f"{name} {reopened} {number}"
                    # As `kill -9` leaves it: closing would write the write-ahead log back.
                    found.append(Image(Path(shutil.copytree(folder, copy)), dict(ends)))
    return found


ROOT = Path(tempfile.mkdtemp(prefix="fuzzed-logs-"))
atexit.register(shutil.rmtree, ROOT, ignore_errors=True)
OWN, OTHER = images(ROOT, "own"), images(ROOT, "other")


def flip(chance: random.Random, data: bytearray) -> None:
    for _ in range(chance.choice((1, 1, 4, 32))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def zero(chance: random.Random, data: bytearray) -> None:
    at, length = chance.randrange(len(data)), chance.choice((1, 24, 512, PAGE))
    data[at : at + length] = bytes(len(data[at : at + length]))


def cut(chance: random.Random, data: bytearray) -> None:
    del data[chance.randrange(len(data)) :]


def add(chance: random.Random, data: bytearray) -> None:
    data += chance.randbytes(chance.choice((1, 24, PAGE)))


def move(chance: random.Random, data: bytearray) -> None:
    """A page of elsewhere in its place."""
    pages = max(len(data) // PAGE, 1)
    here, there = (PAGE * chance.randrange(pages) for _ in range(2))
    data[here : here + PAGE] = data[there : there + PAGE]


STRANGE = (
    "NULL",
    "''",
    "'{number}'",
    "'lz4'",
    "'a b'",
    "CAST(x'fffe' AS TEXT)",
    "x''",
    "zeroblob({number})",
    "-1",
    "0",
    "{number}",
    "9223372036854775807",
    "-9223372036854775808",
    "1e300",
    "0.5",
)
"""Values of SQL."""

CHANGES: tuple[Change, ...] = (flip, flip, flip, zero, zero, cut, add, move)


@dataclass
class Seen:
    """What opening and reading a log showed."""

    found: dict[tuple[str, int], set[int]] = field(default_factory=dict)
    """The offsets that were read."""
    damaged: int = 0
    """Batches whose reading was an error."""
    logs: set[str] = field(default_factory=set)
    """Those that the records are of."""
    noticed: bool = False
    """Whether anything said that records are missing or damaged."""
    appended: dict[tuple[str, int], int] = field(default_factory=dict)
    """The offset that the next record was given."""


def change_file(chance: random.Random, folder: Path, name: str) -> None:
    path = folder / name
    how = chance.random()
    if how < 0.1 or not path.exists():
        path.unlink(missing_ok=True)
    elif how < 0.3:
        taken = chance.choice((*OWN, *OTHER)).folder / name
        if taken.exists():
            shutil.copy(taken, path)
    else:
        data = bytearray(path.read_bytes())
        for _ in range(chance.choice((1, 1, 2))):
            if data:
                chance.choice(CHANGES)(chance, data)
        path.write_bytes(data)


def change_columns(chance: random.Random, folder: Path) -> None:
    """Values that no program would have written, as damage to a page may leave them."""
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as connection:
        query = "SELECT name FROM sqlite_schema WHERE type = 'table'"
        tables = [name for (name,) in connection.execute(query)]
        for _ in range(chance.choice((1, 1, 2))):
            table = chance.choice(tables)
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            strange = chance.choice(STRANGE).format(number=chance.randrange(1000))
            (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            row = f"(SELECT rowid FROM {table} LIMIT 1 OFFSET {chance.randrange(rows or 1)})"
            with suppress(sqlite3.IntegrityError):
                change = f"UPDATE {table} SET {chance.choice(columns)} = {strange} WHERE rowid = {row}"
                connection.execute(change)


def fate(chance: random.Random, names: tuple[str, ...], *, times: int = 1) -> str:
    """Change some files of a log, and use it: nothing is read that was not written there, or lost unseen."""
    image = chance.choice(OWN)
    with tempfile.TemporaryDirectory(dir=ROOT) as parent:
        folder = Path(shutil.copytree(image.folder, Path(parent) / "log"))
        if not names:
            change_columns(chance, folder)
        for _ in range(times if names else 0):
            change_file(chance, folder, chance.choice(names))
        if chance.random() < 0.3:
            return repaired(folder)
        seen = Seen()
        try:
            with EmbeddedBroker.open(folder, durable=False) as broker:
                seen.noticed = bool(broker.damage)
                read_all(broker, seen)
                append_to_all(broker, seen)
        except BrokerError:
            return "refused"
        check(image, seen, marked=names == (WAL,))
        return "noticed" if seen.noticed else "whole"


def repaired(folder: Path) -> str:
    """Repair a log: then it is read without an error, or it was refused with one."""
    seen = Seen()
    try:
        repair(folder)
    except BrokerError:
        return "not repaired"
    with EmbeddedBroker.open(folder, durable=False) as broker:
        assert not broker.damage
        damage = [one.message for topic in broker.topics.list() for one in broker.log.check(topic.name)]
        assert damage == []
        read_all(broker, seen)
        assert not seen.damaged
        try:
            append_to_all(broker, seen)
        except BrokerError:
            # A row that takes the last offset there may be leaves no room behind it.
            return "repaired, and takes no more"
    return "repaired"


def read_all(broker: EmbeddedBroker, seen: Seen) -> None:
    """Read all that there is."""
    for topic in broker.topics.list():
        for partition in range(topic.partitions):
            # By its number: the name itself may be damaged.
            place = NAMES.get(topic.id, topic.name), partition
            seen.found[place] = set()
            before = seen.damaged
            with broker.log.open(topic, {partition: 0}) as reader:
                read(reader, place, seen)
            if seen.damaged > before:
                assert [*broker.log.check(topic.name)], f"{place}: reading finds damage, and the check none"


def append_to_all(broker: EmbeddedBroker, seen: Seen) -> None:
    for topic in broker.topics.list():
        for partition in range(topic.partitions):
            place = NAMES.get(topic.id, topic.name), partition
            end = broker.log.offsets(topic.name)[partition].end
            appended = broker.log.append(topic.name, record_batch([b"new"]), partition)
            assert appended.first >= end, f"{place}: offset {appended.first} is before {end}"
            seen.appended[place] = appended.first


def read(reader, place: tuple[str, int], seen: Seen) -> None:  # type: ignore[no-untyped-def]
    while True:
        try:
            batch = reader.read(0)
        except DamagedBatchError:
            seen.noticed = True
            seen.damaged += 1
            continue
        if batch is None:
            return
        seen.noticed = seen.noticed or batch.lost > 0
        for offset, found in zip(batch.offset_array().tolist(), batch.records.column("value"), strict=True):
            log = str(found.as_py().split()[0], "ascii")
            assert found.as_py() == value(log, *place, offset), f"{place}, offset {offset}: {found}"
            seen.logs.add(log)
            assert len(seen.logs) == 1, f"{place}, offset {offset}: of another log than the records before"
            seen.found[place].add(offset)


def check(image: Image, seen: Seen, *, marked: bool) -> None:
    """What is missing was noticed; while the end mark is whole, no acknowledged offset is given out again."""
    missing = {
        place: sorted(set(range(end)) - seen.found.get(place, set())) for place, end in image.ends.items()
    }
    assert seen.noticed or not marked or not any(missing.values()), f"missing, and not noticed: {missing}"
    if marked:
        assert seen.logs <= {"own"}
        assert all(seen.appended[place] >= end for place, end in image.ends.items()), seen.appended


if __name__ == "__main__":
    serve(
        {
            "wal": lambda chance: fate(chance, (WAL,)),
            "database": lambda chance: fate(chance, (DATABASE,)),
            "columns": lambda chance: fate(chance, ()),
            "mark": lambda chance: fate(chance, (MARK,)),
            "files": lambda chance: fate(
                chance, (WAL, WAL, DATABASE, MARK, "log.db-shm", "log.lock"), times=3
            ),
        }
    )
