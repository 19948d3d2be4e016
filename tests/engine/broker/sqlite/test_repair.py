import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.repair import repair
from engine.broker.topics import TopicOptions
from engine.errors import CorruptLogError, ForeignLogError
from engine.records.batch import record_batch

EACH, BATCHES = 5, 8
END = EACH * BATCHES


@pytest.fixture
def filled(folder: Path) -> Path:
    fill(folder)
    return folder


def fill(folder: Path) -> None:
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a", 2)
        broker.topics.create("b")
        for number in range(BATCHES):
            broker.log.append("a", record_batch([b"%d" % (number * EACH + n) for n in range(EACH)]), 1)


def change(folder: Path, sql: str) -> None:
    with closing(sqlite3.connect(folder / "log.db")) as connection, connection:
        connection.execute(sql)


def damage(broker: EmbeddedBroker) -> list[tuple[int, int, int, str]]:
    return [(one.partition, one.start, one.stop, one.what) for one in broker.log.check("a")]


DAMAGE: dict[str, tuple[str, range, str]] = {
    "first": ("UPDATE batches_1_1 SET crc32 = 1 WHERE base = 0", range(5), "damaged"),
    "middle": ("UPDATE batches_1_1 SET payload = x'00' WHERE base = 15", range(15, 20), "damaged"),
    "last": ("UPDATE batches_1_1 SET first_timestamp = 1 WHERE base = 35", range(35, 40), "damaged"),
    "rows gone": ("DELETE FROM batches_1_1 WHERE base IN (10, 15)", range(10, 20), "missing"),
    "last rows gone": ("DELETE FROM batches_1_1 WHERE base >= 30", range(30, 40), "missing"),
}


