"""The builds of a filter: what is remembered of each, and going back to one."""

import pytest

from engine.builds.build import BuildResult
from engine.builds.diagnostic import Diagnostic
from engine.consumer.module_version import ModuleVersion
from engine.errors import BuildError
from engine.live.evaluation.status import ConsumerState
from engine.live.versions import build_history
from engine.live.versions.build_history import BuildHistory
from engine.live.versions.changes import ChangeCounts
from engine.records.faults import Location
from tests.engine.consumer_bench import (
    BREACH,
    EVEN,
    ODD,
    SLOW,
    TRAPS_AT_TENS,
    Bench,
    module,
    passed,
    ready,
    request,
    resumable,
)
from tests.waiting import PATIENCE

TRAPS = module("(unreachable)")


def two_versions(bench: Bench) -> None:
    bench.produce(11)
    bench.builds.ready(EVEN)
    bench.wait_evaluated(11)
    bench.builds.ready(ODD)
    bench.wait(lambda s: s.version == 2 and s.change is not None)


def test_history_has_each_build_with_its_results(bench: Bench) -> None:
    two_versions(bench)
    bench.builds.failed()
    entries = bench.wait(lambda s: s.state is ConsumerState.STALE).history
    assert [entry.version for entry in entries] == [3, 2, 1]
    failed, second, first = entries
    assert (failed.module_size, failed.kept, failed.problem) == (None, False, "it does not build")
    assert (second.module_size, second.kept, second.problem) == (len(ODD), True, "")
    assert second.trigger == "f.rs saved"
    assert 0.09 < second.seconds < PATIENCE, "it says that it began 100 ms ago"
    assert second.changes == ChangeCounts(changed=11, now_pass=5, now_drop=6, compared=11)
    assert (second.counters.passed, first.counters.passed) == (5, 6)
    assert first.changes is None
    bench.produce(5)
    entries = bench.wait_evaluated(16).history
    assert [entry.counters.evaluated for entry in entries] == [0, 16, 11], (
        "of those that run no more it stays"
    )


def test_switch_to_earlier_version_until_next_save(bench: Bench) -> None:
    two_versions(bench)
    bench.produce(1)
    bench.wait_evaluated(12)
    bench.consumer.use(1)
    snapshot = bench.wait(lambda s: s.version == 1 and s.change is not None)
    assert (snapshot.state, snapshot.newer) == (ConsumerState.EARLIER, 2)
    assert passed(snapshot) == [0, 2, 4, 6, 8, 10]
    assert snapshot.change is not None
    assert (snapshot.change.now_pass, snapshot.change.now_drop) == (6, 6)
    assert snapshot.reload_seconds is None, "nobody saved"
    assert snapshot.build is not None
    assert snapshot.build.version == 2, "which is still the newest"
    assert [(entry.version, entry.counters.evaluated) for entry in snapshot.history] == [(2, 12), (1, 12)]
    assert snapshot.history[1].changes is None, "it changed nothing when it went live"
    bench.consumer.use(2)
    snapshot = bench.wait(lambda s: s.version == 2 and s.change is not None)
    assert snapshot.history[0].changes == ChangeCounts(changed=11, now_pass=5, now_drop=6, compared=11)
    assert (snapshot.state, snapshot.newer) == (ConsumerState.LIVE, 0)
    bench.consumer.use(1)
    bench.wait(lambda s: s.version == 1)
    bench.builds.ready(TRAPS_AT_TENS)
    snapshot = bench.wait(lambda s: s.version == 3)
    assert (snapshot.state, snapshot.newer) == (ConsumerState.LIVE, 0)


def test_earlier_version_is_stale_after_failed_build(bench: Bench) -> None:
    two_versions(bench)
    bench.builds.failed()
    bench.wait(lambda s: s.state is ConsumerState.STALE)
    bench.consumer.use(1)
    snapshot = bench.wait(lambda s: s.version == 1)
    assert (snapshot.state, snapshot.newer) == (ConsumerState.STALE, 2)
    assert snapshot.build is not None
    assert snapshot.build.version == 3


def test_failed_build_leaves_earlier_version_running(bench: Bench) -> None:
    two_versions(bench)
    bench.consumer.use(1)
    bench.wait(lambda s: s.state is ConsumerState.EARLIER)
    bench.builds.failed()
    snapshot = bench.wait(lambda s: s.state is ConsumerState.STALE and s.version == 1)
    assert snapshot.newer == 2


