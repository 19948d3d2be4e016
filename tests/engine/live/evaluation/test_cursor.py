"""Consumers with a position and a rate limit of their own: real modules and a real window."""

import threading

from engine.live.evaluation.status import ConsumerState
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch
from engine.records.verdicts import Verdict
from tests.engine.consumer_bench import (
    BREACH,
    EVEN,
    ODD,
    TRAPS_AT_TENS,
    Bench,
    has_room,
    module,
    passed,
    resumable,
    slow,
)
from tests.engine.runtime.wat_guests import guest
from tests.waiting import PATIENCE

SLOWLY = 0.0001
"""One record at once, and the next one after hours."""
TRAPS = module("(unreachable)")
COUNTS = guest(
    "(global.set $seen (i32.add (global.get $seen) (i32.const 1)))"
    " (i32.le_u (global.get $seen) (i32.const 3))",
    fields="(global $seen (mut i32) (i32.const 0))",
)
"""Passes the first three records that it sees."""


def test_held_consumer_evaluates_nothing_until_released(bench: Bench) -> None:
    bench.consumer.set_rate_limit(0)
    bench.produce(10)
    bench.builds.ready(EVEN)
    snapshot = bench.wait(lambda s: s.state is ConsumerState.LIVE and s.version == 1)
    assert (snapshot.rate_limit, snapshot.position, snapshot.counters.evaluated) == (0, 0, 0)
    assert snapshot.verdict(0) is Verdict.PENDING
    assert has_room(bench.window), "a replay does not wait for it"
    bench.consumer.set_rate_limit(None)
    snapshot = bench.wait_evaluated(10)
    assert (snapshot.rate_limit, snapshot.position, passed(snapshot)) == (None, 10, [0, 2, 4, 6, 8])


def test_rate_limit_is_kept_in_order(bench: Bench) -> None:
    bench.consumer.set_rate_limit(SLOWLY)
    bench.builds.ready(EVEN)
    bench.produce(10)
    snapshot = bench.wait_evaluated(1)
    assert (snapshot.position, snapshot.verdict(0), snapshot.verdict(1)) == (1, Verdict.PASS, Verdict.PENDING)
    bench.produce(10)
    assert bench.consumer.snapshot().position == 1
    bench.consumer.set_rate_limit(SLOWLY)
    assert bench.wait_evaluated(2).position == 2, "a new limit applies at once"
    bench.consumer.set_rate_limit(1_000_000)
    assert passed(bench.wait_evaluated(20)) == list(range(0, 20, 2))


def test_new_version_catches_up_without_limit(bench: Bench) -> None:
    bench.produce(11)
    bench.builds.ready(EVEN)
    bench.wait_evaluated(11)
    bench.consumer.set_rate_limit(0)
    bench.produce(500)
    bench.builds.ready(ODD)
    snapshot = bench.wait(lambda s: s.version == 2 and s.change is not None)
    assert snapshot.position == 11
    assert passed(snapshot) == [1, 3, 5, 7, 9]
    assert snapshot.change is not None
    assert (snapshot.change.now_pass, snapshot.change.now_drop) == (5, 6)
    assert snapshot.reload_seconds is not None
    bench.consumer.use(1)
    snapshot = bench.wait(lambda s: s.version == 1 and s.change is not None)
    assert (snapshot.position, snapshot.state) == (11, ConsumerState.EARLIER)
    bench.consumer.set_rate_limit(None)
    assert bench.wait_evaluated(511).counters.evaluated == 511


def test_saves_during_catch_up_lose_no_position(bench: Bench) -> None:
    bench.produce(1_000)
    bench.builds.ready(EVEN)
    bench.wait_evaluated(1_000)
    bench.consumer.set_rate_limit(0)
    for _ in range(5):
        bench.builds.ready(ODD)
        bench.builds.ready(EVEN)
    snapshot = bench.wait(lambda s: s.version == 11 and s.change is not None)
    assert snapshot.position == 1_000


def test_hold_during_replay_shows_changes_so_far(bench: Bench) -> None:
    bench.produce(1_000)
    bench.builds.ready(slow(5_000_000))
    bench.wait(lambda s: s.counters.evaluated > 0)
    bench.builds.ready(slow(5_000_000))
    bench.wait(lambda s: s.version == 2)
    bench.consumer.set_rate_limit(0)
    snapshot = bench.wait(lambda s: s.change is not None)
    assert snapshot.change is not None
    assert 0 < snapshot.change.compared <= snapshot.counters.evaluated < 1_000


def test_seek_starts_afresh_at_a_row(bench: Bench) -> None:
    bench.produce(20)
    bench.builds.ready(COUNTS)
    assert passed(bench.wait_evaluated(20)) == [0, 1, 2]
    bench.consumer.seek(5)
    snapshot = bench.wait(lambda s: s.first_row == 5 and s.position == 20)
    assert passed(snapshot) == [5, 6, 7], "what it kept is forgotten"
    assert snapshot.verdict(4) is Verdict.PENDING
    assert (snapshot.counters.evaluated, snapshot.counters.skipped) == (15, 0)
    assert (snapshot.state, snapshot.version) == (ConsumerState.LIVE, 1)
    assert snapshot.change is None
    bench.consumer.seek(0)
    assert passed(bench.wait(lambda s: s.first_row == 0 and s.position == 20)) == [0, 1, 2]


