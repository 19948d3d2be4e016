"""A filter that does not keep up says so, and one that does never."""

from dataclasses import replace

import numpy as np

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import Stopped
from engine.live.stats.counters import Counters
from engine.live.versions.output_log import KeptOutputs
from engine.live.window.snapshot import WindowSnapshot
from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.present.panes.test_pane_header import FOLLOWING, LIVE
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.present.panes.backlog import Backlog
from tui.dashboard.present.panes.empty_hint import empty_hint
from tui.dashboard.present.panes.pane_header import filter_head


def evaluated(rows: int) -> ConsumerSnapshot:
    return replace(LIVE, verdicts=np.full(rows, Verdict.DROP, np.uint8))


def test_small_backlog_is_shown_after_a_second() -> None:
    now = 0.0
    lag = Backlog(lambda: now)
    whole = WindowSnapshot((), 0, 100_000)
    assert lag.observe(evaluated(3_000), whole) == 97_000
    assert lag.observe(evaluated(100_000), whole) == 0
    few = WindowSnapshot((), 0, 100_040)
    assert lag.observe(evaluated(100_000), few) == 0
    now = 1.1
    assert lag.observe(evaluated(100_010), few) == 30
    assert lag.observe(evaluated(100_040), few) == 0


def test_filter_that_keeps_up_has_no_backlog() -> None:
    now = 0.0
    lag = Backlog(lambda: now)
    for frame in range(100):
        now = frame / 12
        end = 4_000 * (frame + 1)
        window = WindowSnapshot((), max(end - 100_000, 0), end)
        assert lag.observe(evaluated(end - 1_500), window) == 0


def test_stopped_filter_has_no_backlog() -> None:
    window = WindowSnapshot((), 0, 100_000)
    for idle in (replace(LIVE, version=0), replace(LIVE, status=Stopped())):
        assert Backlog().observe(idle, window) == 0


def test_head_shows_backlog() -> None:
    passed_over = replace(LIVE, counters=Counters(passed=1, skipped=1_200_000))
    assert filter_head(passed_over, FOLLOWING, 97_000).behind == ("97k behind", "1.2M skipped")
    assert filter_head(LIVE, FOLLOWING).behind == ()


def test_empty_pane_counts_backlog() -> None:
    window = WindowSnapshot((), 0, 100_000)
    assert empty_hint(evaluated(3_000), window, behind=True).splitlines() == [
        "nothing passed of 3,000",
        "97,000 of 100,000 still to evaluate",
    ]
    assert empty_hint(evaluated(99_990), window) == "nothing passed of 99,990"
    makes_records = replace(evaluated(99_990), outputs=KeptOutputs(None))
    assert empty_hint(makes_records, window) == "no outputs of 99,990"


def test_screen_shows_backlog_until_caught_up(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(*[b"x"] * 4_000)
    workbench.add("slow", lambda _: Verdict.DROP)
    workbench.scripts[1].evaluates = 500

    async def story(page: DashboardPage) -> None:
        assert "3.5k behind" in page.text()
        assert "3,500 of 4,000 still to evaluate" in page.text()
        workbench.scripts[1].evaluates = None
        workbench.change(1)
        await page.drawn(workbench)
        assert "behind" not in page.text()
        assert "still to evaluate" not in page.text()

    drive(workbench, story)
