"""A filtered consumer driven by builds made from WAT: real modules and a real window, without cargo."""

import time

import pyarrow as pa
import pytest

from engine.live.evaluation.status import ConsumerState
from engine.records.batch import Batch, record_batch
from engine.records.verdicts import Verdict
from tests.engine.consumer_bench import (
    BREACH,
    EVEN,
    ODD,
    SLOW,
    TRAPS_AT_TENS,
    Bench,
    module,
    passed,
    resumable,
)
from tests.engine.runtime.wat_guests import WRITE, guest


def test_everything_is_pending_before_first_build(bench: Bench) -> None:
    bench.produce(10)
    snapshot = bench.consumer.snapshot()
    assert (snapshot.state, snapshot.version) == (ConsumerState.BUILDING, 0)
    assert snapshot.verdict(3) is Verdict.PENDING


def test_evaluates_present_and_arriving_records(bench: Bench) -> None:
    bench.produce(10)
    bench.builds.ready(EVEN)
    bench.wait_evaluated(10)
    bench.produce(5)
    snapshot = bench.wait_evaluated(15)
    assert passed(snapshot) == [0, 2, 4, 6, 8, 10, 12, 14]
    assert (snapshot.state, snapshot.version) == (ConsumerState.LIVE, 1)
    assert (snapshot.counters.passed, snapshot.counters.dropped) == (8, 7)
    assert snapshot.reload_seconds is not None
    assert snapshot.change is None
    assert bench.wakes


def test_version_counts_bytes_costs_and_memory(bench: Bench) -> None:
    bench.builds.ready(EVEN)
    bench.produce(10)
    bench.wait_evaluated(10)
    bench.produce(5)
    counters = bench.wait_evaluated(15).counters
    assert (counters.evaluated, counters.bytes) == (15, 15)
    assert 0 < counters.cost_p50 <= counters.cost_p99
    assert counters.memory == 64 * 65_536
    bench.builds.ready(TRAPS)
    counters = bench.wait(lambda s: s.version == 2 and s.counters.evaluated == 15).counters
    assert counters.memory == 64 * 65_536, "although its instance was given up"


def test_slow_filter_keeps_no_more_than_the_window(bench: Bench) -> None:
    bench.builds.ready(SLOW)
    bench.produce(10)
    bench.wait_evaluated(10)
    records = record_batch([b"v" * 100] * 10_000, timestamps=0)
    everything = pa.array(range(10_000))
    before, most = pa.total_allocated_bytes(), 0
    for number in range(100):
        bench.window.append(Batch.consecutive(0, 10 + number * 10_000, records.take(everything)))
        most = max(most, pa.total_allocated_bytes() - before)
    snapshot = bench.consumer.snapshot()
    assert snapshot.first_row + len(snapshot.verdicts) < bench.window.end_row == 1_000_010
    assert most < 10 * records.nbytes
    assert bench.wait_evaluated(1_000_010).counters.evaluated < 500_000


def test_continues_after_window_is_cleared(bench: Bench) -> None:
    bench.builds.ready(EVEN)
    bench.produce(4)
    bench.wait_evaluated(4)
    bench.window.clear({})
    bench.produce(3)
    snapshot = bench.wait_evaluated(7)
    assert snapshot.first_row == 4
    assert passed(snapshot) == [4, 6]
    assert snapshot.counters.skipped == 0


def test_reload_evaluates_window_again_and_shows_changes(bench: Bench) -> None:
    bench.produce(11)
    bench.builds.ready(EVEN)
    bench.wait_evaluated(11)
    bench.builds.ready(ODD)
    snapshot = bench.wait(lambda s: s.version == 2 and s.change is not None)
    assert passed(snapshot) == [1, 3, 5, 7, 9]
    assert snapshot.change is not None
    assert (snapshot.change.now_pass, snapshot.change.now_drop) == (5, 6)
    assert snapshot.change.rows().tolist() == list(range(11))
    assert [snapshot.change.was(row) for row in (-1, 0, 1, 10, 11)] == [
        None,
        Verdict.PASS,
        Verdict.DROP,
        Verdict.PASS,
        None,
    ]
    assert (len(snapshot.change), snapshot.change.compared) == (11, 11)
    assert snapshot.counters.evaluated == 11


def test_rates_and_switches_are_counted_by_second(bench: Bench) -> None:
    began = int(time.monotonic())
    bench.produce(10)
    bench.builds.ready(EVEN)
    bench.wait_evaluated(10)
    bench.produce(6)
    assert bench.wait_evaluated(16).switches == ()
    bench.builds.ready(ODD)
    bench.wait(lambda s: s.version == 2)
    bench.produce(3)
    snapshot = bench.wait(lambda s: sum(s.evaluated.history) == 9)
    assert sum(snapshot.throughput.history) == 3 + 1, "what was evaluated again does not count"
    # The consumer was made before this test began.
    assert snapshot.throughput.until - len(snapshot.throughput.history) <= began
    (taken,) = snapshot.switches
    assert taken.version == 2
    assert began <= taken.second < snapshot.evaluated.until


