"""A producer that appends the outputs of a SmartStream."""

from collections.abc import Iterator

import numpy as np
import pytest

from engine.errors import ContractError, SmartStreamError
from engine.producer.producer import Producer
from engine.producer.transform import OnEvaluated, ProducerTransform, RefusedRecordError
from engine.records.batch import Batch, record_batch
from engine.records.evaluation import Evaluation
from engine.records.transform import Transform
from engine.runtime.chain import Chain
from engine.runtime.smartstream import SmartStream
from tests.contract.memory_broker import MemoryBroker
from tests.engine.runtime.wat_guests import guest
from tests.engine.runtime.wat_makers import TEXT, aggregate, maker
from tests.reading import values


@pytest.fixture
def broker() -> MemoryBroker:
    opened = MemoryBroker()
    opened.topics.create("t", 2)
    return opened


@pytest.fixture
def opened() -> Iterator[list[Transform]]:
    """Closed at the end."""
    found: list[Transform] = []
    yield found
    for transform in found:
        transform.close()


def producer(
    broker: MemoryBroker, transform: Transform, *, refuses: bool, on_evaluated: OnEvaluated | None = None
) -> Producer:
    made = ProducerTransform(transform, refuses=refuses, on_evaluated=on_evaluated)
    return Producer(broker.log, broker.topics.get("t"), transform=made)


def stored(broker: MemoryBroker) -> list[list[bytes | None]]:
    return [values(broker, "t", partition) for partition in range(2)]


def test_outputs_are_stored_where_their_input_belongs(broker: MemoryBroker, opened: list[Transform]) -> None:
    opened.append(Chain([SmartStream(maker("array_map")), SmartStream(maker("map"))]))
    made = producer(broker, opened[0], refuses=True)
    appended = made.append(record_batch([b"m2a", b"m3b", b"d", b"oc"]), np.array([0, 1, 1, 0]))
    assert stored(broker) == [[b"m2a", b"m2a", b"oc"], [b"m3b"] * 3]
    assert sum(part.last - part.first + 1 for part in appended) == made.records == 6
    assert made.append(record_batch([b"d"]), np.array([1])) == []


def test_a_request_is_refused_whole(broker: MemoryBroker, opened: list[Transform]) -> None:
    opened.append(SmartStream(maker("map")))
    made = producer(broker, opened[0], refuses=True)
    with pytest.raises(RefusedRecordError) as caught:
        made.append(record_batch([b"a", b"x", b"c", b"e"]), np.array([0, 0, 1, 1]))
    assert caught.value.message == f"error on record 2 for partition 1: {TEXT}"
    assert stored(broker) == [[], []]
    made.append(record_batch([b"a"]), np.array([0]))
    assert stored(broker) == [[b"a"], []]


def test_records_that_fail_are_left_out(broker: MemoryBroker, opened: list[Transform]) -> None:
    opened.append(SmartStream(maker("map")))
    seen: list[tuple[int, list[int]]] = []

    def note(batch: Batch, evaluation: Evaluation) -> None:
        seen.append((batch.partition, [fault.index for fault in evaluation.faults]))

    made = producer(broker, opened[0], refuses=False, on_evaluated=note)
    made.append(record_batch([b"a", b"e", b"t", b"x"]), np.array([0, 0, 1, 1]))
    assert stored(broker) == [[b"a"], [b"x"]]
    assert seen == [(0, [1]), (1, [0])]


def test_an_aggregate_goes_on_over_requests(broker: MemoryBroker, opened: list[Transform]) -> None:
    opened.append(SmartStream(aggregate("append")))
    made = producer(broker, opened[0], refuses=False)
    for value in (b"a", b"b", b"c"):
        made.append(record_batch([value]), np.array([0]))
    assert stored(broker)[0] == [b"a", b"ab", b"abc"]


def test_a_module_that_breaks_its_contract_stores_nothing(
    broker: MemoryBroker, opened: list[Transform]
) -> None:
    opened.append(SmartStream(guest("(i32.const 7)")))
    with pytest.raises(ContractError):
        producer(broker, opened[0], refuses=False).append(record_batch([b"a", b"b"]), np.array([0, 1]))
    assert stored(broker) == [[], []]


def test_an_interrupted_request_is_not_stored(broker: MemoryBroker, opened: list[Transform]) -> None:
    opened.append(SmartStream(maker("map")))
    made = producer(broker, opened[0], refuses=False)
    opened[0].interrupt()
    with pytest.raises(SmartStreamError, match="interrupted"):
        made.append(record_batch([b"a"]), np.array([0]))
    made.append(record_batch([b"x"]), np.array([0]))
    assert stored(broker) == [[b"x"], []]
