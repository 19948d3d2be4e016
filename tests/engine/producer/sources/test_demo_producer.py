import threading
from pathlib import Path

import pyarrow as pa
import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.errors import UnknownTopicError
from engine.producer.sources.demo import DemoStream
from engine.producer.sources.demo_producer import DemoProducer
from tests.reading import read, wait
from tests.waiting import PATIENCE


def test_a_feeder_appends_until_it_is_closed(tmp_path: Path) -> None:
    stream = DemoStream(3)
    with EmbeddedBroker.open(tmp_path, durable=False) as broker:
        broker.topics.create("demo")
        feeder = DemoProducer(broker, "demo", stream.take, rate=1_000)
        feeder.start()
        try:
            assert wait(broker, "demo", {0: 20}, PATIENCE)
        finally:
            feeder.close()
        end = broker.log.offsets("demo")[0].end
        appended = read(broker, "demo", 0, 0, max_records=end).records
        assert not wait(broker, "demo", {0: end}, 0.2)
    assert feeder.error is None
    assert appended.column("value") == DemoStream(3).take(end).column("value")


def test_a_mistake_in_a_source_is_kept_too(tmp_path: Path) -> None:
    taken = threading.Event()

    def take(count: int) -> pa.RecordBatch:
        taken.set()
        raise LookupError("oh no")

    with EmbeddedBroker.open(tmp_path, durable=False) as broker:
        broker.topics.create("demo")
        feeder = DemoProducer(broker, "demo", take, rate=1_000)
        feeder.start()
        assert taken.wait(PATIENCE)
        feeder.close()
    assert feeder.error is not None
    assert feeder.error.message == "internal error: LookupError('oh no')"


def test_a_feeder_that_fails_keeps_the_reason(tmp_path: Path) -> None:
    taken = threading.Event()

    def take(count: int) -> pa.RecordBatch:
        taken.set()
        return DemoStream(3).take(count)

    with EmbeddedBroker.open(tmp_path, durable=False) as broker:
        feeder = DemoProducer(broker, "missing", take, rate=1_000)
        feeder.start()
        assert taken.wait(PATIENCE)
        feeder.close()
    with pytest.raises(UnknownTopicError):
        raise feeder.error or AssertionError("no error was kept")
