import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.broker.sqlite.wal import WriteAheadLog

FRAME_BYTES = 24  # what SQLite writes before each page


@pytest.fixture(params=[4_096, 16_384, 65_536])
def page_bytes(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def database(tmp_path: Path, page_bytes: int) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {page_bytes}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("SELECT * FROM sqlite_schema").fetchall()
        yield connection


@pytest.fixture
def wal(tmp_path: Path, database: sqlite3.Connection) -> Iterator[WriteAheadLog]:
    with closing(WriteAheadLog(tmp_path / "log.db-wal")) as wal:
        yield wal


def commit(database: sqlite3.Connection, count: int = 1) -> None:
    database.execute("CREATE TABLE IF NOT EXISTS a (b)")
    for _ in range(count):
        database.execute("INSERT INTO a VALUES (zeroblob(100000))")


def write_back(database: sqlite3.Connection, mode: str) -> int:
    """Write the write-ahead log back; its pages, which SQLite tells only then."""
    _, pages, _ = database.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
    return int(pages)


def test_it_has_grown_by_what_was_committed(
    database: sqlite3.Connection, wal: WriteAheadLog, page_bytes: int
) -> None:
    assert not wal.has_grown(0)
    commit(database, 5)
    size = write_back(database, "PASSIVE") * (FRAME_BYTES + page_bytes)
    assert wal.has_grown(size - 1)
    assert not wal.has_grown(size)


def test_emptied_it_grows_again_from_nothing_though_its_file_does_not(
    database: sqlite3.Connection, wal: WriteAheadLog, tmp_path: Path
) -> None:
    commit(database, 20)
    wal.mark(write_back(database, "RESTART"))
    size = (tmp_path / "log.db-wal").stat().st_size
    assert not wal.has_grown(0)
    commit(database, 5)
    assert (tmp_path / "log.db-wal").stat().st_size == size
    assert wal.has_grown(400_000)
    assert not wal.has_grown(1_500_000)


def test_where_it_cannot_be_emptied_it_grows_from_the_mark(
    database: sqlite3.Connection, wal: WriteAheadLog, tmp_path: Path
) -> None:
    commit(database, 20)
    with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM a").fetchall()
        wal.mark(write_back(database, "PASSIVE"))
        commit(database, 5)
        assert wal.has_grown(400_000)
        assert not wal.has_grown(1_500_000)
