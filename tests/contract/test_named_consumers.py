"""Named consumers: what is saved of them, and that each runs once at a time."""

import pytest

from engine.broker.broker import Broker
from engine.broker.log import NewRecords
from engine.errors import BrokerError, ConsumerInUseError, UnknownConsumerError, UnknownTopicError
from engine.records.batch import now_ms, record_batch
from tests.reading import values


@pytest.fixture
def logs(broker: Broker) -> Broker:
    broker.topics.create("logs", 3)
    return broker


@pytest.fixture
def transactional(broker: Broker) -> None:
    if not broker.features.transactions:
        pytest.skip("it has no transactions")


@pytest.fixture
def exclusive(broker: Broker) -> None:
    if not broker.features.exclusive_consumers:
        pytest.skip("any number of consumers may run with one name")


def commit(broker: Broker, consumer: str, topic: str, positions: dict[int, int]) -> None:
    with broker.consumers.claim(consumer, topic) as claim:
        claim.commit(positions)


def saved(broker: Broker, consumer: str, topic: str) -> dict[int, int]:
    with broker.consumers.claim(consumer, topic) as claim:
        return claim.positions()


def test_each_partition_has_a_position_of_its_own(logs: Broker) -> None:
    for partition in (0, 2):
        logs.log.append("logs", record_batch([b"x"] * 10), partition)
    with logs.consumers.claim("c1", "logs") as claim:
        claim.commit({0: 1, 2: 5})
        claim.commit({2: 6})
        assert claim.positions() == {0: 1, 2: 6}
    assert saved(logs, "c2", "logs") == {}


def test_saved_positions_are_listed_with_their_lag(logs: Broker) -> None:
    logs.topics.create("a")
    logs.log.append("logs", record_batch([b"x"] * 10), 1)
    before = now_ms() // 1_000 * 1_000
    commit(logs, "c2", "logs", {1: 4})
    commit(logs, "c1", "logs", {1: 10, 0: 0})
    commit(logs, "c2", "a", {0: 3})
    found = logs.consumers.saved_positions()
    assert [(one.consumer, one.topic, one.partition, one.offset, one.lag) for one in found] == [
        ("c1", "logs", 0, 0, 0),
        ("c1", "logs", 1, 10, 0),
        ("c2", "a", 0, 3, 0),
        ("c2", "logs", 1, 4, 6),
    ]
    assert all(before <= (one.committed or 0) <= now_ms() for one in found)


def test_a_deleted_topic_takes_its_positions_with_it(logs: Broker) -> None:
    logs.topics.create("kept")
    commit(logs, "c1", "logs", {0: 1})
    commit(logs, "c1", "kept", {0: 2})
    with logs.consumers.claim("running", "logs") as claim:
        claim.commit({0: 9})
        logs.topics.delete("logs")
        logs.topics.create("logs")
        with pytest.raises(UnknownTopicError, match="'logs'"):
            claim.commit({0: 10})
    assert saved(logs, "c1", "logs") == saved(logs, "running", "logs") == {}
    assert [one.topic for one in logs.consumers.saved_positions()] == ["kept"]


def test_a_consumer_is_deleted_in_one_topic_or_in_all(logs: Broker) -> None:
    for topic in ("a", "b"):
        logs.topics.create(topic)
        for consumer in ("c1", "c2"):
            commit(logs, consumer, topic, {0: 1})
    commit(logs, "c1", "logs", {0: 1, 1: 1})
    assert logs.consumers.delete_positions("c1", "a") == ["a"]
    assert logs.consumers.delete_positions("c1") == ["b", "logs"]
    assert [(one.consumer, one.topic) for one in logs.consumers.saved_positions()] == [
        ("c2", "a"),
        ("c2", "b"),
    ]


@pytest.mark.usefixtures("exclusive")
def test_a_consumer_runs_once_per_topic(logs: Broker) -> None:
    logs.topics.create("more")
    with logs.consumers.claim("c1", "logs"):
        with pytest.raises(ConsumerInUseError, match="'c1'"):
            logs.consumers.claim("c1", "logs")
        with pytest.raises(ConsumerInUseError):
            commit(logs, "c1", "logs", {0: 1})
        logs.consumers.claim("c1", "more").close()
        logs.consumers.claim("C1", "logs").close()
    logs.consumers.claim("c1", "logs").close()