def test_stopped_version_can_be_left_and_used_again(bench: Bench) -> None:
    bench.produce(4)
    bench.builds.ready(EVEN)
    bench.wait_evaluated(4)
    bench.builds.ready(BREACH)
    notice = bench.wait(lambda s: s.state is ConsumerState.STOPPED and s.version == 2).status.notice
    bench.consumer.use(1)
    snapshot = bench.wait(lambda s: s.state is ConsumerState.EARLIER and s.version == 1)
    assert snapshot.status.notice == ""
    assert [entry.problem for entry in snapshot.history] == [notice, ""]
    bench.consumer.use(2)
    bench.wait(lambda s: s.state is ConsumerState.STOPPED and s.version == 2)


def test_resumed_earlier_version_stays_earlier(bench: Bench) -> None:
    bench.produce(1_000)
    bench.builds.ready(TRAPS)
    bench.wait(lambda s: resumable(s))
    bench.builds.ready(EVEN)
    bench.wait(lambda s: s.version == 2)
    bench.consumer.use(1)
    stopped = bench.wait(lambda s: s.version == 1 and s.state is ConsumerState.STOPPED)
    assert stopped.history[1].problem == stopped.status.notice
    bench.consumer.rebuild()
    snapshot = bench.wait(lambda s: s.state is not ConsumerState.STOPPED)
    assert (snapshot.state, snapshot.newer, snapshot.history[1].problem) == (ConsumerState.EARLIER, 2, "")


def test_use_of_running_or_unknown_version_changes_nothing(bench: Bench) -> None:
    two_versions(bench)
    before = bench.consumer.snapshot()
    bench.consumer.use(7)
    bench.consumer.use(2)
    bench.produce(1)
    after = bench.wait_evaluated(12)
    assert (after.version, after.state) == (before.version, before.state)
    assert after.counters.evaluated == 12, "and nothing was evaluated again"


def test_switch_does_not_wait_for_slow_version(bench: Bench) -> None:
    bench.produce(2)
    bench.builds.ready(EVEN)
    bench.wait_evaluated(2)
    bench.builds.ready(SLOW)
    bench.wait(lambda s: s.version == 2)
    bench.produce(1_000)
    bench.consumer.use(1)
    bench.wait(lambda s: s.version == 1 and s.counters.evaluated == 1_000)


def test_failed_reload_leaves_running_version(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    two_versions(bench)
    torn = ModuleVersion(version=1, wasm=b"not wasm", name="f.rs")
    monkeypatch.setattr(BuildHistory, "module", lambda _self, _version: torn)
    bench.consumer.use(1)
    snapshot = bench.wait(lambda s: s.status.notice != "")
    assert snapshot.status.notice.startswith("version 1 cannot be loaded again: ")
    assert (snapshot.version, snapshot.state) == (2, ConsumerState.LIVE)
    bench.produce(1)
    assert bench.wait_evaluated(12).counters.evaluated == 12


def failed(version: int, *diagnostics: Diagnostic, error: BuildError | None = None) -> BuildResult:
    return request(version).ended(diagnostics=diagnostics, error=error)


def test_history_keeps_newest_builds_and_fewer_modules() -> None:
    builds = BuildHistory()
    for version in range(1, 101):
        builds.add(ready(version), None)
    entries = builds.entries(None)
    assert [entry.version for entry in entries] == list(range(100, 50, -1))
    assert [entry.version for entry in entries if entry.kept] == list(range(100, 80, -1))
    assert builds.module(81) is not None
    assert builds.module(80) is None


def test_history_limits_bytes_but_keeps_newest_module(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(build_history, "MODULE_BYTES", 10)
    builds = BuildHistory()
    for version in range(1, 6):
        builds.add(ready(version), None)
    assert [entry.version for entry in builds.entries(None) if entry.kept] == [5, 4]
    builds.add(ready(6, b"larger than all the room"), None)
    assert [entry.version for entry in builds.entries(None) if entry.kept] == [6]


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (
            failed(
                1,
                Diagnostic("warning", "unused", None, None, ""),
                Diagnostic("error", "no method\nnamed so", "E0599", Location("f.rs", 5, 39), ""),
            ),
            "5:39 no method",
        ),
        (failed(1, Diagnostic("error", "no filter", None, None, "")), "no filter"),
        (failed(1, error=BuildError("no toolchain\nwas found")), "no toolchain"),
    ],
)
def test_problem_of_failed_build_is_one_line(build: BuildResult, words: str) -> None:
    builds = BuildHistory()
    builds.add(build, None)
    assert builds.entries(None)[0].problem == words
    assert builds.newest == 0
