"""`S`: which fields tell passed records from dropped ones, and the records of one group."""

import json

from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.widgets.panels.fields_panel import FieldsPanel


def events(*numbers: int) -> list[bytes]:
    return [
        json.dumps({"event": f"E{number % 4}", "n": number, "city": "xyz"[number % 3]}).encode()
        for number in numbers
    ]


def passes_two(value: bytes) -> Verdict:
    return Verdict.PASS if json.loads(value)["event"] in ("E1", "E2") else Verdict.DROP


def workbench() -> ScriptedWorkbench:
    made = ScriptedWorkbench()
    made.produce(*events(*range(80)))
    made.add("two", passes_two)
    return made


async def opened(page: DashboardPage, said: str) -> None:
    await page.press("1", "S")
    await page.until(lambda: said in page.text())
    assert page.open_panels == [page.dashboard.query_one(FieldsPanel)]


BEST = "event tells passed from dropped best: E1, E2 pass, the rest does not"


def test_the_best_field_is_said_and_its_values_are_counted(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await opened(page, BEST)
        shown = page.text().splitlines()
        heading = next(place for place, line in enumerate(shown) if "event  " in line and "tells" in line)
        assert shown[heading + 1].split()[1:5] == ["E1", "20", "0", "0"]
        assert shown[heading + 4].split()[1:5] == ["E3", "0", "20", "0"]
        assert "█" in shown[heading + 1] and "░" in shown[heading + 4]
        assert "80 records · json" in page.text()
        await page.press("S")
        assert page.open_panels == []

    drive(workbench(), story, (110, 40))


def test_choosing_a_group_shows_its_records_whatever_their_verdict(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await opened(page, BEST)
        passed = list(page.view.rows)
        await page.press("down", "down")
        await page.press("enter")
        await page.until(lambda: list(page.view.rows) == list(range(0, 80, 4)))
        assert "event: E0" in page.text() and "only hits" in page.text()
        await page.produce(page_workbench, *events(80, 81, 84))
        await page.until(lambda: list(page.view.rows) == [*range(0, 84, 4), 82])
        await page.press("escape")
        assert list(page.view.rows)[: len(passed)] == passed
        assert page.open_panels == [page.dashboard.query_one(FieldsPanel)]
        await page.press("escape")
        assert page.open_panels == []

    page_workbench = workbench()
    drive(page_workbench, story, (110, 40))


def test_it_follows_the_filter_of_the_pane(drive: Drive) -> None:
    made = workbench()
    made.add("late", lambda value: Verdict.PASS if json.loads(value)["n"] >= 40 else Verdict.DROP)

    async def story(page: DashboardPage) -> None:
        await opened(page, BEST)
        await page.press("2")
        await page.until(
            lambda: "n tells passed from dropped best: ≥ 40 passes, the rest does not" in page.text()
        )
        made.change(2, lambda _: Verdict.PASS, version=2)
        await page.drawn(made)
        await page.until(lambda: "all 80 records pass: there is nothing to tell apart" in page.text())

    drive(made, story, (110, 40))


def test_without_a_filter_the_key_says_why_it_does_nothing(drive: Drive) -> None:
    made = ScriptedWorkbench()
    made.produce(*events(1))

    async def story(page: DashboardPage) -> None:
        await page.press("S")
        assert await page.notice() == "this topic has no filter: add one"

    drive(made, story)
