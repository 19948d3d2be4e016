"""Searching the log before what is loaded: the broker in memory and the embedded one."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from engine.broker.broker import Broker
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.live.scrollback import log_search as module
from engine.live.scrollback.log_search import Hit, LogProgress, LogSearch
from engine.live.window.matcher import TextMatcher
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch
from tests.contract.memory_broker import MemoryBroker
from tests.waiting import wait_for

Begin = Callable[..., LogSearch]


@pytest.fixture(params=["memory", "embedded"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    kind = MemoryBroker if request.param == "memory" else None
    with kind() if kind else EmbeddedBroker.open(tmp_path / "data", durable=False) as broker:
        yield broker


@pytest.fixture
def window() -> Window:
    return Window()


@pytest.fixture
def begin(window: Window) -> Iterator[Begin]:
    with ExitStack() as stack:

        def opened(broker: Broker, pattern: str, wake: Callable[[], None] = lambda: None) -> LogSearch:
            matcher = TextMatcher(pattern, regex=True)
            search = LogSearch(broker, broker.topics.get("t"), window, matcher, wake)
            return stack.enter_context(closing(search))

        yield opened


def produce(broker: Broker, values: range, partition: int = 0) -> None:
    records = record_batch([b"value %d" % value for value in values], timestamps=values)
    broker.log.append("t", records, partition)


def load(window: Window, **offsets: int) -> None:
    """Load one record of each partition `p0`, `p1` and so on, as a replay from there does."""
    positions = {int(name[1:]): offset for name, offset in offsets.items()}
    window.clear(positions)
    for partition, offset in positions.items():
        window.append(Batch.consecutive(partition, offset, record_batch([b"loaded"], timestamps=0)))


def rested(search: LogSearch) -> LogProgress:
    """The progress once nothing more is read."""
    return wait_for(lambda: search.progress, lambda progress: not progress.running)


def found(search: LogSearch) -> Hit | None:
    """The next hit, once it is found."""
    return wait_for(lambda: search.progress, lambda now: now.next or not now.running).next


def test_each_older_hit_is_found_in_turn(broker: Broker, window: Window, begin: Begin) -> None:
    broker.topics.create("t")
    produce(broker, range(60_000))
    load(window, p0=50_000)
    search = begin(broker, "77777$|12345$|^value 3$|55555$|49999$")
    assert search.progress == LogProgress()
    for offset in (49_999, 12_345, 3):
        search.go_on(window.snapshot())
        assert found(search) == Hit(0, offset)
        load(window, p0=offset)
    search.go_on(window.snapshot())
    assert found(search) is None
    assert rested(search) == LogProgress(searched=50_000, total=50_000, hits=3, complete=True)


def test_hits_of_several_partitions_come_by_time(broker: Broker, window: Window, begin: Begin) -> None:
    broker.topics.create("t", 2)
    produce(broker, range(0, 40_000, 2), 0)
    produce(broker, range(1, 40_001, 2), 1)
    load(window, p0=20_000, p1=20_000)
    search = begin(broker, "10000$|20001$|30000$")
    at = {0: 20_000, 1: 20_000}
    for partition, value in ((0, 30_000), (1, 20_001), (0, 10_000)):
        search.go_on(window.snapshot())
        assert found(search) == Hit(partition, value // 2)
        at[partition] = value // 2
        load(window, p0=min(at[0], value // 2), p1=min(at[1], value // 2))


def test_a_frequent_text_is_searched_for_no_further_than_is_gone_to(
    broker: Broker, window: Window, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AHEAD", 10)
    broker.topics.create("t")
    produce(broker, range(60_000))
    load(window, p0=60_000)
    search = begin(broker, "9$")
    search.go_on(window.snapshot())
    assert found(search) == Hit(0, 59_999)
    progress = rested(search)
    assert progress.searched < progress.total
    assert not progress.complete
    load(window, p0=2_000)
    search.go_on(window.snapshot())
    assert found(search) == Hit(0, 1_999)
    assert rested(search).hits < 6_000


def test_records_that_were_loaded_no_more_are_searched(broker: Broker, window: Window, begin: Begin) -> None:
    broker.topics.create("t")
    produce(broker, range(30_000))
    load(window, p0=10_000)
    search = begin(broker, "0{4}$")
    search.go_on(window.snapshot())
    assert found(search) is None
    load(window, p0=30_000)
    search.go_on(window.snapshot())
    assert found(search) == Hit(0, 20_000)
    assert rested(search).hits == 2


def test_a_search_rests_at_once_and_goes_on_from_there(window: Window, begin: Begin) -> None:
    with MemoryBroker() as broker:
        broker.topics.create("t")
        produce(broker, range(60_000))
        load(window, p0=60_000)
        search = begin(broker, "value 7$")
        with broker.stalled():
            search.go_on(window.snapshot())
            assert search.progress.running
            search.rest()
            assert not search.progress.running
        assert search.progress.next is None
        search.go_on(window.snapshot())
        assert found(search) == Hit(0, 7)


def test_gaps_and_damage_are_passed_over(window: Window, begin: Begin) -> None:
    with MemoryBroker() as broker:
        broker.topics.create("t")
        produce(broker, range(20_000))
        broker.compact("t", [n for n in range(20_000) if n % 7])
        broker.damage("t", 7_000, 9_000)
        load(window, p0=20_000)
        search = begin(broker, "value (7|70|7700|15000)$")
        for offset in (70, 7):
            search.go_on(window.snapshot())
            assert found(search) == Hit(0, offset)
            load(window, p0=offset)
        assert rested(search).complete


def test_a_deleted_topic_ends_it(broker: Broker, window: Window, begin: Begin) -> None:
    broker.topics.create("t")
    produce(broker, range(1_000))
    load(window, p0=1_000)
    search = begin(broker, "value 7$")
    broker.topics.delete("t")
    search.go_on(window.snapshot())
    assert "topic 't'" in rested(search).problem
    wait_for(lambda: search.ended, bool)
