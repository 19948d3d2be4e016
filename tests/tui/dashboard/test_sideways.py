"""Scrolling rows sideways."""

from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench


def test_all_panes_scroll_to_the_end_of_the_longest_row(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(b"short", b"begin " + b"=" * 200 + b" end")
    workbench.add("all", lambda _: Verdict.PASS)

    async def story(page: DashboardPage) -> None:
        assert page.text().count("begin") == 2
        assert " end" not in page.text()
        for _ in range(20):
            await page.press("shift+right")
        assert page.text().count("== end") == 2
        assert "begin" not in page.text()
        assert set(page.notices()) == {"no row is longer"}
        await page.press(*["shift+left"] * 20)
        assert page.text().count("begin") == 2

    drive(workbench, story, (100, 24))
