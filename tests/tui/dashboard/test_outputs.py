"""Panes of kinds that make records: what came out is what they show, search, copy and save."""

import json
from pathlib import Path

import pytest

from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.widgets.parts.value_view import ValueView


@pytest.fixture
def workbench() -> ScriptedWorkbench:
    workbench = ScriptedWorkbench()
    workbench.produce(b"lisboa", b"porto", b"faro")
    workbench.add("upper", lambda _: Verdict.PASS, make=bytes.upper, kind="map")
    return workbench


def test_a_pane_shows_outputs_and_on_request_inputs(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        assert "1 upper · map" in page.text()
        assert "PORTO" in page.text()
        await page.press("i")
        assert "press" not in page.text()
        await page.press("1", "i")
        await page.until(lambda: "→ PORTO" in page.text())
        await page.press("i")
        await page.until(lambda: "→" not in page.text())

    drive(workbench, story)


def test_a_search_in_a_pane_finds_outputs(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("1", "slash", *"PORT", "enter")
        await page.until(lambda: "hit 1 of 1" in page.text())
        assert page.view.cursor == 1
        await page.press("0", "n")
        assert "no match in this pane" in await page.notice()

    drive(workbench, story)


def test_outputs_are_copied_and_saved(
    drive: Drive, workbench: ScriptedWorkbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def story(page: DashboardPage) -> None:
        await page.press("1", "y")
        await page.until(lambda: page.app.clipboard == "FARO")
        await page.press("s", "enter")
        await page.until(lambda: any("3 records written" in one for one in page.notices()))

    drive(workbench, story)
    lines = (tmp_path / "orders-upper.jsonl").read_text().splitlines()
    assert [(json.loads(line)["offset"], json.loads(line)["value"]) for line in lines] == [
        (0, "LISBOA"),
        (1, "PORTO"),
        (2, "FARO"),
    ]


def test_the_inspector_shows_input_and_output(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("enter")
        assert not page.app.screen.query(".side").last().parent.display
        await page.press("escape", "1", "enter")
        await page.until(lambda: "input" in page.text())
        input_, output = page.app.screen.query(ValueView)
        assert strip_of(input_, "value--removed") == ["faro"]
        assert strip_of(output, "value--added") == ["FARO"]
        await page.press("y")
        await page.until(lambda: page.app.clipboard == "FARO")
        await page.press("up")
        await page.until(lambda: strip_of(output, "value--added") == ["PORTO"])
        await page.press("tab")
        assert page.app.focused is output

    drive(workbench, story)


def strip_of(view: ValueView, part: str) -> list[str]:
    """What is drawn in a style in the first line of a value."""
    style = view.get_component_rich_style(part)
    return [
        segment.text
        for segment in view.render_line(0)
        if segment.style and segment.style.color == style.color
    ]
