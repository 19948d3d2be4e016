import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from engine.broker.sqlite import database, file_identity
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.errors import BrokerError
from engine.file_lock import FileLock
from engine.records.batch import record_batch
from tests.reading import read, wait

SCRIPT = Path(__file__).with_name("broker_process.py")


def refused(folder: Path) -> BrokerError:
    with pytest.raises(BrokerError) as raised:
        EmbeddedBroker.open(folder)
    return raised.value


def made(folder: Path) -> Path:
    """A folder with a log in it; the database file."""
    EmbeddedBroker.open(folder).close()
    return folder / "log.db"


def change(database: Path, sql: str) -> None:
    connection = sqlite3.connect(database)
    connection.executescript(sql)
    connection.close()


def test_folders_are_created(tmp_path: Path) -> None:
    folder = tmp_path / "a b%20?#ä" / "c"
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a")
        assert broker.folder == folder
    assert (folder / "log.db").is_file()


def test_the_settings_of_the_file(folder: Path) -> None:
    connection = sqlite3.connect(made(folder))
    pragmas = ("journal_mode", "page_size", "auto_vacuum", "user_version")
    assert [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas] == ["wal", 16384, 2, 2]
    connection.close()


@pytest.mark.parametrize("below", ["", "data", "deeper/data"])
def test_a_file_in_place_of_the_folder(tmp_path: Path, below: str) -> None:
    file = tmp_path / "file"
    file.write_text("text")
    error = refused(file / below)
    assert str(file) in error.message
    assert "file" in error.message
    assert error.code == "data-folder"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(0o500)
    for folder in (closed, closed / "data"):
        error = refused(folder)
        assert "Permission denied" in error.message
        assert error.code == "data-folder"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no /proc here")
def test_a_folder_where_nothing_can_be_created() -> None:
    assert "/proc/fluvio" in refused(Path("/proc/fluvio/data")).message


@pytest.mark.parametrize(
    "content", [b"not a database at all, " * 100, b"\x00" * 4096, b"SQLite format 3\x00 torn"]
)
def test_a_file_that_is_no_database_is_refused_and_kept(folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / "log.db").write_bytes(content)
    error = refused(folder)
    assert str(folder) in error.message
    assert (folder / "log.db").read_bytes() == content


def test_a_folder_in_place_of_the_database(folder: Path) -> None:
    (folder / "log.db").mkdir(parents=True)
    assert "cannot open the log" in refused(folder).message


def test_someone_elses_database_is_refused_and_kept(folder: Path) -> None:
    folder.mkdir()
    change(folder / "log.db", "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);")
    before = (folder / "log.db").read_bytes()
    error = refused(folder)
    assert "is not a log of fluvio-tui" in error.message
    assert error.code == "data-folder"
    assert (folder / "log.db").read_bytes() == before


@pytest.mark.parametrize("version", [3, 1000, 0])
def test_a_log_of_another_version_is_refused(folder: Path, version: int) -> None:
    change(made(folder), f"PRAGMA user_version = {version}")
    error = refused(folder)
    assert f"format {version}; this one reads formats 1 and 2" in error.message
    assert error.remedy


def test_a_topic_with_other_columns_is_refused(folder: Path) -> None:
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a")
    change(folder / "log.db", "UPDATE topics SET schema = x'00'")
    with (
        EmbeddedBroker.open(folder) as broker,
        pytest.raises(BrokerError, match="'a' holds records with columns"),
    ):
        read(broker, "a", 0, 0)


def test_an_interrupted_creation_is_finished(folder: Path) -> None:
    folder.mkdir()
    change(folder / "log.db", "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;")
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a")


def test_an_append_to_a_folder_that_was_removed_fails(folder: Path) -> None:
    broker = EmbeddedBroker.open(folder)
    broker.topics.create("a")
    broker.log.append("a", record_batch([b"a"]))
    for file in folder.iterdir():
        file.unlink()
    with pytest.raises(BrokerError, match="removed or replaced"):
        broker.log.append("a", record_batch([b"b"]))
    with EmbeddedBroker.open(folder) as other:  # another log in its place
        other.topics.create("a")
        with pytest.raises(BrokerError, match="removed or replaced"):
            broker.log.append("a", record_batch([b"b"]))
        assert other.log.offsets("a")[0].end == 0
        broker.close()


@pytest.mark.parametrize("replaced", [False, True])
def test_who_reads_a_log_that_was_removed_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, replaced: bool
) -> None:
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a")
        broker.log.append("a", record_batch([b"a"]))
        assert len(read(broker, "a", 0, 0)) == 1
        folder.rename(folder.with_name("away"))
        if replaced:
            made(folder)
        monkeypatch.setattr(file_identity, "LOOK_SECONDS", 0.1)
        with pytest.raises(BrokerError, match="removed or replaced"):
            while True:
                assert not wait(broker, "a", {0: 1}, 0.05)
        with pytest.raises(BrokerError, match="removed or replaced"):
            broker.log.offsets("a")[0]


def test_several_brokers_of_one_process_share_a_folder(folder: Path) -> None:
    with EmbeddedBroker.open(folder) as one, EmbeddedBroker.open(folder) as other:
        one.topics.create("a")
        assert one.log.append("a", record_batch([b"1"])).first == 0
        assert other.log.append("a", record_batch([b"2"])).first == 1
        one.close()
        assert other.log.append("a", record_batch([b"3"])).first == 2
        assert len(read(other, "a", 0, 0)) == 3


def test_processes_create_one_folder_together(folder: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, SCRIPT, "create", folder, f"topic-{number}"]) for number in range(4)
    ]
    assert [process.wait(60) for process in started] == [0, 0, 0, 0]
    with EmbeddedBroker.open(folder) as broker:
        assert [topic.name for topic in broker.topics.list()] == [f"topic-{number}" for number in range(4)]


def test_a_stopped_process_that_holds_the_lock_keeps_nobody_from_reading_or_quitting(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a")
        broker.log.append("a", record_batch([b"a"]))
        stopped = FileLock(folder / "log.lock")
        with stopped:
            assert len(read(broker, "a", 0, 0)) == 1
            monkeypatch.setattr(database, "OPEN_SECONDS", 0.1)
            error = refused(folder)
            assert "locked" in error.message
            assert "Ctrl-Z" in error.remedy
            broker.close()
        stopped.close()
    with EmbeddedBroker.open(folder) as broker:
        assert len(read(broker, "a", 0, 0)) == 1


@pytest.mark.parametrize("limit", [0, -1, 1 << 30])
def test_limits_that_cannot_be(folder: Path, limit: int) -> None:
    with pytest.raises(ValueError, match="max_record_bytes"):
        EmbeddedBroker.open(folder, max_record_bytes=limit)
