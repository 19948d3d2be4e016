"""Pages read back from a real log, compared with the order that they should have."""

import random
import sqlite3
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from engine.broker.broker import Broker
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.errors import DeletedTopicError, LostRecordError
from engine.live.scrollback.log_pages import LogPages
from engine.live.scrollback.page import Page
from engine.live.window.row_index import Run
from engine.records.batch import record_batch

Place = tuple[int, int]
"""Partition and offset."""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker.open(tmp_path / "data", durable=False) as broker:
        yield broker


def produce(broker: EmbeddedBroker, partition: int, times: list[int]) -> None:
    broker.log.append("t", record_batch([b"%d" % time for time in times], timestamps=times), partition)


def read_back(broker: Broker, positions: Mapping[int, int]) -> list[Page]:
    """Every page before some offsets, the first one first."""
    log, row, pages = LogPages(broker, "t"), 0, []
    starts = {p: broker.log.offsets("t")[p].start for p in positions}
    while any(positions[p] > starts[p] for p in positions):
        page, positions = log.page_before(row, positions, starts)
        if page is not None:
            pages.insert(0, page)
            row = page.first_row
    return pages


def places(pages: list[Page]) -> list[Place]:
    assert all(page.end_row == after.first_row for page, after in pairwise(pages))
    return [page.place(row) for page in pages for row in range(page.first_row, page.end_row)]


def test_one_partition_is_read_back_to_its_beginning(broker: EmbeddedBroker) -> None:
    broker.topics.create("t")
    produce(broker, 0, list(range(40_000)))
    pages = read_back(broker, {0: 39_000})
    assert places(pages) == [(0, offset) for offset in range(39_000)]
    assert (pages[0].first_row, pages[-1].end_row) == (-39_000, 0)
    assert max(map(len, pages)) > 10 * min(len(pages[0]), len(pages[-1]))


def test_partitions_are_merged_by_timestamp_within_offset_order(broker: EmbeddedBroker) -> None:
    broker.topics.create("t", 3)
    chance = random.Random(3)
    times = {p: [chance.randrange(9_000) + index for index in range(5_000 + 700 * p)] for p in range(3)}
    for partition, stamps in times.items():
        produce(broker, partition, stamps)
    left = {p: len(stamps) for p, stamps in times.items()}
    expected: list[Place] = []
    while any(left.values()):
        # Going back, whichever is later.
        last = max((p for p in left if left[p]), key=lambda p: (times[p][left[p] - 1], p))
        left[last] -= 1
        expected.append((last, left[last]))
    pages = read_back(broker, {p: len(stamps) for p, stamps in times.items()})
    assert len(pages) > 2
    assert places(pages) == expected[::-1]


def test_pages_read_again_hold_the_same_records(broker: EmbeddedBroker) -> None:
    broker.topics.create("t", 2)
    for number in range(0, 3_000, 30):
        for partition in range(2):
            produce(broker, partition, list(range(number + 10 * partition, number + 10 * partition + 15)))
    pages = read_back(broker, {0: 1_500, 1: 1_500})
    # Others than those which found them: nothing of these is in memory.
    fresh = LogPages(broker, "t")
    found = []
    for page in pages:
        records = fresh.records(page)
        for row in range(page.first_row, page.end_row):
            batch, index = records.locate(row)
            record = batch.record(index)
            assert record.value == b"%d" % record.timestamp
            found.append((record.partition, record.offset))
        # The same by partition, as filters and searches go through them.
        parts = {
            int(row): (part.batch.partition, part.batch.offset(index))
            for part in records.parts
            for index, row in enumerate(part.rows)
        }
        assert [parts[row] for row in range(page.first_row, page.end_row)] == found[-len(page) :]
    assert found == places(pages)


def test_large_records_make_small_pages(broker: EmbeddedBroker) -> None:
    broker.topics.create("t")
    broker.log.append("t", record_batch([b"small"] * 5_000, timestamps=0))
    for _ in range(6):
        broker.log.append("t", record_batch([b"x" * (4 << 20)] * 2, timestamps=0))
    broker.log.append("t", record_batch([b"small"] * 5_000, timestamps=0))
    pages = read_back(broker, {0: 10_012})
    assert places(pages) == [(0, offset) for offset in range(10_012)]
    fresh = LogPages(broker, "t")
    assert max(fresh.records(page).size for page in pages) < 20 << 20


def test_damaged_records_have_no_rows(broker: EmbeddedBroker) -> None:
    broker.topics.create("t")
    for number in range(10):
        produce(broker, 0, list(range(number * 1_000, number * 1_000 + 1_000)))
    connection = sqlite3.connect(broker.folder / "log.db")
    with connection:
        connection.execute("UPDATE batches_1_0 SET crc32 = crc32 + 1 WHERE base IN (0, 4000, 5000)")
    connection.close()
    pages = read_back(broker, {0: 10_000})
    intact = [offset for offset in range(10_000) if not (offset < 1_000 or 4_000 <= offset < 6_000)]
    assert places(pages) == [(0, offset) for offset in intact]


def test_another_topic_of_that_name_is_never_read(broker: EmbeddedBroker) -> None:
    broker.topics.create("t")
    produce(broker, 0, list(range(100)))
    (page,) = read_back(broker, {0: 100})
    log = LogPages(broker, "t")
    broker.topics.delete("t")
    broker.topics.create("t")
    produce(broker, 0, list(range(200, 300)))
    with pytest.raises(DeletedTopicError):
        log.records(page)


def test_the_error_for_a_removed_record_names_its_offset(broker: EmbeddedBroker) -> None:
    broker.topics.create("t")
    for number in range(10):
        produce(broker, 0, list(range(number * 100, number * 100 + 100)))
    (page,) = read_back(broker, {0: 1_000})
    broker.log.trim("t", 0, 500)
    with pytest.raises(LostRecordError, match=r"no longer in the log: offset 0"):
        LogPages(broker, "t").records(page).locate(-1_000)
    left = LogPages(broker, "t").page_of([Run(-1_000, 0, 0, 1_000)])
    assert left is not None
    assert (left.first_row, left.end_row) == (-500, 0)
    assert LogPages(broker, "t").page_of([Run(-1_000, 0, 0, 400)]) is None
