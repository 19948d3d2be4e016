import pyarrow as pa
import pytest

from engine.broker.broker import Broker
from engine.broker.log import Appended, NewRecords
from engine.broker.topics import OffsetRange
from engine.errors import BrokerError
from engine.records.batch import SCHEMA, Batch, record_batch
from tests.contract.implementations import Implementation
from tests.reading import read, spans, values


def numbered(first: int, count: int) -> pa.RecordBatch:
    """Records whose value is their offset."""
    return record_batch(
        [b"%d" % n for n in range(first, first + count)], timestamps=range(first + 1, first + count + 1)
    )


def test_appended_records_are_read_back_whole(implementation: Implementation, broker: Broker) -> None:
    broker.topics.create("a")
    twice = (("twice", b"1"), ("twice", b"2")) if broker.features.headers else ()
    records = record_batch(
        [b"", b"\xff\x00", "grün".encode(), b"x" * 5000, None if broker.features.tombstones else b""],
        keys=[None, b"", b"\xfe", b"k", b"gone"],
        timestamps=[5, -1, implementation.earliest, 2**62, 7],
        headers=[{"a": b"1", "ü": b"\x00"}, None, {}, twice, None] if twice else None,
    )
    assert broker.log.append("a", records) == Appended(partition=0, first=0, last=4)
    batch = read(broker, "a", 0, 0)
    expected = Batch.consecutive(0, 0, records)
    assert [batch.record(n) for n in range(5)] == [expected.record(n) for n in range(5)]
    assert batch.records.schema.equals(SCHEMA)
    assert batch.record(3).headers == twice
    assert (batch.partition, list(batch.offsets), batch.next_offset, batch.lost) == (0, [0, 1, 2, 3, 4], 5, 0)


def test_a_tombstone_is_not_an_empty_value(broker: Broker) -> None:
    if not broker.features.tombstones:
        pytest.skip("it has no tombstones")
    broker.topics.create("a")
    broker.log.append("a", record_batch([None, b"", None], keys=[b"1", b"2", None]))
    broker.log.append("a", record_batch([None] * 3))
    assert values(broker, "a") == [None, b"", None, None, None, None]
    assert read(broker, "a", 0, 0).record(0).value is None
    assert read(broker, "a", 0, 0).value(1) == b""


def test_what_a_broker_lacks_is_refused(broker: Broker) -> None:
    broker.topics.create("a")
    if not broker.features.tombstones:
        with pytest.raises(BrokerError, match="tombstones"):
            broker.log.append("a", record_batch([b"a", None]))
    if not broker.features.headers:
        with pytest.raises(BrokerError, match="headers"):
            broker.log.append("a", record_batch([b"a", b"b"], headers=[None, {"a": b"1"}]))
    assert broker.log.append("a", record_batch([b"a"], headers=[{}])).first == 0


def test_slices_are_appended_as_what_they_show(broker: Broker) -> None:
    broker.topics.create("a")
    count, missing = 100, None if broker.features.tombstones else b""
    whole = record_batch(
        [missing if index % 7 == 0 else b"v%d" % index for index in range(count)],
        keys=[b"k%d" % index if index % 3 else None for index in range(count)],
        headers=[{"h": b"x" * index} if index % 2 else None for index in range(count)]
        if broker.features.headers
        else None,
    )
    for start, length in ((3, 7), (50, 1), (91, 9), (10, 0)):
        before = broker.log.offsets("a")[0].end
        assert broker.log.append("a", whole.slice(start, length)).first == before
        assert read(broker, "a", 0, before).records.equals(whole.slice(start, length))


def test_an_append_of_nothing_is_at_the_end(broker: Broker) -> None:
    broker.topics.create("a")
    broker.log.append("a", numbered(0, 3))
    assert broker.log.append("a", record_batch([])) == Appended(partition=0, first=3, last=2)
    assert spans(broker, "a") == {0: (0, 3)}


