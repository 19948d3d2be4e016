"""A data folder that the version before nullable values wrote: see tests/fixtures/v1."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.broker.topics import OffsetRange, TopicOptions
from engine.library.modules import open_module
from engine.records.batch import record_batch
from engine.records.verdicts import Verdict
from tests.reading import read, values

DATA = Path(__file__).parents[3] / "fixtures" / "v1" / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


@pytest.fixture
def broker(folder: Path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker.open(folder, durable=False) as opened:
        yield opened


def requires_values(folder: Path, topic: str) -> bool:
    """Whether the topic's stored schema says that no value is null."""
    with closing(sqlite3.connect(folder / "log.db")) as connection:
        (stored,) = connection.execute("SELECT schema FROM topics WHERE name = ?", (topic,)).fetchone()
    return not pa.ipc.read_schema(pa.py_buffer(stored)).field("value").nullable


def test_its_topics_are_read_as_before(broker: EmbeddedBroker) -> None:
    (logs, orders) = broker.topics.describe()
    assert (logs.topic.name, logs.records, logs.options) == ("logs", 200, TopicOptions(compression="lz4"))
    assert [held.offsets for held in orders.partitions] == [OffsetRange(0, 2), OffsetRange(0, 1)]
    assert orders.options == TopicOptions(retention_ms=3650 * 86_400_000, compression="none")
    assert values(broker, "logs") == [
        b"%d %s" % (n, b"ERROR disk full" if n % 10 == 3 else b"INFO all is well") for n in range(200)
    ]
    first, second = (read(broker, "orders", 0, 0).record(index) for index in range(2))
    assert (first.key, first.value, first.timestamp) == (b"a", b"first", 1_700_000_000_000)
    assert first.headers == (("origin", b"shop"),)
    assert (second.key, second.value, second.headers) == (None, b"", ())
    assert values(broker, "orders", 1) == [b"\xff\x00"]


def test_its_topics_take_records_and_tombstones(folder: Path) -> None:
    with EmbeddedBroker.open(folder, durable=False) as broker:
        assert broker.log.append("logs", record_batch([b"more"])).first == 200
        assert requires_values(folder, "logs")
        assert broker.log.append("logs", record_batch([b"x", None], keys=[None, b"k"])).first == 201
        # from its first tombstone on the topic is one that the old version refuses to read
        assert not requires_values(folder, "logs")
        assert requires_values(folder, "orders")
    with EmbeddedBroker.open(folder, durable=False) as broker:
        assert values(broker, "logs")[199:] == [b"199 INFO all is well", b"more", b"x", None]


def test_it_gets_an_id_and_bound_checksums_once(folder: Path) -> None:
    ids = set()
    for _ in range(2):
        with EmbeddedBroker.open(folder, durable=False) as broker:
            assert not broker.damage
            broker.log.append("logs", record_batch([b"more"]))
        with closing(sqlite3.connect(folder / "log.db")) as connection:
            ids.add(connection.execute("SELECT id FROM log").fetchone())
            assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    assert len(ids) == 1
    with EmbeddedBroker.open(folder, durable=False) as broker:
        assert values(broker, "logs")[199:] == [b"199 INFO all is well", b"more", b"more"]
        assert [*broker.log.check("logs")] == [*broker.log.check("orders")] == []
    with closing(sqlite3.connect(folder / "log.db")) as connection, connection:
        connection.execute("DELETE FROM batches_1_0 WHERE base = 201")
    with EmbeddedBroker.open(folder, durable=False) as broker:
        assert "records 201 to 201 of topic 'logs', partition 0, are missing" in broker.damage[0]


def test_its_named_consumer_resumes(broker: EmbeddedBroker) -> None:
    (position,) = broker.consumers.saved_positions()
    assert (position.consumer, position.topic, position.offset, position.lag) == ("c1", "logs", 120, 80)
    with broker.consumers.claim("c1", "logs") as claim:
        assert claim.positions() == {0: 120}
        claim.commit({0: 200})
    assert broker.consumers.saved_positions()[0].lag == 0


def test_its_stored_smartstream_runs(folder: Path, broker: EmbeddedBroker) -> None:
    store = SmartStreamStore(folder)
    (module,) = store.describe_all()
    assert (module.name, module.kind, module.problem) == ("only_errors", "filter", "")
    assert module.documentation == "Passes the lines that hold the word ERROR."
    batch = read(broker, "logs", 0, 0)
    with open_module(store, "only_errors") as stream:
        verdicts = stream.evaluate(batch).verdicts
    assert verdicts.tolist() == [Verdict.PASS if n % 10 == 3 else Verdict.DROP for n in range(200)]
