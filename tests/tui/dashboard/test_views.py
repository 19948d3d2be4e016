"""`f`: what a pane shows of its filter's records."""

import json
from pathlib import Path

import pytest
from textual.widgets import Input

from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench


def odd(value: bytes) -> Verdict:
    return Verdict.TRAP if value == b"5" else Verdict.PASS if int(value) % 2 else Verdict.DROP


def large(value: bytes) -> Verdict:
    return Verdict.PASS if int(value) > 6 else Verdict.DROP


def numbers() -> ScriptedWorkbench:
    workbench = ScriptedWorkbench()
    workbench.produce(*(b"%d" % number for number in range(10)))
    workbench.add("odd", odd, before=large, version=2, message="five is right out\nat line 3")
    return workbench


SIGNS = {
    "dropped": ["− 8 8"],
    "failed": ["! 5 5", "five is right out"],
    "changed": ["·→● 1 1"],
    "all": ["! 5 5", "· 6 6"],
}
"""Why a row is shown, by view."""


def test_f_goes_through_the_views_which_say_why_a_row_is_shown(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("f")
        assert page.notices() == ["the raw pane shows all records: go to the pane of a filter"]
        await page.press("1")
        assert list(page.view.rows) == [1, 3, 7, 9]
        seen = {}
        for word in ("dropped", "failed", "changed", "all", "passed"):
            await page.press("f")
            seen[word] = list(page.view.rows)
            shown = page.text()
            if word != "passed":
                assert f"1 odd · {word}" in shown
                assert f"{len(page.view.rows)} {word}" in shown
                assert all(sign in shown for sign in SIGNS[word])
            assert word != "failed" or "at line 3" not in shown.partition("odd: trap")[0]
        assert seen == {
            "dropped": [0, 2, 4, 6, 8],
            "failed": [5],
            "changed": [1, 3, 5, 8],
            "all": list(range(10)),
            "passed": [1, 3, 7, 9],
        }
        assert "1 odd ·" not in page.text()
        await page.press("up", "up")
        assert page.view.cursor == 7
        await page.press("f", "f", "f", "f")
        assert (page.view.cursor, page.view.following) == (7, False), "it stays under the cursor"

    drive(numbers(), story)


def test_narrow_pane_leaves_the_room_to_the_record(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("1", "f", "f")
        head, _, _ = page.text().partition("odd: trap")
        assert "! 5 5" in head
        assert "five is right out" not in head

    drive(numbers(), story, size=(80, 24))


def test_what_is_shown_is_searched_and_saved(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def story(page: DashboardPage) -> None:
        await page.press("1", "f", "slash")
        page.app.screen.query_one("SearchBar Input", Input).value = "8"
        await page.press("enter")
        await page.until(lambda: page.view.cursor == 8)
        await page.press("s")
        assert page.app.screen.query_one(Input).value == "orders-odd-dropped.jsonl"
        await page.press("enter")
        assert await page.notice() == "5 records written to orders-odd-dropped.jsonl"

    drive(numbers(), story)
    lines = (tmp_path / "orders-odd-dropped.jsonl").read_text().splitlines()
    assert [json.loads(line)["value"] for line in lines] == ["0", "2", "4", "6", "8"]


def test_an_empty_view_says_why(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(b"1")
    workbench.add("odd", odd)

    async def story(page: DashboardPage) -> None:
        await page.press("1", "f")
        assert "nothing dropped of 1" in page.text()
        await page.press("f", "f")
        assert "the last reload changed no verdict and no output" in page.text()

    drive(workbench, story)
