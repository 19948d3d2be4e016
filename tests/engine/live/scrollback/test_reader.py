"""Reading back before a window: a real broker, real modules, and snapshots as a dashboard gets them."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest

from engine.broker.read_range import Origin, Start
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.errors import OutOfReachError
from engine.library.modules import add_module
from engine.live.scrollback import reader as module
from engine.live.scrollback.log_pages import LogPages
from engine.live.scrollback.shown_pane import ShownPane
from engine.live.scrollback.snapshot import ScrollbackSnapshot
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.topic_workbench import TopicWorkbench
from engine.live.window import row_index
from engine.live.window.limits import WindowLimits
from engine.live.window.matcher import Matcher, TextMatcher
from engine.live.window.search import Search
from engine.records.batch import Record, record_batch
from engine.records.verdicts import Verdict
from engine.runtime.config import ModuleConfig
from tests.engine.consumer_bench import BREACH, EVEN, ODD, TRAPS_AT_TENS
from tests.waiting import wait_for

Open = Callable[..., TopicWorkbench]
WINDOW = 1_000


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker.open(tmp_path / "data", durable=False) as broker:
        yield broker


@pytest.fixture
def store(tmp_path: Path, compiled_once: None) -> SmartStreamStore:
    store = SmartStreamStore(tmp_path / "data")
    add_module(store, "f", EVEN, "f")
    return store


@pytest.fixture
def open_workbench(broker: EmbeddedBroker, store: SmartStreamStore) -> Iterator[Open]:
    opened: list[TopicWorkbench] = []

    def begin(*filters: str, rows: int = WINDOW, config: ModuleConfig | None = None) -> TopicWorkbench:
        workbench = TopicWorkbench(broker, "t", window=WindowLimits(rows=rows), config=config)
        opened.append(workbench)
        workbench.start(lambda: None)
        for name in filters:
            workbench.add_stored(name)
        return workbench

    yield begin
    for workbench in opened:
        workbench.close()


def produce(broker: EmbeddedBroker, count: int, partition: int = 0) -> None:
    first = broker.log.offsets("t")[partition].end
    values = [b"%d" % offset for offset in range(first, first + count)]
    broker.log.append("t", record_batch(values, timestamps=range(first, first + count)), partition)


def wait(workbench: TopicWorkbench, wanted: Callable[[WorkbenchSnapshot], object]) -> WorkbenchSnapshot:
    return wait_for(workbench.snapshot, wanted)


def scrollback(snapshot: WorkbenchSnapshot) -> ScrollbackSnapshot:
    assert snapshot.scrollback is not None
    return snapshot.scrollback


def evaluated_back(snapshot: WorkbenchSnapshot, row: int, consumer: int = 1) -> bool:
    """Whether all rows from `row` on have been read, and evaluated by a consumer."""
    back = snapshot.scrollback
    if back is None or back.first_row > row or consumer not in back.evaluated:
        return False
    evaluated = back.evaluated[consumer]
    return evaluated.first_row <= row and not np.any(evaluated.verdicts == Verdict.PENDING)


def look_back(workbench: TopicWorkbench, row: int, end_row: int = 0, matcher: Matcher | None = None) -> None:
    """Have the rows between these read, as a pane does that keeps them."""
    pane = ShownPane(
        consumer=None, first_row=row, start_row=row, unevaluated=end_row - row, scrolled_back=True
    )
    workbench.show([pane], matcher)


def records(broker: EmbeddedBroker, snapshot: WorkbenchSnapshot, *rows: int) -> list[Record]:
    """Those at some rows, or at all rows, the oldest first."""
    whole = snapshot.window.reaching_back(snapshot.scrollback)
    return list(LogPages(broker, "t").decoded(whole, rows or range(whole.first_row, whole.end_row)))


def values(broker: EmbeddedBroker, snapshot: WorkbenchSnapshot) -> list[bytes | None]:
    return [record.value for record in records(broker, snapshot)]


def full(snapshot: WorkbenchSnapshot) -> bool:
    return len(snapshot.window) == WINDOW


def test_reads_and_evaluates_back_to_the_beginning(broker: EmbeddedBroker, open_workbench: Open) -> None:
    broker.topics.create("t")
    produce(broker, 50_000)
    workbench = open_workbench("f")
    assert wait(workbench, full).scrollback is None
    look_back(workbench, -3_000)
    shown = wait(workbench, lambda s: evaluated_back(s, -3_000))
    assert -20_000 < scrollback(shown).first_row <= -3_000
    look_back(workbench, -1_000_000)
    shown = wait(workbench, lambda s: s.scrollback.complete and evaluated_back(s, -49_000))
    back = scrollback(shown)
    assert (back.first_row, back.end_row, back.reading, back.problem) == (-49_000, 0, False, "")
    assert values(broker, shown) == [b"%d" % offset for offset in range(50_000)]
    assert back.evaluated[1].verdicts.tolist() == [1, 0] * 24_500
    assert (back.row_of(0, 17), back.row_of(0, 48_999), back.row_of(0, 49_000)) == (-48_983, -1, None)
    workbench.show([])
    assert workbench.snapshot().scrollback is None


def test_a_million_rows_are_read_and_evaluated(broker: EmbeddedBroker, open_workbench: Open) -> None:
    broker.topics.create("t")
    for _ in range(11):
        broker.log.append("t", record_batch([b"0123456789" * 3] * 100_000, timestamps=0))
    workbench = open_workbench("f")
    wait(workbench, full)
    look_back(workbench, -1_000_000)
    shown = wait(workbench, lambda s: evaluated_back(s, -1_000_000))
    assert int(np.count_nonzero(scrollback(shown).evaluated[1].verdicts)) >= 500_000
    row = -987_654
    (record,) = records(broker, shown, row)
    assert record.offset == 1_099_000 + row


def test_rows_that_left_the_window_come_back(broker: EmbeddedBroker, open_workbench: Open) -> None:
    broker.topics.create("t", 2)
    produce(broker, 700)
    produce(broker, 800, 1)
    workbench = open_workbench("f")
    wait(workbench, lambda s: len(s.window) == WINDOW)
    held = workbench.snapshot().window
    arrived = [(r.partition, r.offset) for r in map(held.record, range(held.first_row, held.end_row))]
    for _ in range(40):
        produce(broker, 23)
        produce(broker, 31, 1)
    shown = wait(workbench, lambda s: s.window.end_row == WINDOW + 40 * 54)
    look_back(workbench, held.first_row, shown.window.first_row)
    shown = wait(workbench, lambda s: evaluated_back(s, held.first_row))
    kept = range(held.first_row, held.end_row)
    assert [(r.partition, r.offset) for r in records(broker, shown, *kept)] == arrived
    # Rows evicted from now on follow those that were read.
    produce(broker, 5_000)
    later = wait(workbench, lambda s: s.window.end_row == WINDOW + 40 * 54 + 5_000)
    look_back(workbench, later.window.first_row, later.window.first_row)
    later = wait(workbench, lambda s: s.scrollback.end_row == s.window.first_row)
    assert [(r.partition, r.offset) for r in records(broker, later, *kept)] == arrived


def test_another_version_evaluates_all_pages_again(
    broker: EmbeddedBroker, store: SmartStreamStore, open_workbench: Open
) -> None:
    broker.topics.create("t")
    produce(broker, 30_000)
    workbench = open_workbench("f")
    wait(workbench, full)
    look_back(workbench, -29_000)
    shown = wait(workbench, lambda s: evaluated_back(s, -29_000))
    assert scrollback(shown).evaluated[1].verdicts.tolist() == [1, 0] * 14_500
    add_module(store, "f", ODD, "f")
    shown = wait(workbench, lambda s: s.scrollback.evaluated[1].version == 2 and evaluated_back(s, -29_000))
    assert scrollback(shown).evaluated[1].verdicts.tolist() == [0, 1] * 14_500
    workbench.remove(1)
    wait(workbench, lambda s: not s.scrollback.evaluated)


def test_faults_have_their_messages_and_a_stopped_filter_leaves_rows_pending(
    broker: EmbeddedBroker, store: SmartStreamStore, open_workbench: Open
) -> None:
    broker.topics.create("t")
    produce(broker, 5_000)
    add_module(store, "tens", TRAPS_AT_TENS, "tens")
    add_module(store, "breach", BREACH, "breach")
    workbench = open_workbench("tens", "breach")
    wait(workbench, full)
    look_back(workbench, -4_000)
    shown = wait(workbench, lambda s: evaluated_back(s, -4_000))
    evaluated = scrollback(shown).evaluated[1]
    assert np.flatnonzero(evaluated.verdicts == Verdict.TRAP).tolist() == list(range(0, 4_000, 10))
    assert evaluated.faults[-10].message
    assert set(scrollback(shown).evaluated[2].verdicts.tolist()) <= {Verdict.PENDING}


def test_a_replay_drops_the_scrollback(broker: EmbeddedBroker, open_workbench: Open) -> None:
    broker.topics.create("t")
    produce(broker, 5_000)
    workbench = open_workbench("f")
    wait(workbench, full)
    look_back(workbench, -4_000)
    wait(workbench, lambda s: evaluated_back(s, -4_000))
    workbench.replay(Start(Origin.BEGINNING, 4_500))
    assert workbench.snapshot().scrollback is None
    shown = wait(workbench, lambda s: s.window.first_row == WINDOW and len(s.window) == 500)
    look_back(workbench, -1_000_000, shown.window.first_row)
    shown = wait(workbench, lambda s: s.scrollback.complete)
    assert values(broker, shown) == [b"%d" % offset for offset in range(5_000)]


def test_reading_back_ends_where_retention_began(broker: EmbeddedBroker, open_workbench: Open) -> None:
    broker.topics.create("t")
    for _ in range(10):
        produce(broker, 1_000)
    workbench = open_workbench("f")
    wait(workbench, full)
    broker.log.trim("t", 0, 6_000)
    look_back(workbench, -1_000_000)
    shown = wait(workbench, lambda s: s.scrollback.complete)
    assert values(broker, shown) == [b"%d" % offset for offset in range(6_000, 10_000)]


def test_evicted_rows_are_read_as_far_as_retention_left_them(
    broker: EmbeddedBroker, open_workbench: Open
) -> None:
    broker.topics.create("t")
    produce(broker, 1_000)
    workbench = open_workbench("f")
    wait(workbench, full)
    for _ in range(30):
        produce(broker, 1_000)
    wait(workbench, lambda s: s.window.end_row == 31_000)
    broker.log.trim("t", 0, 12_000)
    look_back(workbench, 0, 30_000)
    shown = wait(workbench, lambda s: s.scrollback.complete)
    assert values(broker, shown) == [b"%d" % offset for offset in range(12_000, 31_000)]


def test_the_number_of_rows_kept_is_limited(
    broker: EmbeddedBroker, open_workbench: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SCROLLBACK_ROWS", 40_000)
    broker.topics.create("t")
    produce(broker, 100_000)
    workbench = open_workbench("f")
    wait(workbench, full)
    look_back(workbench, -1_000_000)
    back = scrollback(wait(workbench, lambda s: s.scrollback.complete))
    assert 40_000 <= back.end_row - back.first_row < 60_000
    produce(broker, 50_000)
    shown = wait(workbench, lambda s: s.window.end_row == WINDOW + 50_000)
    look_back(workbench, 0, shown.window.first_row)
    back = scrollback(wait(workbench, lambda s: s.scrollback.end_row == s.window.first_row))
    assert back.end_row - back.first_row <= 40_000


@pytest.fixture
def opened() -> Iterator[Callable[[Search], Search]]:
    """Searches that are closed at the end."""
    with ExitStack() as stack:
        yield lambda search: stack.enter_context(closing(search))


def test_search_covers_all_pages_read(
    broker: EmbeddedBroker, open_workbench: Open, opened: Callable[[Search], Search]
) -> None:
    broker.topics.create("t", 2)
    produce(broker, 20_000)
    produce(broker, 20_000, 1)
    workbench = open_workbench()
    wait(workbench, full)
    search = opened(Search(TextMatcher("77$", regex=True)))

    def searched(snapshot: WorkbenchSnapshot) -> bool:
        """Whether everything is searched, after showing it to the search."""
        window = snapshot.window.reaching_back(snapshot.scrollback)
        search.show(window)
        return not search.left(window)

    def matching(snapshot: WorkbenchSnapshot) -> list[int]:
        first_row = snapshot.window.reaching_back(snapshot.scrollback).first_row
        found = enumerate(values(broker, snapshot), first_row)
        return [row for row, value in found if value is not None and value.endswith(b"77")]

    shown = wait(workbench, searched)
    assert search.hits.tolist() == matching(shown) != []
    look_back(workbench, -1_000_000, matcher=search.matcher)
    shown = wait(workbench, lambda s: s.scrollback.complete and searched(s))
    assert search.hits.tolist() == matching(shown)
    assert len(search.hits) == 400
    workbench.show([])
    shown = wait(workbench, searched)
    assert search.hits.tolist() == matching(shown)
    look_back(workbench, -5_000, matcher=search.matcher)
    shown = wait(workbench, lambda s: s.scrollback.first_row <= -5_000 and searched(s))
    assert search.hits.tolist() == matching(shown)


def test_another_search_ends_a_slow_one(broker: EmbeddedBroker, open_workbench: Open) -> None:
    broker.topics.create("t", 1)
    text = random.Random(1).choices(b"ab", k=20_000)
    broker.log.append("t", record_batch([bytes(text)] * 200), 0)
    produce(broker, WINDOW)
    workbench = open_workbench()
    wait(workbench, full)
    # Linear, too, but a minute a page.
    look_back(workbench, -1_000, matcher=TextMatcher("(x|.{0,900}b.{5})c", regex=True))
    wait(workbench, lambda s: s.scrollback.complete)
    wanted = TextMatcher("ab")
    look_back(workbench, -1_000, matcher=wanted)
    shown = wait(workbench, lambda s: scrollback(s).found_before(wanted, 0))
    _, rows = scrollback(shown).found_before(wanted, 0) or (0, np.empty(0))
    assert len(rows) > 0


def test_alternating_partitions_are_evaluated(broker: EmbeddedBroker, open_workbench: Open) -> None:
    broker.topics.create("t", 2)
    produce(broker, 20_000)
    produce(broker, 20_000, 1)
    workbench = open_workbench("f")
    wait(workbench, full)
    look_back(workbench, -1_000_000)
    shown = wait(workbench, lambda s: s.scrollback.complete and evaluated_back(s, -39_000))
    back = scrollback(shown)
    for row in (-39_000, -20_001, -7, -1):
        (record,) = records(broker, shown, row)
        verdict = back.evaluated[1].verdicts[row - back.first_row]
        assert verdict == (Verdict.DROP if record.offset % 2 else Verdict.PASS)


def test_rows_with_a_forgotten_order_have_no_duplicates(
    broker: EmbeddedBroker, open_workbench: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_index, "RUNS_KEPT", 100)
    broker.topics.create("t", 2)
    produce(broker, 700)
    produce(broker, 700, 1)
    workbench = open_workbench("f")
    wait(workbench, full)
    look_back(workbench, -1)
    wait(workbench, lambda s: evaluated_back(s, -1))
    for _ in range(600):
        produce(broker, 1)
        produce(broker, 1, 1)
    shown = wait(workbench, lambda s: s.window.end_row == WINDOW + 1_200)
    look_back(workbench, -1, shown.window.first_row)
    shown = wait(workbench, lambda s: not s.scrollback.reading)
    found = [(r.partition, r.offset) for r in records(broker, shown)]
    assert len(set(values(broker, shown))) >= len(found) // 2
    assert sorted(set(found)) == sorted(found)
    for partition in range(2):
        offsets = [offset for p, offset in found if p == partition]
        assert offsets == list(range(offsets[0], 1_300))


class TestReach:
    def test_an_offset(self, broker: EmbeddedBroker, open_workbench: Open) -> None:
        broker.topics.create("t", 2)
        produce(broker, 20_000)
        produce(broker, 20_000, 1)
        workbench = open_workbench("f")
        wait(workbench, full)
        assert workbench.reach(Start(Origin.ZERO, 12_345), 1) == {1: 12_345}
        shown = wait(workbench, lambda s: not s.scrollback.reading)
        whole = shown.window.reaching_back(shown.scrollback)
        row = whole.row_of(1, 12_345)
        assert row is not None
        (record,) = records(broker, shown, row)
        assert (record.partition, record.offset) == (1, 12_345)

    def test_a_time_in_all_partitions(self, broker: EmbeddedBroker, open_workbench: Open) -> None:
        broker.topics.create("t", 2)
        produce(broker, 20_000)
        produce(broker, 7_000, 1)
        workbench = open_workbench("f")
        wait(workbench, full)
        assert workbench.reach(Start(Origin.TIME, 6_990)) == {0: 6_990, 1: 6_990}
        assert workbench.reach(Start(Origin.TIME, 9_000)) == {0: 9_000}
        shown = wait(workbench, lambda s: not s.scrollback.reading)
        whole = shown.window.reaching_back(shown.scrollback)
        row = whole.row_of(0, 9_000)
        assert row is not None
        (record,) = records(broker, shown, row)
        assert record.timestamp == 9_000

    def test_the_earliest_of_several_partitions_comes_first(
        self, broker: EmbeddedBroker, open_workbench: Open
    ) -> None:
        broker.topics.create("t", 3)
        for partition, stamps in enumerate((range(0, 3_000, 10), range(5, 3_005, 10), range(300))):
            for first in (0, 150):
                part = record_batch([b"x"] * 150, timestamps=stamps[first : first + 150])
                broker.log.append("t", part, partition)
        broker.log.trim("t", 2, 150)
        workbench = open_workbench()
        assert list(workbench.reach(Start(Origin.TIME, 1_001)).items()) == [(1, 100), (0, 101)]
        # The first record that partition 2 has left is not the one at this offset.
        assert list(workbench.reach(Start(Origin.ZERO, 100)).items()) == [(0, 100), (1, 100)]

    def test_a_snapshot_after_it_says_that_rows_are_being_read(
        self, broker: EmbeddedBroker, open_workbench: Open
    ) -> None:
        broker.topics.create("t")
        produce(broker, 200_000)
        workbench = open_workbench("f")
        wait(workbench, full)
        workbench.reach(Start(Origin.ZERO, 198_000))
        wait(workbench, lambda s: not s.scrollback.reading)
        for offset in range(190_000, 10_000, -10_000):
            # One that was taken before must not stand for it: its first row would be gone to.
            workbench.snapshot()
            workbench.reach(Start(Origin.ZERO, offset))
            shown = wait(workbench, lambda s: not s.scrollback.reading)
            row = scrollback(shown).row_of(0, offset)
            assert row == offset - 199_000

    def test_an_offset_in_the_window_reads_nothing(
        self, broker: EmbeddedBroker, open_workbench: Open
    ) -> None:
        broker.topics.create("t")
        produce(broker, 20_000)
        workbench = open_workbench("f")
        wait(workbench, full)
        assert workbench.reach(Start(Origin.ZERO, 19_500)) == {0: 19_500}
        shown = wait(workbench, lambda s: not s.scrollback.reading)
        assert len(scrollback(shown).pages) == 0
        assert shown.window.row_of(0, 19_500) == 500

    def test_places_out_of_reach_are_refused(
        self, broker: EmbeddedBroker, open_workbench: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broker.topics.create("t")
        produce(broker, 20_000)
        workbench = open_workbench("f")
        wait(workbench, full)
        with pytest.raises(OutOfReachError, match=r"ends before offset 20,000"):
            workbench.reach(Start(Origin.ZERO, 20_000))
        with pytest.raises(OutOfReachError, match=r"no partition 3"):
            workbench.reach(Start(Origin.ZERO, 0), 3)
        monkeypatch.setattr("engine.live.tail.SCROLLBACK_ROWS", 10_000)
        with pytest.raises(OutOfReachError, match=r"20,000 records back; the limit is 10,000") as refused:
            workbench.reach(Start(Origin.BEGINNING))
        assert "read the topic again" in refused.value.remedy
        produce(broker, 1_000)
        broker.log.trim("t", 0, 20_000)
        with pytest.raises(OutOfReachError, match=r"begins at offset 20,000"):
            workbench.reach(Start(Origin.ZERO, 19_999))