def test_a_large_append_has_consecutive_offsets(broker: Broker) -> None:
    broker.topics.create("a")
    expected = [b"%d" % index * (1 + index % 700) for index in range(20_000)]
    assert broker.log.append("a", record_batch(expected)) == Appended(partition=0, first=0, last=19_999)
    assert values(broker, "a") == expected
    assert read(broker, "a", 0, 15_141, max_records=1).value(0) == expected[15_141]


def test_partitions_have_offsets_of_their_own(broker: Broker) -> None:
    broker.topics.create("a", 2)
    broker.log.append("a", record_batch([b"zero"]), 0)
    assert broker.log.append("a", record_batch([b"one", b"two"]), 1).partition == 1
    assert values(broker, "a", 0) == [b"zero"]
    assert values(broker, "a", 1) == [b"one", b"two"]
    assert spans(broker, "a") == {0: (0, 1), 1: (0, 2)}


def test_appends_to_several_partitions_stay_in_order(broker: Broker) -> None:
    broker.topics.create("a", 3)
    wanted = [2, 0, 2, 1, 0, 2]
    appends = [
        NewRecords(topic="a", partition=partition, records=record_batch([b"%d" % number] * 3))
        for number, partition in enumerate(wanted)
    ]
    places = list(broker.log.append_all(appends))
    assert [place.partition for place in places] == wanted
    assert [place.first for place in places] == [0, 0, 3, 0, 3, 6]
    assert values(broker, "a", 2) == [b"0"] * 3 + [b"2"] * 3 + [b"5"] * 3
    assert list(broker.log.append_all([])) == []


def test_batches_of_other_columns_are_refused(broker: Broker) -> None:
    broker.topics.create("a")
    with pytest.raises(ValueError, match="SCHEMA"):
        broker.log.append("a", pa.record_batch({"value": [b"a"]}))
    assert broker.log.offsets("a")[0].end == 0


def test_a_record_without_a_timestamp_is_refused(broker: Broker) -> None:
    broker.topics.create("a")
    whole = record_batch([b"a", b"b"])
    stamps = pa.array([5, None], pa.int64())
    records = pa.RecordBatch.from_arrays([*whole.columns[:2], stamps, whole.column(3)], schema=SCHEMA)
    with pytest.raises(ValueError, match="timestamp"):
        broker.log.append("a", records)
    assert broker.log.offsets("a")[0].end == 0


def test_retention_moves_the_start_and_never_reuses_offsets(
    implementation: Implementation, broker: Broker
) -> None:
    broker.topics.create("a")
    for number in range(4):
        broker.log.append("a", numbered(10 * number, 10))
    implementation.retain("a", 20)
    assert spans(broker, "a") == {0: (20, 40)}
    assert broker.log.append("a", record_batch([b"x"])).first == 40


def test_gaps_make_a_range_inexact(implementation: Implementation, broker: Broker) -> None:
    broker.topics.create("a")
    broker.log.append("a", numbered(0, 10))
    exact = broker.log.offsets("a")[0].exact
    implementation.gaps().compact("a", [3, 4])
    assert exact
    assert broker.log.offsets("a")[0] == OffsetRange(0, 10, exact=False)


def test_the_offset_of_a_time(broker: Broker) -> None:
    if broker.features.time_lookup != "exact":
        pytest.skip("it finds offsets as if timestamps rose with them")
    broker.topics.create("a", 2)
    for stamps in ([10, 20], [40, 30, 50], [25]):
        broker.log.append("a", record_batch([b""] * len(stamps), timestamps=stamps), 1)
    times = (-5, 10, 11, 21, 40, 41, 51, 1 << 62)
    assert [broker.log.offset_at("a", time, {1: 0})[1] for time in times] == [0, 0, 1, 2, 2, 4, 6, 6]
    assert broker.log.offset_at("a", 10, {0: 0, 1: 0}) == {0: 0, 1: 0}


