import pytest

from engine.broker import read_range
from engine.broker.log import Log
from engine.broker.read_range import Origin, ReadRange, Start, about_last
from engine.broker.topics import OffsetRange, Topic
from engine.records.batch import Batch, record_batch
from tests.contract.memory_broker import MemoryBroker

HELD = {0: OffsetRange(10, 100), 2: OffsetRange(0, 0)}


@pytest.fixture(scope="module")
def log() -> Log:
    """A record every 100 ms in partition 0, the one at offset 0 at the epoch; more came after `HELD`."""
    broker = MemoryBroker()
    broker.topics.create("t", 3)
    broker.log.append("t", record_batch([b""] * 110, timestamps=range(0, 11_000, 100)))
    broker.retain("t", 10)
    return broker.log


TOPIC = Topic(name="t", partitions=3, id="id-1", created=None)


@pytest.mark.parametrize(
    ("start", "positions"),
    [
        (Start(Origin.BEGINNING), {0: 10, 2: 0}),
        (Start(Origin.BEGINNING, 5), {0: 15, 2: 0}),
        (Start(Origin.BEGINNING, 500), {0: 100, 2: 0}),
        (Start(Origin.END), {0: 100, 2: 0}),
        (Start(Origin.END, 5), {0: 95, 2: 0}),
        (Start(Origin.END, 500), {0: 10, 2: 0}),
        (Start(Origin.ZERO, 3), {0: 10, 2: 3}),
        (Start(Origin.ZERO, 50), {0: 50, 2: 50}),
        (Start(Origin.ZERO, 500), {0: 500, 2: 500}),
        (Start(Origin.TIME, 4_200), {0: 42, 2: 0}),
        (Start(Origin.TIME, 5), {0: 10, 2: 0}),
        (Start(Origin.TIME, 99_999), {0: 100, 2: 0}),
    ],
)
def test_where_reading_begins(log: Log, start: Start, positions: dict[int, int]) -> None:
    assert ReadRange(start).resolve(log, TOPIC, HELD)[0] == positions


def test_where_reading_ends(log: Log) -> None:
    start = Start(Origin.BEGINNING)

    def ends(wanted: ReadRange) -> dict[int, int]:
        return wanted.resolve(log, TOPIC, HELD)[1]

    assert ends(ReadRange(start)) == {}
    assert ends(ReadRange(start, to_end=True)) == {0: 100, 2: 0}
    assert ends(ReadRange(start, last=50)) == {0: 51, 2: 51}
    assert ends(ReadRange(start, last=50, to_end=True)) == {0: 51, 2: 0}
    assert ends(ReadRange(start, until=4_200)) == {0: 43, 2: 0}
    assert ends(ReadRange(start, until=99_999)) == {0: 100, 2: 0}
    assert ends(ReadRange(start, until=5)) == {0: 10, 2: 0}


def test_records_are_counted_where_offsets_have_gaps() -> None:
    broker = MemoryBroker()
    topic = broker.topics.create("t")
    broker.log.append("t", record_batch([b""] * 100))
    broker.compact("t", [offset for offset in range(100) if offset % 10])
    broker.skip("t", 7)
    held = broker.log.offsets("t")

    def begin(origin: Origin, count: int) -> int:
        return Start(origin, count).resolve(broker.log, topic, held)[0]

    assert [begin(Origin.END, count) for count in (0, 1, 3, 10, 11)] == [107, 90, 70, 0, 0]
    assert [begin(Origin.BEGINNING, count) for count in (0, 1, 3, 10, 11)] == [0, 10, 30, 107, 107]


def test_where_many_records_begin_is_guessed_from_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_range, "SAMPLE_RECORDS", 10)
    broker = MemoryBroker()
    topic = broker.topics.create("t", 2)
    broker.log.append("t", record_batch([b""] * 300), 0)
    broker.compact("t", [offset for offset in range(300) if offset % 3])
    broker.log.append("t", record_batch([b""] * 100), 1)
    held = broker.log.offsets("t")
    read: list[int] = []
    page = broker.log.page

    def counted(topic: str, partition: int, before: int, count: int) -> Batch:
        read.append(count)
        return page(topic, partition, before, count)

    monkeypatch.setattr(broker.log, "page", counted)
    found = [about_last(broker.log, topic, held, count) for count in (0, 4, 50, 99, 1_000)]
    assert found == [{0: 300, 1: 100}, {0: 288, 1: 96}, {0: 150, 1: 50}, {0: 3, 1: 1}, {0: 0, 1: 0}]
    assert max(read) == 10
