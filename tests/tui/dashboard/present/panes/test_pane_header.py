from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len

from engine.live.evaluation.snapshot import BuildProgress, ConsumerSnapshot
from engine.live.evaluation.status import Building, Earlier, Failed, Live, Stale, Stopped
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.stats.counters import Counters
from engine.live.stats.rates import Throughput
from engine.live.versions.changes import Change
from engine.live.window.snapshot import WindowSnapshot
from tests.tui.dashboard.scripted_workbench import failed_build
from tui.dashboard.present.panes.pane_header import Hold, filter_head, raw_head
from tui.dashboard.widgets.panes.pane_head import draw_head


def change_of(now_pass: int, now_drop: int, rows: int) -> Change:
    return Change(0, np.zeros(rows, np.uint8), now_pass, now_drop, 3_000)


LIVE = ConsumerSnapshot(
    2,
    "errors_only",
    Path("errors_only.rs"),
    Live(),
    version=3,
    reload_seconds=0.187,
    counters=Counters(passed=24, dropped=74, traps=2, seconds=2e-6),
    throughput=Throughput(12_345.0, (1.0, 2.0, 4.0)),
)
FOLLOWING = Hold()
WAITING = BuildProgress(seconds=7, doing="waiting for 2 other builds")


@pytest.mark.parametrize(
    ("consumer", "words"),
    [
        (LIVE, "● live v3 0.19 s"),
        (replace(LIVE, building=BuildProgress(seconds=0.4)), "● live v3 building…"),
        (replace(LIVE, building=BuildProgress(seconds=12.9)), "● live v3 building 12 s"),
        (replace(LIVE, building=WAITING), "● live v3 waiting for 2 other builds"),
        (replace(LIVE, status=Stale()), "✗ STALE v3"),
        (replace(LIVE, status=Stopped()), "■ stopped v3"),
        (replace(LIVE, status=Earlier(), newer=5), "◂ earlier v3 of 5"),
        (replace(LIVE, status=Building(), version=0), "○ building"),
        (replace(LIVE, status=Building(), version=0, building=BuildProgress(seconds=3)), "○ building 3 s"),
        (replace(LIVE, status=Building(), version=0, building=WAITING), "○ waiting for 2 other builds"),
        (replace(LIVE, status=Failed(), version=0), "✗ failed"),
    ],
)
def test_state_in_words(consumer: ConsumerSnapshot, words: str) -> None:
    assert filter_head(consumer, FOLLOWING).state == words


def test_stats_and_faults() -> None:
    head = filter_head(LIVE, FOLLOWING)
    assert head.stats == ("24.0%", "12.3k/s", "0.02 µs")
    assert head.faults == "2 traps"
    measured = replace(LIVE, counters=replace(LIVE.counters, cost_p50=1.5e-7, cost_p99=4e-6))
    timed = filter_head(measured, FOLLOWING)
    assert (timed.stats[2:], timed.slowest) == (("0.15 µs",), "p99 4 µs")
    assert ["p99 4 µs" in draw_head(timed, width).plain for width in (42, 60)] == [False, True]
    several = replace(LIVE, counters=Counters(passed=1, traps=1, errors=2, timeouts=3))
    assert filter_head(several, FOLLOWING).faults == "1 trap 2 errors 3 timeouts"
    assert filter_head(replace(LIVE, counters=Counters()), FOLLOWING).stats == ()


def test_head_is_equal_during_silence() -> None:
    short, long = (replace(LIVE, throughput=Throughput(0.0, (0.0,) * seconds)) for seconds in (3, 4))
    assert filter_head(short, FOLLOWING) == filter_head(long, FOLLOWING)


def test_news_counts_changed_verdicts() -> None:
    changed = replace(LIVE, change=change_of(12, 3, 15))
    assert filter_head(changed, FOLLOWING).news == ("+12 now pass, −3 now drop", "+12 −3")
    faulty = replace(LIVE, change=change_of(12, 3, 16))
    assert filter_head(faulty, FOLLOWING).news[0] == "+12 now pass, −3 now drop, 1 fault"
    traps = replace(LIVE, change=change_of(0, 0, 7))
    assert filter_head(traps, FOLLOWING).news == ("7 faults", "7 faults")
    more = replace(LIVE, change=change_of(12, 0, 12))
    assert filter_head(more, FOLLOWING).news == ("+12 now pass", "+12")
    same = replace(LIVE, change=change_of(0, 0, 0), status=Live("state was \x1blost"))
    assert filter_head(same, FOLLOWING).news == (r"state was \x1blost",)


def test_reason_for_stop_comes_before_changes() -> None:
    stopped = replace(LIVE, status=Stopped("stopped after 1,000 faults"), change=change_of(1, 0, 9))
    assert filter_head(stopped, FOLLOWING).news == ("stopped after 1,000 faults",)


def test_head_names_trigger_of_build() -> None:
    head = filter_head(replace(LIVE, build=failed_build("errors_only")), FOLLOWING)
    assert head.origin == "errors_only.rs saved"


@pytest.mark.parametrize(
    ("hold", "words"),
    [
        (FOLLOWING, ()),
        (Hold(True), ("paused",)),
        (Hold(True, 1234), ("paused +1,234 new", "+1,234 new")),
        (Hold(True, 500, True), ("paused more than 500 new", "more than 500 new")),
    ],
)
def test_pause_in_words(hold: Hold, words: tuple[str, ...]) -> None:
    assert filter_head(LIVE, hold).paused == words


@pytest.mark.parametrize("width", [1, 5, 12, 20, 37, 80, 200])
@pytest.mark.parametrize("name", ["errors_only", "a_filter_with_a_name_that_does_not_end_soon", "大阪" * 20])
def test_head_fits_any_width(width: int, name: str) -> None:
    change = change_of(1200, 34, 1234)
    counters = Counters(passed=1, traps=1000, errors=20, timeouts=3)
    consumer = replace(LIVE, name=name, change=change, counters=counters)
    drawn = draw_head(filter_head(consumer, Hold(True, 1_234_567)), width)
    assert [cell_len(line) for line in drawn.plain.split("\n")] == [width] * 3


def test_narrow_head_keeps_most_important() -> None:
    consumer = replace(LIVE, change=change_of(12, 3, 15))
    title, stats, rule = draw_head(filter_head(consumer, Hold(True, 1234)), 35).plain.split("\n")
    assert title == "2 errors_only      ● live v3 0.19 s"
    assert stats == "24.0%  12.3k/s  0.02 µs  2 traps   "
    assert rule.startswith("+12 −3 ──")
    assert rule.endswith("─ paused +1,234 new ")


@pytest.mark.parametrize(
    ("records", "exact", "state"),
    [
        (3, False, "newest 3"),
        (5, True, "newest 3 · 2 older"),
        (5, False, "newest 3 · ≤ 2 older"),
    ],
)
def test_offsets_with_gaps_are_at_most_so_many_older_records(records: int, exact: bool, state: str) -> None:
    snapshot = WorkbenchSnapshot(
        topic="orders", window=WindowSnapshot((), 0, 0), records=records, exact=exact
    )
    assert raw_head(snapshot, Hold(records=3)).state == state