def test_seek_to_now_evaluates_new_records_only(bench: Bench) -> None:
    bench.produce(20)
    bench.builds.ready(EVEN)
    reload_seconds = bench.wait_evaluated(20).reload_seconds
    bench.consumer.seek(None)
    snapshot = bench.wait(lambda s: s.first_row == 20)
    assert (snapshot.position, snapshot.counters.evaluated) == (20, 0)
    assert snapshot.reload_seconds == reload_seconds
    bench.produce(4)
    assert passed(bench.wait_evaluated(24)) == [20, 22]


def test_new_version_starts_at_the_seek_row(bench: Bench) -> None:
    bench.produce(20)
    bench.builds.ready(EVEN)
    bench.wait_evaluated(20)
    bench.consumer.seek(None)
    bench.produce(4)
    bench.wait(lambda s: s.first_row == 20 and s.position == 24)
    bench.builds.ready(ODD)
    snapshot = bench.wait(lambda s: s.version == 2 and s.change is not None)
    assert (snapshot.first_row, passed(snapshot)) == (20, [21, 23])


def test_seek_under_rate_limit_shows_position(bench: Bench) -> None:
    bench.produce(20)
    bench.builds.ready(EVEN)
    bench.wait_evaluated(20)
    bench.consumer.set_rate_limit(0)
    bench.consumer.seek(6)
    snapshot = bench.wait(lambda s: s.first_row == 6)
    assert (snapshot.position, snapshot.counters.evaluated) == (6, 0)
    bench.consumer.set_rate_limit(SLOWLY)
    assert passed(bench.wait_evaluated(7)) == [6]


def test_seek_is_clamped_to_the_window(bench: Bench) -> None:
    bench.builds.ready(EVEN)
    bench.produce(1_000)
    bench.wait_evaluated(1_000)
    bench.produce(500)
    bench.wait(lambda s: s.first_row == 500)
    bench.consumer.seek(3)
    assert bench.wait(lambda s: s.counters.evaluated == 1_000 and s.position == 1_500).first_row == 500
    bench.consumer.seek(9_999)
    assert bench.wait(lambda s: s.counters.evaluated == 0).first_row == 1_500


def test_records_evicted_before_held_consumer_are_skipped(bench: Bench) -> None:
    bench.builds.ready(EVEN)
    bench.produce(10)
    bench.wait_evaluated(10)
    bench.consumer.set_rate_limit(0)
    bench.produce(1_200)
    snapshot = bench.consumer.snapshot()
    assert (snapshot.position, snapshot.counters.skipped) == (10, 200)
    bench.consumer.set_rate_limit(None)
    snapshot = bench.wait_evaluated(1_210)
    assert (snapshot.counters.skipped, snapshot.counters.evaluated) == (200, 1_010)


def test_records_that_a_replay_reads_again_are_not_skipped(bench: Bench) -> None:
    bench.builds.ready(EVEN)
    bench.produce(10)
    bench.wait_evaluated(10)
    bench.consumer.set_rate_limit(0)
    bench.produce(400)
    bench.window.clear({0: 0})
    assert bench.consumer.snapshot().counters.skipped == 0
    bench.produce(410)
    bench.consumer.set_rate_limit(None)
    assert bench.wait_evaluated(820).counters.skipped == 0
    bench.consumer.set_rate_limit(0)
    bench.produce(1_200)
    assert bench.consumer.snapshot().counters.skipped == 200, "those that newer ones push out are"


def test_seek_resumes_consumer_stopped_by_faults(bench: Bench) -> None:
    bench.produce(1_000)
    bench.builds.ready(TRAPS)
    bench.wait(lambda s: s.state is ConsumerState.STOPPED)
    bench.consumer.seek(990)
    snapshot = bench.wait(lambda s: s.first_row == 990 and s.position == 1_000)
    assert (snapshot.state, resumable(snapshot), snapshot.counters.traps) == (ConsumerState.LIVE, False, 10)


def test_seek_after_breach_applies_to_next_version(bench: Bench) -> None:
    bench.produce(20)
    bench.builds.ready(BREACH)
    bench.wait(lambda s: s.state is ConsumerState.STOPPED)
    bench.consumer.seek(12)
    bench.builds.ready(EVEN)
    snapshot = bench.wait(lambda s: s.version == 2 and s.position == 20)
    assert passed(snapshot) == [12, 14, 16, 18]


def test_seek_resets_faults_and_restarts(bench: Bench) -> None:
    bench.produce(25)
    bench.builds.ready(TRAPS_AT_TENS)
    assert bench.wait_evaluated(25).status.notice
    bench.consumer.seek(21)
    snapshot = bench.wait(lambda s: s.first_row == 21 and s.position == 25)
    assert (snapshot.status.notice, snapshot.faults, snapshot.last_fault) == ("", {}, None)


def test_seek_before_first_build_applies_to_it(bench: Bench) -> None:
    bench.produce(20)
    bench.consumer.seek(None)
    bench.builds.ready(EVEN)
    assert bench.wait(lambda s: s.version == 1).first_row == 20


def test_rate_limited_consumer_closes_at_once(bench: Bench) -> None:
    bench.consumer.set_rate_limit(SLOWLY)
    bench.builds.ready(EVEN)
    bench.produce(10)
    bench.wait_evaluated(1)
    closing = threading.Thread(target=bench.consumer.close)
    closing.start()
    closing.join(PATIENCE)
    assert not closing.is_alive()


def test_first_records_of_a_chunk() -> None:
    window = Window()
    window.append(Batch.consecutive(0, 7, record_batch([b"a", b"b", b"c"])))
    (chunk,) = window.snapshot().batches(1)
    assert (chunk.first(1).first_row, chunk.first(1).end_row, chunk.first(9).end_row) == (1, 2, 3)
    assert chunk.first(1).batch.record(0).offset == 8
