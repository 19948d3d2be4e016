import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.tables.codec import DamagedPayloadError, decode, encode
from engine.errors import BrokerError, DamagedBatchError
from engine.records.batch import record_batch
from tests.engine.broker.sqlite.fuzzed_batches import forged, row_of
from tests.fuzzing import Rounds, fuzz
from tests.reading import read

BATCHES, EACH = 9, 5


@pytest.fixture
def filled(folder: Path) -> Path:
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a", 2)
        for number in range(BATCHES):
            broker.log.append("a", record_batch([b"%d %d" % (number, index) for index in range(EACH)]), 1)
    return folder


def change(folder: Path, sql: str, *values: object) -> None:
    connection = sqlite3.connect(folder / "log.db")
    with connection:
        connection.execute(f"UPDATE batches_1_1 SET {sql}", values)
    connection.close()


DAMAGE = {
    "payload changed": "payload = CAST(substr(payload, 1, 60) || x'00ff00' || substr(payload, 64) AS BLOB)",
    "payload cut": "payload = substr(payload, 1, 100)",
    "payload empty": "payload = x''",
    "payload of another type": "payload = 'text'",
    "checksum changed": "crc32 = crc32 + 1",
    "checksum of another type": "crc32 = 'text'",
    "length huge": "raw_length = 1 << 62",
    "length of another type": "raw_length = 'text'",
    "codec unknown": "codec = 'zstd'",
    "codec of another type": "codec = 5",
    "timestamp changed": "greatest_timestamp = 5",
    "count smaller": "count = 2",
    "count greater": "count = 50",
}


