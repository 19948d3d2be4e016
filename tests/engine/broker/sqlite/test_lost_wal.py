"""Damage to the write-ahead log of a process that was killed: what is lost is named, and stays lost."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.errors import DamagedBatchError, ForeignLogError
from engine.records.batch import record_batch
from tests.engine.broker.sqlite import broker_process
from tests.reading import read
from tests.waiting import PATIENCE

WRITTEN, EACH, LATER = 1000, 40, 12
END = WRITTEN + EACH * LATER


@dataclass(frozen=True)
class Logs:
    """Two logs, each with records in log.db, and others that are only in log.db-wal."""

    own: Path
    earlier: Path
    """The same log, when it had fewer records."""
    other: Path


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Logs:
    root = tmp_path_factory.mktemp("logs")
    found = Logs(root / "own", root / "earlier", root / "other")
    for folder in (found.own, found.other):
        with EmbeddedBroker.open(folder) as broker:
            broker.topics.create("a")
            for start in range(0, WRITTEN, EACH):
                broker.log.append("a", values(folder.name, start, start + EACH))
        assert not (folder / "log.db-wal").exists()
        shutil.copy(folder / "log.commits", root / f"{folder.name}.commits")
        produce_and_die(folder, 5)
        if folder == found.own:
            shutil.copytree(folder, found.earlier)
        produce_and_die(folder, LATER - 5)
    return found


def produce_and_die(folder: Path, appends: int) -> None:
    script = [sys.executable, broker_process.__file__]
    died = subprocess.run(
        [*script, "die", folder, "a", folder.name, f"{appends}", f"{EACH}"], timeout=PATIENCE
    )
    assert died.returncode == -9


def values(name: str, start: int, stop: int):  # type: ignore[no-untyped-def]
    return record_batch([b"%s %d" % (name.encode(), offset) for offset in range(start, stop)])


Attack = Callable[[Path, Logs], None]


def replace_wal(folder: Path, logs: Logs) -> None:
    shutil.copy(logs.other / "log.db-wal", folder)


def replace_both(folder: Path, logs: Logs) -> None:
    shutil.copy(logs.other / "log.db-wal", folder)
    shutil.copy(logs.other / "log.db", folder)


def restore_earlier(folder: Path, logs: Logs) -> None:
    shutil.copy(logs.earlier / "log.db-wal", folder)


def delete(folder: Path, logs: Logs) -> None:
    (folder / "log.db-wal").unlink()


def cut(share: float) -> Attack:
    def attack(folder: Path, logs: Logs) -> None:
        wal = folder / "log.db-wal"
        wal.write_bytes(wal.read_bytes()[: int(wal.stat().st_size * share)])

    return attack


def flip(share: float) -> Attack:
    def attack(folder: Path, logs: Logs) -> None:
        wal = folder / "log.db-wal"
        data = bytearray(wal.read_bytes())
        data[int(len(data) * share)] ^= 0x10
        wal.write_bytes(data)

    return attack


def zero(folder: Path, logs: Logs) -> None:
    wal = folder / "log.db-wal"
    data = bytearray(wal.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 4096] = bytes(4096)
    wal.write_bytes(data)


SHARES = (0, 0.2, 0.4, 0.6, 0.8, 0.999)
ATTACKS: dict[str, Attack] = {
    "another log's": replace_wal,
    "of an earlier time": restore_earlier,
    "deleted": delete,
    **{f"cut at {share}": cut(share) for share in SHARES},
    **{f"flipped at {share}": flip(share) for share in SHARES},
    "zeros": zero,
}


@pytest.fixture
def folder(logs: Logs, tmp_path: Path) -> Path:
    return Path(shutil.copytree(logs.own, tmp_path / "data"))


def test_without_damage_nothing_is_missing(folder: Path) -> None:
    with EmbeddedBroker.open(folder) as broker:
        assert not broker.damage
        assert read_all(broker) == ([*range(END)], [])


def test_a_mark_that_is_behind_costs_nothing(folder: Path, logs: Logs) -> None:
    # As if the process had been killed between its first commit and the mark of that.
    shutil.copy(logs.own.with_name("own.commits"), folder / "log.commits")
    with EmbeddedBroker.open(folder) as broker:
        assert not broker.damage
        assert read_all(broker) == ([*range(END)], [])
    assert not [*folder.glob("log.db-wal.*")]


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_damage_is_named_and_no_offset_given_out_twice(attack: Attack, folder: Path, logs: Logs) -> None:
    attack(folder, logs)
    with EmbeddedBroker.open(folder) as broker:
        found, missing = read_all(broker)
        assert [(one.stop, one.what) for one in missing] == [(END, "missing")]
        start = missing[0].start
        assert WRITTEN <= start < END
        assert found == [*range(start)]
        assert f"records {start} to {END - 1} of topic 'a', partition 0, are missing" in broker.damage[-1]
        assert broker.log.offsets("a")[0].end == END
        assert broker.log.append("a", record_batch([b"own %d" % END])).first == END
    with EmbeddedBroker.open(folder) as broker:
        assert not broker.damage
        found, missing = read_all(broker)
        assert found == [*range(start), END]
        assert [(one.start, one.stop) for one in missing] == [(start, END)]


def test_another_logs_wal_is_kept_and_not_used(folder: Path, logs: Logs) -> None:
    replace_wal(folder, logs)
    with EmbeddedBroker.open(folder) as broker:
        assert "is not of this log" in broker.damage[0]
    (kept,) = folder.glob("log.db-wal.*")
    assert kept.read_bytes() == (logs.other / "log.db-wal").read_bytes()


def test_another_log_as_a_whole_is_refused(folder: Path, logs: Logs) -> None:
    replace_both(folder, logs)
    for _ in range(2):
        with pytest.raises(ForeignLogError, match="records 0 to 1479 of topic 'a', partition 0, are missing"):
            EmbeddedBroker.open(folder)


def read_all(broker: EmbeddedBroker) -> tuple[list[int], list[DamagedBatchError]]:
    """The offsets of the records, each of which has the value that was written there; and what is damaged."""
    offset, found, damaged = 0, list[int](), list[DamagedBatchError]()
    while offset < broker.log.offsets("a")[0].end:
        try:
            batch = read(broker, "a", 0, offset)
        except DamagedBatchError as error:
            damaged.append(error)
            offset = error.stop
        else:
            assert batch.records.column("value").to_pylist() == [b"own %d" % n for n in batch.offsets]
            found += batch.offsets
            offset = batch.next_offset
    return found, damaged