def test_build_says_how_long_it_runs_and_what_it_waits_for(bench: Bench) -> None:
    bench.builds.begin()
    building = bench.wait(lambda s: s.building).building
    assert building is not None
    assert building.seconds > 0
    assert building.doing == ""
    bench.builds.say("waiting for 2 other builds")
    bench.wait(lambda s: s.building is not None and s.building.doing == "waiting for 2 other builds")
    bench.builds.finish(1, EVEN)
    bench.wait(lambda s: s.version == 1 and s.building is None)


def test_failed_build_leaves_old_version_running(bench: Bench) -> None:
    bench.builds.ready(EVEN)
    bench.produce(4)
    bench.wait_evaluated(4)
    bench.builds.failed()
    snapshot = bench.wait(lambda s: s.state is ConsumerState.STALE)
    assert snapshot.build is not None
    assert snapshot.build.error is not None
    assert not snapshot.building
    bench.produce(4)
    assert passed(bench.wait_evaluated(8)) == [0, 2, 4, 6]
    bench.builds.ready(ODD)
    snapshot = bench.wait(lambda s: s.version == 3 and len(s.verdicts) == 8)
    assert snapshot.state is ConsumerState.LIVE
    assert passed(snapshot) == [1, 3, 5, 7]


def test_failed_first_build_leaves_nothing_running(bench: Bench) -> None:
    bench.builds.failed()
    assert bench.wait(lambda s: s.state is ConsumerState.FAILED).version == 0


def test_unloadable_module_is_a_failed_build(bench: Bench) -> None:
    bench.builds.ready(EVEN)
    bench.wait(lambda s: s.state is ConsumerState.LIVE)
    bench.builds.ready(b"not wasm")
    snapshot = bench.wait(lambda s: s.state is ConsumerState.STALE)
    assert snapshot.version == 1
    assert snapshot.build is not None
    assert snapshot.build.error is not None


def test_trap_affects_its_record_only(bench: Bench) -> None:
    bench.produce(25)
    bench.builds.ready(TRAPS_AT_TENS)
    snapshot = bench.wait_evaluated(25)
    assert sorted(snapshot.faults) == [0, 10, 20]
    assert snapshot.last_fault == 20
    assert (snapshot.counters.traps, snapshot.counters.passed) == (3, 22)
    assert snapshot.verdict(10) is Verdict.TRAP


def test_breach_stops_version_and_leaves_records_pending(bench: Bench) -> None:
    bench.builds.ready(EVEN)
    bench.produce(4)
    bench.wait_evaluated(4)
    bench.builds.ready(BREACH)
    snapshot = bench.wait(lambda s: s.state is ConsumerState.STOPPED)
    assert snapshot.status.notice
    assert bench.wait(lambda s: s.version == 2).verdict(1) is Verdict.PENDING
    bench.builds.failed()
    assert bench.wait(lambda s: s.build is not None and s.build.version == 3).state is ConsumerState.STOPPED
    bench.builds.ready(ODD)
    # A version may be shown before it has evaluated everything.
    assert passed(bench.wait(lambda s: s.version == 4 and len(s.verdicts) == 4)) == [1, 3]


TRAPS = module("(unreachable)")
TRAPS_AT_FIRST = module(
    "(if (result i32) (i32.lt_u (local.get $offset) (i32.const 1500))"
    " (then (unreachable)) (else (i32.const 1)))"
)


def test_too_many_faults_stop_until_rebuild_resumes(bench: Bench) -> None:
    bench.produce(900)
    bench.builds.ready(TRAPS_AT_FIRST)
    bench.wait_evaluated(900)
    bench.produce(800)
    snapshot = bench.wait(lambda s: s.state is ConsumerState.STOPPED)
    assert snapshot.status.notice == "stopped after 1,000 traps and timeouts in a row"
    assert resumable(snapshot)
    assert (snapshot.counters.traps, snapshot.counters.evaluated) == (1_000, 1_000)
    assert (snapshot.verdict(999), snapshot.verdict(1_000)) == (Verdict.TRAP, Verdict.PENDING)
    bench.consumer.rebuild()
    snapshot = bench.wait(lambda s: s.counters.evaluated == 1_700)
    assert (snapshot.version, snapshot.state, resumable(snapshot)) == (1, ConsumerState.LIVE, False)
    assert (snapshot.counters.traps, snapshot.counters.passed) == (1_500, 200)
    assert bench.builds.asked == 0
    bench.consumer.rebuild()
    assert bench.builds.asked == 1


