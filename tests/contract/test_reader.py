from collections.abc import Callable
from concurrent.futures import Future
from itertools import pairwise

import pytest

from engine.broker.broker import Broker
from engine.broker.log import Reader
from engine.errors import BrokerClosedError, DamagedBatchError, DeletedTopicError, UnknownTopicError
from engine.records.batch import Batch, record_batch
from tests.contract.implementations import Implementation
from tests.reading import read, wait
from tests.waiting import PATIENCE

InThread = Callable[[Callable[[], object]], "Future[object]"]


def fill(broker: Broker, appends: int, partitions: int = 1) -> None:
    """A topic `a` with appends of ten records, whose values are their offsets."""
    broker.topics.create("a", partitions)
    for number in range(appends):
        broker.log.append("a", record_batch([b"%d" % n for n in range(10 * number, 10 * number + 10)]))


def everything(reader: Reader) -> list[Batch]:
    found = []
    while (batch := reader.read(0)) is not None:
        found.append(batch)
    return found


def offsets(batches: list[Batch]) -> list[int]:
    return [offset for batch in batches for offset in batch.offset_array().tolist()]


def test_batches_follow_each_other(broker: Broker) -> None:
    fill(broker, 20)
    with broker.log.open(broker.topics.get("a"), {0: 5}, max_records=7) as reader:
        found = everything(reader)
        assert reader.read(0) is None
    assert offsets(found) == list(range(5, 200))
    assert all(before.next_offset == after.first_offset for before, after in pairwise(found))
    assert sum(batch.lost for batch in found) == 0


def test_small_appends_are_joined_into_one_batch(broker: Broker) -> None:
    fill(broker, 20)
    batch = read(broker, "a", 0, 5)
    assert batch.records.column("value").to_pylist() == [b"%d" % n for n in range(5, 200)]


def test_a_read_keeps_to_its_limits(broker: Broker) -> None:
    broker.topics.create("a")
    broker.log.append("a", record_batch([b"x" * 1000] * 100))
    broker.log.append("a", record_batch([b"y" * 1000] * 100))
    assert len(read(broker, "a", 0, 95, max_records=3)) == 3
    assert len(read(broker, "a", 0, 95, max_records=10)) <= 10
    assert len(read(broker, "a", 0, 10, max_bytes=5500)) == 5
    assert len(read(broker, "a", 0, 10, max_bytes=1)) == 1
    assert len(read(broker, "a", 0, 10, max_records=0)) == 1


def test_reading_outside_of_the_log(broker: Broker) -> None:
    fill(broker, 1)
    assert read(broker, "a", 0, -5).first_offset == 0
    assert not wait(broker, "a", {0: 10}, 0)
    assert not wait(broker, "a", {0: 15}, 0)
    assert not wait(broker, "a", {0: 10**30}, 0)


def test_partitions_take_turns(broker: Broker) -> None:
    broker.topics.create("a", 3)
    for partition in range(3):
        broker.log.append("a", record_batch([b"%d" % partition] * 4), partition)
    with broker.log.open(broker.topics.get("a"), {0: 0, 1: 2, 2: 0}, max_records=2) as reader:
        found = everything(reader)
    assert len({batch.partition for batch in found[:3]}) > 1
    assert sorted(
        (batch.partition, offset) for batch in found for offset in batch.offset_array().tolist()
    ) == [
        *((0, n) for n in range(4)),
        *((1, n) for n in range(2, 4)),
        *((2, n) for n in range(4)),
    ]


def test_reading_stops_at_the_ends(broker: Broker) -> None:
    fill(broker, 3)
    with broker.log.open(broker.topics.get("a"), {0: 5}, ends={0: 17}) as reader:
        found = everything(reader)
        broker.log.append("a", record_batch([b"more"]))
        assert reader.read(0) is None
    assert offsets(found) == list(range(5, 17))
    assert found[-1].next_offset == 17


def test_a_read_waits_for_its_positions(broker: Broker, in_thread: InThread) -> None:
    broker.topics.create("a", 2)
    broker.topics.create("b")
    waiting = in_thread(lambda: wait(broker, "a", {1: 1}, 2 * PATIENCE))
    broker.log.append("b", record_batch([b"other topic"]))
    broker.log.append("a", record_batch([b"other partition"]), 0)
    broker.log.append("a", record_batch([b"before the position"]), 1)
    assert not waiting.done()
    broker.log.append("a", record_batch([b"this one"]), 1)
    assert waiting.result(PATIENCE) is True


def test_a_read_returns_when_a_record_arrives(broker: Broker, in_thread: InThread) -> None:
    topic = broker.topics.create("a")
    with broker.log.open(topic, {0: 0}) as reader:
        for offset in range(20):
            waiting = in_thread(lambda: reader.read(2 * PATIENCE))
            broker.log.append("a", record_batch([b"a"]))
            batch = waiting.result(PATIENCE)
            assert isinstance(batch, Batch)
            assert list(batch.offsets) == [offset]


