"""Rate limits and positions of consumers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from textual.widgets import Input, OptionList

from engine.consumer.step import InlineFile, Step, StoredName
from engine.live.window.snapshot import WindowSnapshot
from engine.records.verdicts import Verdict
from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.present.panes.test_pane_header import FOLLOWING, LIVE
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.present.panes.backlog import Backlog
from tui.dashboard.present.panes.empty_hint import empty_hint
from tui.dashboard.present.panes.pane_header import filter_head
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.widgets.panes.pane_head import draw_head


def test_head_shows_rate_limit_and_backlog() -> None:
    paced = replace(LIVE, rate_limit=50.0, counters=replace(LIVE.counters, traps=0, skipped=7))
    head = filter_head(paced, FOLLOWING, 1_234)
    assert (head.rate_limit, head.behind) == ("limit 50/s · 1,234 behind", ("7 skipped",))
    assert filter_head(paced, FOLLOWING).rate_limit == "limit 50/s"
    assert filter_head(replace(LIVE, rate_limit=0), FOLLOWING, 9).rate_limit == "limit 0/s · 9 behind"
    assert filter_head(LIVE, FOLLOWING, 9).rate_limit == ""
    lines = draw_head(filter_head(replace(paced, counters=LIVE.counters), FOLLOWING, 1_234), 41).plain
    assert lines.splitlines()[1] == "24.0%  limit 50/s · 1,234 behind  2 traps"


def test_backlog_of_rate_limit_is_shown_at_once() -> None:
    now = 0.0
    lag = Backlog(lambda: now)
    window = WindowSnapshot((), 0, 100)
    evaluated = replace(LIVE, verdicts=np.full(97, Verdict.DROP, np.uint8))
    assert lag.observe(evaluated, window) == 0
    now = 0.5
    assert lag.observe(replace(evaluated, rate_limit=0), window) == 3


def test_empty_pane_counts_records_to_evaluate() -> None:
    begun_at_60 = replace(LIVE, first_row=60, verdicts=np.full(10, Verdict.DROP, np.uint8), rate_limit=5)
    assert empty_hint(begun_at_60, WindowSnapshot((), 0, 100), behind=True).splitlines() == [
        "nothing passed of 10",
        "30 of 100 still to evaluate",
    ]


def test_keys_change_rate_limit_of_current_filter(drive: Drive) -> None:
    workbench = example_workbenches.live(0, 20)

    async def story(page: DashboardPage) -> None:
        await page.press("minus", "plus")
        assert workbench.asked == ["start"], "the raw stream has no rate limit"
        await page.press("2", "minus", "minus")
        assert workbench.asked[1:] == ["rate limit 2 1000.0", "rate limit 2 500.0"]
        assert "limit 500/s" in page.text()
        await page.press("plus", "equals_sign")
        assert workbench.asked[3:] == ["rate limit 2 1000.0", "rate limit 2 None"]
        assert "limit 500/s" not in page.text()
        await page.press("P")
        await page.drawn(workbench)
        assert "on SPUs" not in page.text(), "the key of the SPUs does nothing elsewhere"

    drive(workbench, story, (160, 34))


def test_dialogue_sets_rate_limit_and_keeps_position(drive: Drive) -> None:
    workbench = example_workbenches.live(0, 20)

    async def story(page: DashboardPage) -> None:
        await page.press("2", "c")
        assert "settings of 2 errors_only" in page.text()
        assert "under the cursor" not in page.text()
        assert page.app.screen.query_one(Input).value == "max"
        await page.press(*"soon", "enter")
        assert "invalid rate 'soon'" in page.text()
        page.app.screen.query_one(Input).value = "2.5/s"
        await page.press("enter")
        assert workbench.asked[1:] == ["rate limit 2 2.5"]
        await page.drawn(workbench)
        assert "limit 2.5/s" in page.text()
        await page.press("c")
        assert page.app.screen.query_one(Input).value == "2.5/s"
        await page.press("escape")
        assert isinstance(page.app.screen, Dashboard)
        assert len(workbench.asked) == 2

    drive(workbench, story)


def test_dialogue_moves_consumer_and_pane_follows(drive: Drive) -> None:
    workbench = example_workbenches.live(0, 60)

    async def story(page: DashboardPage) -> None:
        deck = page.deck
        await page.press("1", "up", "up", "c")
        row = deck.current.view.cursor
        assert row is not None
        await page.press("down", "down", "enter")
        assert workbench.asked[1:] == ["rate limit 1 None", f"seek 1 {row}"]
        assert deck.current.view.following
        await page.press("c", *"hold", "down", "enter")
        assert workbench.asked[3:] == ["rate limit 1 0.0", "seek 1 0"]
        await page.press("c")
        await page.click(OptionList, offset=(3, 2))
        assert workbench.asked[5:] == ["rate limit 1 0.0", "seek 1 None"]

    drive(workbench, story)


def test_raw_pane_asks_for_filter_or_takes_only_one(drive: Drive) -> None:
    workbench = example_workbenches.live(0, 60)

    async def story(page: DashboardPage) -> None:
        deck = page.deck
        await page.press("up", "up", "c")
        row = deck.current.view.cursor
        assert "change the settings of" in page.text()
        await page.press("escape", "c", "a", *"20/s", "down", "down", "enter")
        assert workbench.asked[1:] == [
            "rate limit 1 20.0",
            f"seek 1 {row}",
            "rate limit 2 20.0",
            f"seek 2 {row}",
        ]
        assert deck.current.view.cursor == row, "the raw pane stays where it is"
        await page.press("2", "x", "0", "c")
        assert "settings of 1 has_number" in page.text()

    drive(workbench, story)


def test_no_rate_limit_without_filters(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(b"one")

    async def story(page: DashboardPage) -> None:
        await page.press("c")
        assert isinstance(page.app.screen, Dashboard)

    drive(workbench, story)


def test_filter_on_spus_takes_no_rate_limit(drive: Drive) -> None:
    workbench = example_workbenches.live(0, 20)
    workbench.remote = True

    async def story(page: DashboardPage) -> None:
        await page.press("2", "P")
        await page.until(lambda: page.text().count("on SPUs") == 1)
        await page.press("minus")
        assert "no rate limit on the SPUs: press P to run it in the client" in await page.notice()
        await page.press("c")
        page.app.screen.query_one(Input).value = "50/s"
        await page.press("enter")
        assert "no rate limit on the SPUs: press P to run it in the client" in page.text()
        assert workbench.asked == ["start"]
        page.app.screen.query_one(Input).value = "max"
        await page.press("enter", "P")
        await page.until(lambda: "on SPUs" not in page.text())
        await page.press("minus")
        assert workbench.asked == ["start", "rate limit 2 None", "rate limit 2 1000.0"]

    drive(workbench, story, (160, 34))


def test_parameters_of_a_chain_are_edited(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(b"a")
    sources = (InlineFile(path=Path("a.rs")), StoredName(name="b"))
    first, second = (Step(source=source, params={"min": "5"}) for source in sources)
    workbench.describe("a | b", lambda _: Verdict.PASS, steps=(first, second))
    workbench.change(1, ended=(3, 4, 5))

    async def story(page: DashboardPage) -> None:
        await page.press("1", "c")
        assert "max min=5 2:min=5" in page.text()
        assert "1 a ended 3 · 2 b ended 4 · 5 came through" in page.text()
        page.app.screen.query_one(Input).value = "max min=5 2:min=7"
        await page.press("enter")
        await page.until(lambda: any(asked.startswith("params") for asked in workbench.asked))

    drive(workbench, story)
    assert [asked for asked in workbench.asked if asked.startswith("params")] == ["params 1 1 {'min': '7'}"]
