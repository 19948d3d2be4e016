"""Named consumers: what is kept of them, and that each runs once."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from engine.broker.named_consumers import NamedConsumers
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.errors import BrokerError, ConsumerInUseError, UnknownConsumerError, UnknownTopicError
from engine.file_lock import FileLock


@pytest.fixture
def logs(broker: EmbeddedBroker) -> EmbeddedBroker:
    broker.topics.create("logs", 3)
    return broker


def keep(broker: EmbeddedBroker, consumer: str, topic: str, positions: dict[int, int]) -> None:
    with broker.consumers.claim(consumer, topic) as claim:
        claim.commit(positions)


def kept(broker: EmbeddedBroker, consumer: str, topic: str) -> dict[int, int]:
    with broker.consumers.claim(consumer, topic) as claim:
        return claim.positions()


def tables(folder: Path) -> list[str]:
    connection = sqlite3.connect(f"{(folder / 'log.db').as_uri()}?mode=ro", uri=True)
    found = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    connection.close()
    return found


def test_a_log_without_the_table_is_read_and_gets_it_with_the_first_position(folder: Path) -> None:
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("logs")
        consumers: NamedConsumers = broker.consumers
        assert consumers.saved_positions() == []
        assert kept(broker, "c1", "logs") == {}
        with pytest.raises(UnknownConsumerError):
            consumers.delete_positions("c1")
        broker.topics.create("more")
        broker.topics.delete("more")
    assert "positions" not in tables(folder)
    with EmbeddedBroker.open(folder) as broker:
        keep(broker, "c1", "logs", {0: 7})
    assert "positions" in tables(folder)
    with EmbeddedBroker.open(folder) as broker:
        assert kept(broker, "c1", "logs") == {0: 7}


def test_a_second_one_of_that_name_is_refused_until_the_first_has_ended(folder: Path) -> None:
    with EmbeddedBroker.open(folder) as one, EmbeddedBroker.open(folder) as other:
        one.topics.create("logs")
        one.topics.create("more")
        with one.consumers.claim("c1", "logs"):
            with pytest.raises(ConsumerInUseError, match="'c1' is already running on topic 'logs'") as raised:
                other.consumers.claim("c1", "logs")
            assert raised.value.remedy
            other.consumers.claim("c1", "more").close()
            other.consumers.claim("C1", "logs").close()
        other.consumers.claim("c1", "logs").close()
        assert list(folder.glob("log.consumer.*")) == []


def test_a_killed_one_stands_in_nobodys_way(logs: EmbeddedBroker, folder: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from engine.broker.sqlite.broker import EmbeddedBroker\n"
        "broker = EmbeddedBroker.open(Path(sys.argv[1])); claim = broker.consumers.claim('c1', 'logs')\n"
        "claim.commit({0: 3}); print('claimed', flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, folder], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process, process.stdout:
        try:
            assert process.stdout.readline() == b"claimed\n"
            with pytest.raises(ConsumerInUseError):
                logs.consumers.claim("c1", "logs")
        finally:
            process.kill()
    assert kept(logs, "c1", "logs") == {0: 3}


def test_a_lock_that_is_removed_is_not_shared(logs: EmbeddedBroker, folder: Path) -> None:
    first = logs.consumers.claim("c1", "logs")
    (lock,) = folder.glob("log.consumer.*")
    opened = FileLock(lock)  # as one does that comes just before the first one ends
    first.close()
    with logs.consumers.claim("c1", "logs"):
        assert opened.try_acquire()
        assert opened.is_removed()
        opened.remove()
        with pytest.raises(ConsumerInUseError):
            logs.consumers.claim("c1", "logs")
    opened.close()


def test_what_cannot_be_deleted_is_told(logs: EmbeddedBroker) -> None:
    logs.topics.create("more")
    keep(logs, "orders", "logs", {0: 1})
    consumers = logs.consumers
    with pytest.raises(UnknownConsumerError) as unknown:
        consumers.delete_positions("ordes")
    assert unknown.value.remedy == "did you mean 'orders'?"
    with pytest.raises(UnknownTopicError, match="'mroe'"):
        consumers.delete_positions("orders", "mroe")
    with pytest.raises(UnknownConsumerError) as elsewhere:
        consumers.delete_positions("orders", "more")
    assert elsewhere.value.remedy == "there is one in 'logs'"
    with consumers.claim("orders", "logs"), pytest.raises(ConsumerInUseError):
        consumers.delete_positions("orders")
    assert kept(logs, "orders", "logs") == {0: 1}


@pytest.mark.parametrize("name", ["", "..", "a/b", "ä", "x" * 250])
def test_names_that_cannot_be(logs: EmbeddedBroker, name: str) -> None:
    with pytest.raises(BrokerError, match="a consumer cannot be called"):
        logs.consumers.claim(name, "logs")
    with pytest.raises(UnknownTopicError):
        logs.consumers.claim("x" * 249, "lgos")