def test_an_interrupt_ends_the_reader_that_it_is_for(broker: Broker, in_thread: InThread) -> None:
    topic = broker.topics.create("a")
    with broker.log.open(topic, {0: 0}) as reader, broker.log.open(topic, {0: 0}) as other:
        waiting, going_on = (
            in_thread(lambda: reader.read(2 * PATIENCE)),
            in_thread(lambda: other.read(2 * PATIENCE)),
        )
        reader.interrupt()
        assert waiting.result(PATIENCE) is None
        assert not going_on.done()
        broker.log.append("a", record_batch([b"a"]))
        assert going_on.result(PATIENCE) is not None


def test_an_interrupt_before_a_read_ends_it_at_once(broker: Broker) -> None:
    fill(broker, 1)
    with broker.log.open(broker.topics.get("a"), {0: 0}) as reader:
        reader.interrupt()
        assert reader.read(2 * PATIENCE) is None
        assert reader.read(2 * PATIENCE) is not None


def test_waiting_readers_return_when_the_broker_is_closed(broker: Broker, in_thread: InThread) -> None:
    topic = broker.topics.create("a")
    waiting = [in_thread(lambda: broker.log.open(topic, {0: 0}).read(PATIENCE)) for _ in range(3)]
    broker.close()
    results = [future.exception(PATIENCE) or future.result() for future in waiting]
    # a read that begins after the end of the broker is an error
    assert all(result is None or isinstance(result, BrokerClosedError) for result in results)


def test_offsets_that_retention_removed_are_lost(implementation: Implementation, broker: Broker) -> None:
    fill(broker, 6)
    with broker.log.open(broker.topics.get("a"), {0: 5}, max_records=10) as reader:
        first = reader.read(0)
        assert first is not None
        implementation.retain("a", 40)
        found = everything(reader)
    # a reader may have read ahead of retention
    assert offsets(found)[-20:] == list(range(40, 60))
    assert len(offsets(found)) + sum(batch.lost for batch in found) == 60 - first.next_offset


def test_retention_may_pass_the_end_of_a_reader(implementation: Implementation, broker: Broker) -> None:
    fill(broker, 4)
    with broker.log.open(broker.topics.get("a"), {0: 5}, ends={0: 15}) as reader:
        implementation.retain("a", 30)
        batch = reader.read(0)
        assert reader.read(0) is None
    assert batch is not None
    assert (len(batch) + batch.lost, batch.next_offset) == (10, 15)


def test_gaps_are_not_lost(implementation: Implementation, broker: Broker) -> None:
    fill(broker, 3)
    implementation.gaps().compact("a", [0, 1, 7, *range(12, 25)])
    with broker.log.open(broker.topics.get("a"), {0: 0}) as reader:
        found = everything(reader)
    assert offsets(found) == [2, 3, 4, 5, 6, 8, 9, 10, 11, 25, 26, 27, 28, 29]
    assert found[0].record(0).offset == 2
    assert sum(batch.lost for batch in found) == 0


def test_offsets_without_records_move_a_reader_on(implementation: Implementation, broker: Broker) -> None:
    fill(broker, 1)
    implementation.gaps().skip("a", 5)
    with broker.log.open(broker.topics.get("a"), {0: 0}, ends={0: 13}) as reader:
        found = everything(reader)
    assert offsets(found) == list(range(10))
    assert found[-1].next_offset == 13
    implementation.gaps().compact("a", list(range(10)))
    with broker.log.open(broker.topics.get("a"), {0: 3}) as reader:
        (empty,) = everything(reader)
    assert (len(empty), empty.next_offset, empty.lost) == (0, 15, 0)


def test_damaged_records_are_an_error_and_passed_over(implementation: Implementation, broker: Broker) -> None:
    fill(broker, 4)
    implementation.damage("a", 10, 20)
    with broker.log.open(broker.topics.get("a"), {0: 0}) as reader:
        first = reader.read(0)
        with pytest.raises(DamagedBatchError) as raised:
            reader.read(0)
        rest = everything(reader)
    assert first is not None
    assert offsets([first, *rest]) == [*range(10), *range(20, 40)]
    assert sum(batch.lost for batch in rest) == 0
    assert (raised.value.partition, raised.value.start, raised.value.stop) == (0, 10, 20)


def test_a_check_names_damaged_records(implementation: Implementation, broker: Broker) -> None:
    fill(broker, 4)
    assert [*broker.log.check("a")] == []
    implementation.damage("a", 10, 20)
    (damage,) = broker.log.check("a")
    assert (damage.topic, damage.partition, damage.start, damage.stop) == ("a", 0, 10, 20)
    with pytest.raises(UnknownTopicError):
        [*broker.log.check("b")]


@pytest.mark.parametrize("create_again", [False, True])
def test_a_deleted_topic_ends_its_readers(broker: Broker, in_thread: InThread, create_again: bool) -> None:
    fill(broker, 1)
    with broker.log.open(broker.topics.get("a"), {0: 10}) as reader:
        waiting = in_thread(lambda: reader.read(2 * PATIENCE))
        broker.topics.delete("a")
        if create_again:
            fill(broker, 3)
        assert isinstance(waiting.exception(PATIENCE), DeletedTopicError)
        with pytest.raises(DeletedTopicError):
            reader.read(0)