@pytest.mark.parametrize("appends", [1, 3, 40])
def test_the_offset_of_a_time_where_timestamps_rise(broker: Broker, appends: int) -> None:
    broker.topics.create("a", 2)
    stamps = [7 * (n // 3 + 1) for n in range(120)]
    for n in range(0, 120, 120 // appends):
        part = stamps[n : n + 120 // appends]
        broker.log.append("a", record_batch([b""] * len(part), timestamps=part), 1)
    for time in (-5, 0, 1, 7, 8, 140, 273, 274, 1 << 62):
        expected = next((n for n, stamp in enumerate(stamps) if stamp >= time), 120)
        assert broker.log.offset_at("a", time, {0: 0, 1: 0}) == {0: 0, 1: expected}
    assert broker.log.offset_at("a", 7, {1: 50}) == {1: 50}


def test_the_offset_of_a_time_from_an_offset_on(implementation: Implementation, broker: Broker) -> None:
    if broker.features.time_lookup != "exact":
        pytest.skip("it finds offsets as if timestamps rose with them")
    broker.topics.create("a")
    for stamps in ([10, 90, 20], [40, 30], [25]):
        broker.log.append("a", record_batch([b""] * len(stamps), timestamps=stamps))
    starts = (-1, 1, 2, 4, 5, 6, 1 << 62)
    assert [broker.log.offset_at("a", 25, {0: start})[0] for start in starts] == [1, 1, 3, 4, 5, 6, 6]
    implementation.retain("a", 3)
    assert broker.log.offset_at("a", 5, {0: 0}) == {0: 3}


def test_a_page_has_the_last_records_before_an_offset(broker: Broker) -> None:
    broker.topics.create("a")
    for first in range(0, 100, 10):
        broker.log.append("a", numbered(first, 10))
    assert list(broker.log.page("a", 0, 55, 12).offsets) == list(range(43, 55))
    assert list(broker.log.page("a", 0, 1000, 3).offsets) == [97, 98, 99]
    assert list(broker.log.page("a", 0, 5, 50).offsets) == [0, 1, 2, 3, 4]
    assert len(broker.log.page("a", 0, 0, 50)) == 0
    page = broker.log.page("a", 0, 55, 12)
    assert page.records.column("value").to_pylist() == [b"%d" % n for n in range(43, 55)]
    assert page.next_offset == 55


def test_a_page_keeps_to_its_bytes_but_has_a_record(broker: Broker) -> None:
    broker.topics.create("a")
    for _ in range(10):
        broker.log.append("a", record_batch([b"x" * 1000] * 10))
    assert list(broker.log.page("a", 0, 95, 50, max_bytes=5_500).offsets) == list(range(90, 95))
    assert list(broker.log.page("a", 0, 95, 50, max_bytes=1).offsets) == [94]


def test_a_page_counts_records_and_not_offsets(implementation: Implementation, broker: Broker) -> None:
    broker.topics.create("a")
    broker.log.append("a", numbered(0, 100))
    implementation.gaps().compact("a", [n for n in range(100) if n % 10])
    assert list(broker.log.page("a", 0, 75, 3).offsets) == [50, 60, 70]


def test_a_page_leaves_out_damaged_records(implementation: Implementation, broker: Broker) -> None:
    broker.topics.create("a")
    for first in range(0, 40, 10):
        broker.log.append("a", numbered(first, 10))
    implementation.damage("a", 20, 30)
    assert list(broker.log.page("a", 0, 30, 5).offsets) == list(range(15, 20))
    page = broker.log.page("a", 0, 40, 40)
    assert set(page.offset_array().tolist()) <= {*range(20), *range(30, 40)}
    assert page.record(len(page) - 1).value == b"39"


def test_records_of_a_closed_topic_are_not_those_of_the_next(broker: Broker) -> None:
    topic = broker.topics.create("a")
    broker.topics.delete("a")
    broker.topics.create("a")
    broker.log.append("a", numbered(0, 3))
    with broker.log.open(topic, {0: 0}) as reader, pytest.raises(BrokerError, match="deleted"):
        reader.read(0)