@pytest.mark.parametrize(("sql", "bad", "what"), DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_found_and_given_up(filled: Path, sql: str, bad: range, what: str) -> None:
    change(filled, sql)
    before = (filled / "log.db").read_bytes()
    done = repair(filled)
    assert [(one.start, one.stop, one.what) for one in done.removed] == [(bad.start, bad.stop, what)]
    assert (done.copy / "log.db").read_bytes() == before
    with EmbeddedBroker.open(filled) as broker:
        assert not broker.damage
        assert damage(broker) == []
        found, lost = [], 0
        with broker.log.open(broker.topics.get("a"), {1: 0}) as reader:
            while (batch := reader.read(0)) is not None:
                lost += batch.lost
                found += batch.offsets
                assert batch.records.column("value").to_pylist() == [b"%d" % n for n in batch.offsets]
        assert found == [n for n in range(END) if n not in bad]
        assert lost == len(bad)
        assert broker.log.append("a", record_batch([b"more"]), 1).first == END


def test_what_a_damaged_row_hides_is_given_up_with_it(filled: Path) -> None:
    with EmbeddedBroker.open(filled) as broker:
        before = broker.log.append("a", record_batch([b"%d" % n for n in range(3)]), 1)
    change(filled, f"UPDATE batches_1_1 SET count = 1e300 WHERE base = {before.first}")
    done = repair(filled)
    assert sum(one.stop - one.start for one in done.removed) == 3
    with EmbeddedBroker.open(filled) as broker:
        assert not broker.damage
        assert damage(broker) == []
        assert broker.log.append("a", record_batch([b"more"]), 1).first == END + 3


def test_check_finds_all_that_is_wrong_and_changes_nothing(filled: Path) -> None:
    change(filled, DAMAGE["middle"][0])
    change(filled, "DELETE FROM batches_1_1 WHERE base IN (5, 25)")
    change(filled, DAMAGE["last"][0])
    for _ in range(2):
        with EmbeddedBroker.open(filled) as broker:
            assert damage(broker) == [
                (1, 5, 10, "missing"),
                (1, 15, 20, "damaged"),
                (1, 25, 30, "missing"),
                (1, 35, 40, "damaged"),
            ]
            assert [*broker.log.check("b")] == []


def test_a_gap_between_rows_moves_no_offset(filled: Path) -> None:
    change(filled, "DELETE FROM batches_1_1 WHERE base IN (10, 15)")
    with EmbeddedBroker.open(filled) as broker:
        batch = broker.log.page("a", 1, END, END)
        assert batch.records.column("value").to_pylist() == [b"%d" % n for n in batch.offsets]
        assert [*batch.offsets] == [*range(10), *range(20, END)]


def test_another_log_is_accepted(filled: Path, tmp_path: Path) -> None:
    fill(tmp_path / "other")
    (filled / "log.db").write_bytes((tmp_path / "other" / "log.db").read_bytes())
    with pytest.raises(ForeignLogError):
        EmbeddedBroker.open(filled)
    done = repair(filled)
    assert "records 0 to 39 of topic 'a', partition 1, are missing" in done.notes[0]
    with EmbeddedBroker.open(filled) as broker:
        assert not broker.damage
        assert broker.log.append("a", record_batch([b"more"]), 1).first == END


def lost_topic(folder: Path) -> None:
    """As if the write-ahead log with everything in it had been lost."""
    for table in ("batches_2_0", "batches_1_1", "batches_1_0"):
        change(folder, f"DROP TABLE {table}")
    change(folder, "DELETE FROM topics")
    change(folder, "DELETE FROM sqlite_sequence")


def test_a_topic_whose_creation_was_lost_is_there_again(filled: Path) -> None:
    lost_topic(filled)
    with EmbeddedBroker.open(filled) as broker:
        assert "records 0 to 39 of topic 'a', partition 1, are missing" in broker.damage[0]
        assert [topic.name for topic in broker.topics.list()] == ["a", "b"]
        assert {p: held.end for p, held in broker.log.offsets("a").items()} == {0: 0, 1: END}
        assert broker.log.append("a", record_batch([b"more"]), 1).first == END
        assert int(broker.topics.create("c").id) == 3


@pytest.mark.parametrize("again", [False, True])
def test_a_deletion_that_was_lost_is_done_again(filled: Path, again: bool) -> None:
    before = (filled / "log.db").read_bytes()
    with EmbeddedBroker.open(filled) as broker:
        broker.topics.delete("a")
        if again:
            broker.topics.create("a")
            broker.log.append("a", record_batch([b"new"]))
    (filled / "log.db").write_bytes(before)
    with EmbeddedBroker.open(filled) as broker:
        assert [topic.name for topic in broker.topics.list()] == (["a", "b"] if again else ["b"])
        if again:
            assert broker.log.append("a", record_batch([b"next"])).first == 1


def cut_head(path: Path) -> None:
    path.write_bytes(b"\n" * 20 + path.read_bytes()[20:])


def flip_entry(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[600] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("attack", [Path.unlink, cut_head, flip_entry], ids=["deleted", "head", "entry"])
def test_a_mark_that_is_damaged_is_named_once_and_made_again(
    filled: Path, attack: Callable[[Path], None]
) -> None:
    attack(filled / "log.commits")
    with EmbeddedBroker.open(filled) as broker:
        assert len(broker.damage) == 1
        assert "log.commits is missing or damaged" in broker.damage[0]
        assert broker.log.append("a", record_batch([b"more"]), 1).first == END
    change(filled, f"DELETE FROM batches_1_1 WHERE base = {END}")
    with EmbeddedBroker.open(filled) as broker:
        assert f"records {END} to {END} of topic 'a', partition 1, are missing" in broker.damage[0]


def test_an_entry_of_a_deleted_topic_is_used_again(filled: Path) -> None:
    with EmbeddedBroker.open(filled) as broker:
        size = (filled / "log.commits").stat().st_size
        for _ in range(5):
            broker.topics.delete("a")
            broker.topics.create("a", 2)
        assert (filled / "log.commits").stat().st_size <= size + 2 * 512


def test_processes_mark_the_ends_of_each_others_topics(folder: Path) -> None:
    with EmbeddedBroker.open(folder) as one, EmbeddedBroker.open(folder) as other:
        for number in range(4):
            one.topics.create(f"{number}")
            other.log.append(f"{number}", record_batch([b"x"]))
            one.log.append(f"{number}", record_batch([b"x"]))
            if number == 1:
                other.topics.delete("0")
    for number in (1, 2, 3):
        change(folder, f"DELETE FROM batches_{number + 1}_0 WHERE base = 1")
    with EmbeddedBroker.open(folder) as broker:
        for number in (1, 2, 3):
            assert f"records 1 to 1 of topic '{number}', partition 0, are missing" in broker.damage[0]


@pytest.mark.parametrize("table", ["a leaf of", "the root of"])
def test_what_can_be_read_of_a_corrupt_database_is_saved(folder: Path, table: str) -> None:
    noise = random.Random(5)
    values = [noise.randbytes(3000) for _ in range(200)]
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a", options=TopicOptions(retention_ms=10**12))
        broker.topics.create("b")
        for value in values:
            broker.log.append("a", record_batch([value]))
        broker.log.append("b", record_batch([b"untouched"]))
    with closing(sqlite3.connect(folder / "log.db")) as connection:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = 'batches_1_0'"
        (page,) = connection.execute(query).fetchone()
    data = bytearray((folder / "log.db").read_bytes())
    if table == "a leaf of":
        page = data.index(values[100][:100]) // 16384 + 1
    data[(page - 1) * 16384 : page * 16384] = b"\xff" * 16384
    (folder / "log.db").write_bytes(data)
    with EmbeddedBroker.open(folder) as broker, pytest.raises(CorruptLogError):
        [*broker.log.check("a")]
    done = repair(folder)
    assert {one.topic for one in done.removed} == {"a"}
    lost = [n for one in done.removed for n in range(one.start, one.stop)]
    assert len(lost) == 200 if table == "the root of" else 100 in lost and len(lost) < 12
    assert (done.copy / "log.db").read_bytes() == data
    with EmbeddedBroker.open(folder) as broker:
        assert not broker.damage
        assert broker.topics.describe("a")[0].options.retention_ms == 10**12
        assert [*broker.log.check("a")] == [*broker.log.check("b")] == []
        with broker.log.open(broker.topics.get("a"), {0: 0}) as reader:
            while (batch := reader.read(0)) is not None:
                assert batch.records.column("value").to_pylist() == [values[n] for n in batch.offsets]
                lost += batch.offsets
        assert sorted(lost) == [*range(200)]
        assert broker.log.append("a", record_batch([b"more"])).first == 200
