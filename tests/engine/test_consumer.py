from pathlib import Path

import numpy as np

from engine.consumer import Consumer, Delivery
from engine.embedded.broker import EmbeddedBroker
from engine.records import Batch, record_batch
from engine.verdicts import Fault, Judgement, Verdict


def test_reading_ends_exactly_where_told(tmp_path: Path) -> None:
    with EmbeddedBroker.open(tmp_path, durable=False) as broker:
        broker.create_topic("t", partitions=2)
        for partition in range(2):
            broker.append("t", record_batch([b"%d" % n for n in range(10)]), partition)
        consumer = Consumer(broker, "t", positions={0: 3, 1: 9}, ends={0: 6, 1: 9})
        delivery = consumer.poll(0)
        assert delivery is not None
        assert delivery.offsets.tolist() == [3, 4, 5]
        assert consumer.finished


def test_an_end_that_retention_has_overtaken_is_an_end_too(tmp_path: Path) -> None:
    with EmbeddedBroker.open(tmp_path, durable=False) as broker:
        broker.create_topic("t")
        for number in range(4):
            broker.append("t", record_batch([b"%d" % number] * 10))
        consumer = Consumer(broker, "t", positions={0: 5}, ends={0: 15})
        broker.trim("t", 0, 30)
        assert broker.offsets("t", 0).start == 30
        assert not consumer.finished
        assert consumer.poll(0) is None
        assert consumer.finished
        assert consumer.missed == 10


def test_the_first_of_a_delivery_are_counted_in_what_passes() -> None:
    verdicts = np.array([Verdict.PASS, Verdict.ERROR, Verdict.PASS, Verdict.ERROR, Verdict.PASS], np.uint8)
    faults = tuple(Fault(index, Verdict.ERROR, "no") for index in (1, 3))
    whole = Delivery(Batch(0, 100, record_batch([b""] * 5)), Judgement(verdicts, faults, judged=5))
    first = whole.first(2)
    assert first.offsets.tolist() == [100, 102]
    assert first.judgement is not None
    assert (first.judgement.judged, first.judgement.faults) == (3, faults[:1])
    assert whole.first(3) is whole
    assert len(whole.first(0).batch) == 0