def test_fault_limit_stops_before_more_records_come(bench: Bench) -> None:
    bench.produce(1_000)
    bench.builds.ready(TRAPS)
    assert bench.wait(lambda s: s.state is ConsumerState.STOPPED).counters.traps == 1_000


def test_new_version_replaces_stopped_one(bench: Bench) -> None:
    bench.produce(1_200)
    bench.builds.ready(TRAPS)
    bench.wait(lambda s: s.state is ConsumerState.STOPPED)
    bench.builds.failed()
    snapshot = bench.wait(lambda s: s.build is not None and s.build.version == 2)
    assert (snapshot.state, resumable(snapshot)) == (ConsumerState.STOPPED, False)
    bench.consumer.rebuild()
    assert bench.builds.asked == 1, "what does not build is built again"
    bench.builds.ready(EVEN)
    snapshot = bench.wait(lambda s: s.version == 3 and s.counters.evaluated >= 1_000)
    assert (snapshot.state, snapshot.status.notice) == (ConsumerState.LIVE, "")


def test_verdicts_are_trimmed_with_their_rows(bench: Bench) -> None:
    bench.builds.ready(EVEN)
    for _ in range(8):
        bench.produce(400)
        bench.wait_evaluated(bench.window.end_row)
    snapshot = bench.wait(lambda s: s.first_row == 2_200)
    assert len(snapshot.verdicts) == 1_000
    assert snapshot.counters.evaluated == 3_200
    assert passed(snapshot) == list(range(2_200, 3_200, 2))


def test_reload_with_empty_window_is_live(bench: Bench) -> None:
    bench.builds.ready(EVEN)
    bench.wait(lambda s: s.version == 1)
    bench.builds.ready(ODD)
    assert bench.wait(lambda s: s.version == 2).state is ConsumerState.LIVE


COUNTS_CALLS = module("(i32.const 1)")


def test_new_version_is_never_interrupted(bench: Bench) -> None:
    bench.produce(1_000)
    for version in range(1, 30):
        bench.builds.ready(COUNTS_CALLS)
        bench.wait(lambda s, wanted=version: s.version == wanted and len(s.verdicts) == 1_000)
        assert "restarted" not in bench.consumer.snapshot().status.notice


def test_it_is_building_until_the_newest_build_ends(bench: Bench) -> None:
    bench.builds.ready(EVEN)
    bench.wait(lambda s: s.version == 1 and not s.building)
    bench.builds.begin()
    first = bench.builds.version
    bench.builds.begin()
    bench.builds.finish(first, ODD)
    assert bench.wait(lambda s: s.version == 2).building
    bench.builds.finish(first + 1, EVEN)
    assert not bench.wait(lambda s: s.version == 3).building


def test_internal_error_stops_with_a_notice(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.builds.ready(EVEN)
    bench.wait(lambda s: s.version == 1)
    with monkeypatch.context() as patch:
        patch.setattr("engine.live.versions.running_version.RunningVersion.record", lambda *_, **__: 1 // 0)
        bench.produce(1)
        snapshot = bench.wait(lambda s: s.state is ConsumerState.STOPPED)
    assert "internal error" in snapshot.status.notice
    assert "ZeroDivisionError" in snapshot.status.notice
    bench.builds.ready(ODD)
    assert bench.wait(lambda s: s.version == 2).state is ConsumerState.LIVE


def test_notice_counts_restarts_after_crashes(bench: Bench) -> None:
    bench.builds.ready(TRAPS_AT_TENS)
    bench.produce(50)
    assert (
        bench.wait(lambda s: s.counters.traps == 5).status.notice
        == "restarted 5× after crashes, its statics were reset"
    )


def test_rebuild_without_save_has_no_reload_time(bench: Bench) -> None:
    bench.builds.ready(EVEN)
    bench.wait(lambda s: s.reload_seconds is not None)
    bench.builds.begin()
    bench.builds.finish(2, ODD, unsaved=True)
    assert bench.wait(lambda s: s.version == 2).reload_seconds is None


def test_printed_lines_are_kept_by_row_until_next_version(bench: Bench) -> None:
    say = "(call $write (local.get $header) (local.get $record) (i32.const 4) (i32.const 0) (i32.const 5))"
    wasm = guest(f"(block (result i32) {say} (i32.const 1))", fields=WRITE + '(data (i32.const 0) "hello")')
    bench.produce(3)
    bench.builds.ready(wasm)
    bench.wait_evaluated(3)
    bench.produce(1)
    printed = bench.wait_evaluated(4).printed
    assert [(line.row, line.text) for line in printed.lines] == [(row, "hello") for row in range(4)]
    bench.builds.ready(EVEN)
    assert bench.wait(lambda snapshot: snapshot.version == 2).printed.total == 0
