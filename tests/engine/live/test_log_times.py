"""Counting a whole log by time: the broker in memory and the embedded one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.broker.broker import Broker
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import Live
from engine.live.log_times import LogTimes, count_log, over_log
from engine.records.batch import record_batch
from engine.records.verdicts import Verdict
from tests.contract.memory_broker import MemoryBroker


@pytest.fixture(params=["memory", "embedded"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    kind = MemoryBroker if request.param == "memory" else None
    with kind() if kind else EmbeddedBroker.open(tmp_path / "data", durable=False) as broker:
        yield broker


def counted(broker: Broker, most: int) -> LogTimes | None:
    return count_log(broker.log, broker.topics.get("t"), most, lambda: False)


def append(broker: Broker, times: list[int], partition: int = 0) -> None:
    broker.log.append("t", record_batch([b"x"] * len(times), timestamps=times), partition)


def test_records_are_counted_where_times_rise(broker: Broker) -> None:
    broker.topics.create("t", 3)
    times = {0: [1_000, 1_001, 1_999, 9_000], 1: [*range(3_000, 5_000, 10)]}
    for partition, stamps in times.items():
        append(broker, stamps, partition)
    found = counted(broker, 10)
    assert found is not None
    assert (found.start, found.width) == (1_000, 1_000)
    assert found.counts.tolist() == [3, 0, 100, 100, 0, 0, 0, 0, 1]


def test_every_record_is_counted_though_times_do_not_rise(broker: Broker) -> None:
    broker.topics.create("t")
    append(broker, [5_000, 2_000, 9_000, 1_000, 8_000])
    found = counted(broker, 4)
    assert found is not None
    assert found.counts.sum() == 5


def test_an_empty_log_and_a_stopped_count_have_no_times(broker: Broker) -> None:
    broker.topics.create("t", 2)
    assert counted(broker, 10) is None
    append(broker, [*range(1_000)])
    assert count_log(broker.log, broker.topics.get("t"), 10, lambda: True) is None


def test_gaps_count_as_records() -> None:
    with MemoryBroker() as broker:
        broker.topics.create("t")
        append(broker, [*range(1_000)])
        broker.compact("t", range(500, 600))
        broker.retain("t", 200)
        found = counted(broker, 10)
        assert found is not None
        assert (found.start, found.width) == (200, 100)
        assert found.counts.tolist() == [100, 100, 200, 0, 100, 100, 100, 100]


def test_what_is_in_memory_says_what_became_of_it() -> None:
    log = LogTimes(start=0, width=10, counts=np.array([50, 40, 2]))
    stamps = np.array([15, 16, 25, 26, 27])
    raw = over_log(log, stamps, 7, None)
    assert raw.passed.tolist() == [50, 40, 3]
    verdicts = np.array([Verdict.PASS, Verdict.DROP, Verdict.ERROR], np.uint8)
    one = ConsumerSnapshot(id=1, name="one", path=None, status=Live(), first_row=7, verdicts=verdicts)
    found = over_log(log, stamps, 7, one)
    assert (found.passed.tolist(), found.dropped.tolist()) == ([0, 1, 0], [0, 1, 0])
    assert (found.failed.tolist(), found.pending.tolist()) == ([0, 0, 1], [50, 38, 2])
    assert found.totals.tolist() == [50, 40, 3]
