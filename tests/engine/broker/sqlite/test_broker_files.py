import json
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.database import WAL_LIMIT, Database
from engine.records.batch import record_batch
from tests.reading import read

SCRIPT = Path(__file__).with_name("broker_process.py")


def test_nothing_but_sqlite_opens_the_database(folder: Path) -> None:
    # Closing any other descriptor of it would drop the locks that SQLite has on it.
    # It has none on the write-ahead log.
    done = subprocess.run([sys.executable, SCRIPT, "audit", folder, "a"], capture_output=True, check=True)
    opened = {Path(path).name for path in json.loads(done.stdout)}
    assert "log.lock" in opened  # else nothing was seen at all
    assert not {"log.db", "log.db-shm"} & opened


@pytest.mark.parametrize("durable", [True, False])
def test_the_settings_of_every_connection(folder: Path, durable: bool) -> None:
    database = Database(folder, durable)
    EmbeddedBroker.open(folder, durable=durable).close()
    for open_one, query_only in (
        (partial(database.open_or_create, b""), 0),
        (database.connect, 0),
        (database.connect_reader, 1),
    ):
        with closing(open_one()) as connection:
            settings = {
                "synchronous": 2 if durable else 1,
                "secure_delete": 0,
                "busy_timeout": 5000,
                "wal_autocheckpoint": 0,
                "journal_size_limit": WAL_LIMIT,
                "query_only": query_only,
            }
            found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in settings}
            assert found == settings
            assert connection.isolation_level is None


def test_a_trickle_takes_little_room_and_is_read_in_few_batches(folder: Path) -> None:
    with EmbeddedBroker.open(folder, durable=False) as broker:
        broker.topics.create("a")
        for number in range(1500):
            broker.log.append("a", record_batch([b"%d" % number]))
        first = read(broker, "a", 0, 0)
        rest = read(broker, "a", 0, first.next_offset)
    assert len(first) > 1000
    values = [*first.records.column("value").to_pylist(), *rest.records.column("value").to_pylist()]
    assert values == [b"%d" % number for number in range(1500)]
    assert (folder / "log.db").stat().st_size < 1500 * 500


@pytest.mark.parametrize(
    ("records", "size", "rows"),
    [(10_000, 100, [5_000] * 2), (20_000, 1, [10_000] * 2), (3, 600_000, [1] * 3), (9, 300_000, [3] * 3)],
)
def test_a_large_append_is_cut_in_rows_of_one_size(
    folder: Path, records: int, size: int, rows: list[int]
) -> None:
    values = [(b"%x" % number * size)[:size] for number in range(records)]
    with EmbeddedBroker.open(folder, durable=False) as broker:
        broker.topics.create("a")
        broker.log.append("a", record_batch(values))
        with closing(Database(folder).connect_reader()) as connection:
            found = connection.execute("SELECT count FROM batches_1_0 ORDER BY base").fetchall()
        assert [count for (count,) in found] == rows
        found_values: list[bytes | None] = []
        while len(found_values) < records:
            found_values += read(broker, "a", 0, len(found_values)).records.column("value").to_pylist()
    assert found_values == values