def test_unknown_consumers_and_running_ones_are_not_deleted(logs: Broker) -> None:
    logs.topics.create("more")
    logs.log.append("logs", record_batch([b"x"]))
    commit(logs, "orders", "logs", {0: 1})
    with pytest.raises(UnknownConsumerError, match="'ordes'"):
        logs.consumers.delete_positions("ordes")
    with pytest.raises(UnknownTopicError, match="'mroe'"):
        logs.consumers.delete_positions("orders", "mroe")
    with pytest.raises(UnknownConsumerError):
        logs.consumers.delete_positions("orders", "more")
    if logs.features.exclusive_consumers:
        with logs.consumers.claim("orders", "logs"), pytest.raises(ConsumerInUseError):
            logs.consumers.delete_positions("orders")
    assert saved(logs, "orders", "logs") == {0: 1}


@pytest.mark.parametrize("name", ["", "a/b"])
def test_names_that_are_not_allowed(logs: Broker, name: str) -> None:
    with pytest.raises(BrokerError, match="a consumer cannot be called"):
        logs.consumers.claim(name, "logs")


@pytest.mark.usefixtures("transactional")
def test_states_are_saved_with_positions(logs: Broker) -> None:
    with logs.consumers.claim("c1", "logs") as claim:
        assert claim.states() == {}
        claim.commit({0: 1, 1: 1}, {0: b"zero", 1: b""})
        claim.commit({1: 2, 2: 5}, {2: b"\x00\xff"})
        assert claim.states() == {0: b"zero", 2: b"\x00\xff"}
    with logs.consumers.claim("c1", "logs") as claim:
        assert claim.positions() == {0: 1, 1: 2, 2: 5}
        assert claim.states() == {0: b"zero", 2: b"\x00\xff"}
    with logs.consumers.claim("c2", "logs") as claim:
        assert claim.states() == {}
    logs.consumers.delete_positions("c1")
    with logs.consumers.claim("c1", "logs") as claim:
        assert claim.states() == {}


def appends(topic: str, *partitions: int) -> list[NewRecords]:
    records = record_batch([b"x", b"y"])
    return [NewRecords(topic=topic, partition=partition, records=records) for partition in partitions]


@pytest.mark.usefixtures("transactional")
def test_appends_and_positions_are_committed_together(logs: Broker) -> None:
    logs.topics.create("out", 2)
    with logs.consumers.claim("c1", "logs") as claim:
        places = claim.append_and_commit(appends("out", 1, 1, 0), {0: 1}, {0: b"state"})
        assert [(one.partition, one.first, one.last) for one in places] == [(1, 0, 1), (1, 2, 3), (0, 0, 1)]
        assert claim.append_and_commit([], {1: 7}, {}) == []
        assert (claim.positions(), claim.states()) == ({0: 1, 1: 7}, {0: b"state"})
    assert values(logs, "out", 1) == [b"x", b"y"] * 2


@pytest.mark.usefixtures("transactional")
def test_nothing_is_committed_if_any_of_it_cannot_be(logs: Broker) -> None:
    logs.topics.create("out", 2)
    logs.topics.create("gone")
    with logs.consumers.claim("c1", "logs") as claim:
        claim.append_and_commit(appends("gone", 0), {0: 1}, {0: b"before"})
        logs.topics.delete("gone")
        refused = [*appends("out", 0), *appends("gone", 0)]
        with pytest.raises(UnknownTopicError, match="'gone'"):
            claim.append_and_commit(refused, {0: 2}, {0: b"after"})
        with pytest.raises(BrokerError, match="partition 2"):
            claim.append_and_commit(appends("out", 0, 2), {0: 2}, {})
        assert (claim.positions(), claim.states()) == ({0: 1}, {0: b"before"})
        logs.topics.delete("logs")
        logs.topics.create("logs")
        with pytest.raises(UnknownTopicError, match="'logs'"):
            claim.append_and_commit(appends("out", 0), {0: 2}, {})
        with pytest.raises(UnknownTopicError, match="'logs'"):
            claim.append_and_commit(appends("logs", 0), {0: 2}, {})
    assert values(logs, "out", 0) == values(logs, "logs", 0) == []