@pytest.mark.parametrize("sql", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_named_and_the_rest_is_read(filled: Path, sql: str) -> None:
    damaged = range(4 * EACH, 5 * EACH)
    change(filled, f"{sql} WHERE base = {damaged.start}")
    found: list[bytes] = []
    with EmbeddedBroker.open(filled) as broker:
        for inside in damaged:
            with pytest.raises(DamagedBatchError):
                read(broker, "a", 1, inside)
        offset = 0
        while offset < BATCHES * EACH:
            try:
                batch = read(broker, "a", 1, offset)
            except DamagedBatchError as error:
                assert (error.topic, error.partition, error.start, error.stop) == (
                    "a",
                    1,
                    damaged.start,
                    damaged.stop,
                )
                assert "20 to 24 of topic 'a', partition 1" in error.message
                offset = error.stop
            else:
                assert len(batch)
                found += batch.records.column("value").to_pylist()
                offset = batch.next_offset
        assert broker.log.append("a", record_batch([b"more"]), 1).first == BATCHES * EACH
    assert found == [b"%d %d" % (n, i) for n in range(BATCHES) if n != 4 for i in range(EACH)]


def test_a_batch_of_another_partition_or_offset_is_damage(filled: Path) -> None:
    columns = "count, first_timestamp, greatest_timestamp, position, codec, raw_length, crc32, payload"
    with closing(sqlite3.connect(filled / "log.db")) as connection, connection:
        connection.execute(f"INSERT INTO batches_1_0 SELECT base, {columns} FROM batches_1_1 WHERE base = 0")
        connection.execute("UPDATE batches_1_1 SET base = 100 WHERE base = 40")
    with EmbeddedBroker.open(filled) as broker:
        with pytest.raises(DamagedBatchError, match="0 to 4 of topic 'a', partition 0"):
            read(broker, "a", 0, 0)
        with pytest.raises(DamagedBatchError, match="100 to 104 of topic 'a', partition 1"):
            read(broker, "a", 1, 102)


def test_a_batch_of_another_log_is_damage(filled: Path, tmp_path: Path) -> None:
    with EmbeddedBroker.open(tmp_path / "other") as broker:
        broker.topics.create("a", 2)
        broker.log.append("a", record_batch([b"%d" % index for index in range(EACH)]), 1)
    with closing(sqlite3.connect(filled / "log.db")) as connection:
        connection.execute("ATTACH ? AS other", (f"{tmp_path / 'other' / 'log.db'}",))
        with connection:
            connection.execute("REPLACE INTO batches_1_1 SELECT * FROM other.batches_1_1")
    with (
        EmbeddedBroker.open(filled) as broker,
        pytest.raises(DamagedBatchError, match="0 to 4 of topic 'a', partition 1"),
    ):
        read(broker, "a", 1, 0)


def test_a_time_in_a_damaged_batch_is_where_that_begins(folder: Path) -> None:
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a", 2)
        for stamp in range(3):
            broker.log.append("a", record_batch([b""] * 5, timestamps=stamp), 1)
    change(folder, "payload = x'' WHERE base = 5")
    with EmbeddedBroker.open(folder) as broker:
        assert [broker.log.offset_at("a", stamp, {1: 0})[1] for stamp in (0, 1, 2, 3)] == [0, 5, 10, 15]


STRANGE = ("NULL", "''", "'text'", "CAST(x'fffe' AS TEXT)", "x''", "-1", "1 << 62", "1e300")


@pytest.mark.parametrize(
    "column",
    [
        "log SET id",
        *(
            f"topics SET {column}"
            for column in ("name", "partitions", "created", "codec", "retention_ms", "schema")
        ),
        "sqlite_sequence SET seq",
        "batches_1_1 SET count",
        "batches_1_1 SET codec",
    ],
)
def test_columns_of_any_type_are_damage(filled: Path, tmp_path: Path, column: str) -> None:
    for number, value in enumerate(STRANGE):
        folder = Path(shutil.copytree(filled, tmp_path / f"{number}"))
        database = sqlite3.connect(folder / "log.db", isolation_level=None)
        with closing(database), suppress(sqlite3.IntegrityError):
            database.execute(f"UPDATE {column} = {value}")
        with suppress(BrokerError), EmbeddedBroker.open(folder, durable=False) as broker:
            for topic in broker.topics.list():
                broker.topics.describe(topic.name)
                with suppress(BrokerError):
                    read(broker, topic.name, 1, 0)
                broker.log.append(topic.name, record_batch([b"new"]), 1)


def test_the_id_of_a_log_is_put_back(filled: Path) -> None:
    with closing(sqlite3.connect(filled / "log.db", isolation_level=None)) as database:
        database.execute("UPDATE log SET id = x''")
    with EmbeddedBroker.open(filled) as broker:
        assert not broker.damage
        assert [*broker.log.check("a")] == []
        assert len(read(broker, "a", 1, 0)) == BATCHES * EACH


def test_batches_changed_at_random_never_crash() -> None:
    fates = fuzz("tests.engine.broker.sqlite.fuzzed_batches", ["batches"], Rounds(count=6_000, seconds=90))
    assert fates["batches: refused"] > 3_000, fates
    assert fates["batches: read"] > 60, fates


def test_logs_changed_at_random_are_named_refused_or_whole() -> None:
    names = ("wal", "columns", "mark")
    fates = fuzz("tests.engine.broker.sqlite.fuzzed_logs", names, Rounds(count=60, seconds=60))
    assert fates["wal: noticed"] > 5, fates


def test_a_message_that_ends_at_once_is_damage() -> None:
    row = row_of(encode(record_batch([b"a"]), "none"))
    for message in (b"", bytes(8), b"\xff\xff\xff\xff" + bytes(4)):
        with pytest.raises(DamagedPayloadError):
            decode(forged(replace(row, payload=message)))


def test_a_message_that_would_fill_the_memory_is_refused() -> None:
    bomb = encode(record_batch([bytes(10 << 20)]), "lz4")
    assert len(bomb.data) < 50_000
    row = row_of(bomb)
    assert decode(row).num_rows == 1
    with pytest.raises(DamagedPayloadError, match="cannot be"):
        decode(forged(replace(row, raw_length=1 << 40)))
