"""Streams of records are merged by time, a batch of each at a time."""

from collections.abc import Iterator, Sequence
from itertools import chain

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from engine.producer.sources.merging import merged
from engine.records.batch import record_batch

Stream = Sequence[Sequence[int]]
"""Batches of timestamps."""


def batches(stream: Stream, name: int) -> Iterator[pa.RecordBatch]:
    for number, times in enumerate(stream):
        values = [f"{name} {number} {place}".encode() for place in range(len(times))]
        yield record_batch(values, timestamps=times)


def values_and_times(records: Iterator[pa.RecordBatch]) -> list[tuple[bytes, int]]:
    table = pa.Table.from_batches(list(records), schema=record_batch([b""]).schema)
    return list(zip(table.column("value").to_pylist(), table.column("timestamp").to_pylist(), strict=True))


times = st.lists(st.lists(st.integers(0, 20), min_size=1, max_size=6), max_size=5)


@given(st.lists(times, max_size=4))
def test_records_are_merged_and_streams_keep_their_order(streams: list[Stream]) -> None:
    found = values_and_times(merged([batches(stream, name) for name, stream in enumerate(streams)]))
    for name, stream in enumerate(streams):
        own = [one for one in found if one[0].startswith(b"%d " % name)]
        assert own == values_and_times(batches(stream, name))
    every = [sorted(chain.from_iterable(stream)) for stream in streams]
    ordered = [[own[start : start + 3] for start in range(0, len(own), 3)] for own in every]
    in_time = [time for _, time in values_and_times(merged([batches(one, 0) for one in ordered]))]
    assert in_time == sorted(in_time)


def test_batches_are_read_when_they_are_needed() -> None:
    read = []

    def stream(name: str, *starts: int) -> Iterator[pa.RecordBatch]:
        for start in starts:
            read.append((name, start))
            yield record_batch([name.encode()] * 10, timestamps=range(start, start + 10))

    found = merged([stream("a", 0, 10, 20), stream("b", 100, 110)])
    for _ in range(3):
        next(found)
    assert read == [("a", 0), ("b", 100), ("a", 10), ("a", 20)]


def test_a_record_that_is_out_of_order_stays_beside_the_one_before_it() -> None:
    found = values_and_times(merged([batches([[5, 1], [6]], 0), batches([[3, 5, 9]], 1)]))
    assert found == [
        *((b"1 0 0", 3), (b"0 0 0", 5), (b"0 0 1", 1)),
        *((b"1 0 1", 5), (b"0 1 0", 6), (b"1 0 2", 9)),
    ]
