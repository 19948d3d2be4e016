"""A broker whose records are decoded as they are read."""

import json
from collections.abc import Iterator

import pytest

from engine.broker.decoded import DecodedBroker
from engine.records.batch import Batch, record_batch
from engine.records.evaluation import Evaluation
from engine.records.transform import Transform
from engine.schemas.cache import SchemaCache
from engine.schemas.decoder import Decoder, RegistryValues
from engine.schemas.decoding import TopicDecoding
from engine.schemas.errors import RegistryError
from engine.schemas.names import Column
from engine.schemas.schema import Schema
from engine.schemas.transform import DecodedTransform
from engine.schemas.undecoded import UndecodedByTopic
from tests.contract.memory_broker import MemoryBroker
from tests.engine.schemas.orders import ORDER, encoded, order, order_json
from tests.reading import values
from tests.registry import framed

STORED = [framed(1, encoded(ORDER, order(n))) for n in range(4)]


@pytest.fixture
def kept() -> Iterator[MemoryBroker]:
    with MemoryBroker("staging") as broker:
        broker.topics.create("orders")
        broker.log.append("orders", record_batch([*STORED[:2], b"other", None, *STORED[2:]]))
        yield broker


def schema(identity: int) -> Schema:
    return Schema(id=identity, kind="AVRO", text=json.dumps(ORDER))


def decoding(undecoded: UndecodedByTopic, cache: SchemaCache | None = None) -> TopicDecoding:
    columns: dict[Column, Decoder] = {"value": RegistryValues("avro", cache or SchemaCache(schema))}
    return TopicDecoding(columns=columns, undecoded=undecoded)


def test_what_is_read_is_json_and_the_rest_stays(kept: MemoryBroker) -> None:
    counts = UndecodedByTopic()
    broker = DecodedBroker(kept, decoding(counts))
    read = [order_json(0), order_json(1), b"other", None, order_json(2), order_json(3)]
    assert values(broker, "orders") == read
    assert broker.log.page("orders", 0, 3, 2).records.column("value").to_pylist() == read[1:3]
    undecoded = counts.of("orders")
    assert (undecoded.count, undecoded.reason) == (2, "it does not begin with the id of a schema")
    kept.topics.create("other")
    assert values(broker, "other") == []
    assert counts.of("other").count == 0
    assert broker.log.offsets("orders") == kept.log.offsets("orders")
    broker.log.append("orders", record_batch([b"{}"]))
    assert values(kept, "orders")[-1] == b"{}"


def test_nothing_is_lost_while_the_registry_does_not_answer(kept: MemoryBroker) -> None:
    answers: list[Exception | None] = [RegistryError("no answer"), None]

    def fetch(identity: int) -> Schema:
        if (error := answers.pop(0)) is not None:
            raise error
        return schema(identity)

    cache = SchemaCache(fetch)
    broker = DecodedBroker(kept, decoding(counts := UndecodedByTopic(), cache))
    with broker.log.open(broker.topics.get("orders"), {0: 0}) as reader:
        with pytest.raises(RegistryError, match="no answer"):
            reader.read(0)
        assert counts.of("orders").problem == "records wait: no answer"
        cache._found.clear()  # as if it were time to ask again
        batch = reader.read(0)
    assert batch is not None
    assert batch.records.column("value").to_pylist()[0] == order_json(0)
    assert batch.next_offset == 6
    assert not counts.of("orders").waiting


class Sees(Transform):
    """Notes what it is given, and evaluates a few records of it."""

    def __init__(self) -> None:
        self.seen: list[list[bytes | None]] = []

    def evaluate(self, batch: Batch, *, budget: float | None = None) -> Evaluation:  # noqa: ARG002
        self.seen.append(batch.records.column("value").to_pylist())
        return Evaluation.pending(len(batch))


def test_a_transform_sees_json_and_each_record_is_decoded_once() -> None:
    batch = Batch.consecutive(0, 0, record_batch([*STORED, b"other"]))
    sees, counts = Sees(), UndecodedByTopic()
    transform = DecodedTransform(sees, decoding(counts).of("orders"))
    for start in (0, 2):
        transform.evaluate(batch.slice(start, 5))
    assert sees.seen == [[*map(order_json, range(4)), b"other"], [order_json(2), order_json(3), b"other"]]
    assert counts.of("orders").count == 1
    transform.evaluate(Batch.consecutive(0, 3, record_batch([b"x", b"y"])))
    assert sees.seen[-1] == [b"x", b"y"]
