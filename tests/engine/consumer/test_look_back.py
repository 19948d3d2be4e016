"""Which stored records a look-back asks for, read from a log."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.consumer.look_back import look_back_in
from engine.records.batch import record_batch
from engine.runtime.config import LookBack

NOW = 1_000_000


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """Two partitions: records 0 to 99, one each ms up to now; and three old ones."""
    with EmbeddedBroker.open(tmp_path, durable=False) as opened:
        opened.topics.create("t", 2)
        for start in range(0, 100, 10):
            values = [b"%d" % number for number in range(start, start + 10)]
            stamps = range(NOW - 99 + start, NOW - 99 + start + 10)
            opened.log.append("t", record_batch(values, timestamps=stamps))
        opened.log.append("t", record_batch([b"x", b"y", b"z"], timestamps=NOW - 5_000), 1)
        yield opened


def read(broker: EmbeddedBroker, look_back: LookBack, ends: dict[int, int] | None = None) -> list[bytes]:
    before = ends or {partition: held.end for partition, held in broker.log.offsets("t").items()}
    return [
        value
        for partition, end in before.items()
        for value in look_back_in(broker.log, "t", partition, end, look_back, NOW)
        .records.column("value")
        .to_pylist()
    ]


@pytest.mark.parametrize(
    ("look_back", "expected"),
    [
        (LookBack(last=0), []),
        (LookBack(last=2), ["98", "99", "y", "z"]),
        (LookBack(last=500), [*map(str, range(100)), "x", "y", "z"]),
        (LookBack(age_ms=14), [str(number) for number in range(85, 100)]),
        (LookBack(last=3, age_ms=1), ["98", "99"]),
        (LookBack(last=2, age_ms=10_000), ["98", "99", "y", "z"]),
    ],
)
def test_count_and_age(broker: EmbeddedBroker, look_back: LookBack, expected: list[str]) -> None:
    assert read(broker, look_back) == [text.encode() for text in expected]


def test_records_from_the_end_on_are_not_read(broker: EmbeddedBroker) -> None:
    assert read(broker, LookBack(last=2), {0: 50}) == [b"48", b"49"]


def test_removed_records_are_not_looked_for(broker: EmbeddedBroker) -> None:
    broker.log.trim("t", 0, 90)
    expected = [*map(str, range(90, 100)), "x", "y", "z"]
    assert read(broker, LookBack(last=20)) == [text.encode() for text in expected]
