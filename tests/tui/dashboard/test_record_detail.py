"""The record beside the panes: it follows the cursor, says why, and begins a filter with a field."""

from pathlib import Path

import pytest

from engine.live.explanation.explanation import Reasons
from engine.live.explanation.trace import StepTrace
from engine.records.batch import Record
from engine.records.faults import Call, Fault, Location, Read
from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.widgets.panels.dock import Dock
from tui.dashboard.widgets.panels.record_detail import RecordPanel, RecordSide
from tui.dashboard.widgets.parts.value_view import ValueView

BESIDE, BELOW = (170, 45), (120, 35)


def explains(record: Record) -> tuple[Reasons, ...]:
    place = Location("/f.rs", 5, 3)
    if b"Evora" in (record.value or b""):
        calls = Call("<anonymous>", place), Call("filter", Location("/f.rs", 12, 1))
        fault = Fault(0, Verdict.ERROR, "no city", place, stack=calls)
        return (Reasons(consumer=1, steps=(StepTrace(verdict=Verdict.ERROR, fault=fault),)),)
    read = Read(what='json("city")', found=(record.value or b"").decode()[8:15], location=place)
    nothing = Read(what='param("limit")', found=None, location=place)
    traced = StepTrace(reports_reads=True, reads=(read, nothing), printed=("seen it",), verdict=Verdict.PASS)
    dropped = StepTrace(verdict=Verdict.DROP)
    return (Reasons(consumer=1, steps=(traced,), earlier=((2, dropped), (1, dropped))),)


def cities() -> ScriptedWorkbench:
    workbench = ScriptedWorkbench(explains=explains)
    workbench.produce(
        b'{"city":"Porto","n":1}', b'{"city":"Braga","n":2}', b'{"city":"Evora","n":[3,{"a":"b"}]}'
    )
    workbench.add("f", lambda _: Verdict.PASS, path=Path("/f.rs"), version=3)
    return workbench


def detail(page: DashboardPage) -> str:
    """The lines of the screen, as one paragraph."""
    return " ".join(page.text().split())


def test_detail_follows_the_cursor_and_says_why_in_any_size(drive: Drive) -> None:
    workbench = cities()

    async def look(page: DashboardPage) -> None:
        await page.press("end", "W", "up")
        await page.drawn(workbench)
        calls = "no city at /f.rs:5:3", "5:3 in <anonymous>", "12:1 in filter"
        await page.until(lambda: all(line in detail(page) for line in calls))
        await page.press("up")
        await page.drawn(workbench)
        await page.until(lambda: '5 json("city") → "Braga"' in detail(page))
        shown = detail(page)
        assert '5 param("limit") → nothing' in shown
        assert "▏ seen it" in shown
        assert "earlier v2 v1 · drop" in shown
        await page.press("up")
        await page.drawn(workbench)
        await page.until(lambda: '5 json("city") → "Porto"' in detail(page))
        await page.press("W")
        assert "seen it" not in page.text()

    async def story(page: DashboardPage) -> None:
        await look(page)
        await page.resize_terminal(*BELOW)
        await look(page)

    drive(workbench, story, BESIDE)


def test_record_moves_below_and_beside_with_the_width(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        dock, side = page.dashboard.query_one(Dock), page.dashboard.query_one(RecordSide)
        await page.press("W")
        assert side.display and dock.front is None
        await page.press("v")
        assert side.display and dock.front is not None
        await page.press("v")
        await page.resize_terminal(*BELOW)
        await page.until(lambda: isinstance(dock.front, RecordPanel))
        assert not side.display
        await page.press("v")
        await page.resize_terminal(*BESIDE)
        await page.press("v", "escape")
        assert dock.front is None

    drive(cities(), story, BESIDE)


@pytest.mark.parametrize("size", [BESIDE, BELOW])
def test_fields_are_copied_with_their_paths(drive: Drive, size: tuple[int, int]) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("I")
        assert isinstance(page.app.focused, ValueView)
        await page.until(lambda: "y copies · Y path · F new filter" in page.text())
        await page.press("down", "y")
        assert page.app.clipboard == "Evora"
        await page.press("Y")
        assert page.app.clipboard == "city"
        await page.press("down", "down", "down", "down", "Y")
        assert page.app.clipboard == "n[1].a"
        await page.press("escape")
        assert page.view.has_focus
        await page.until(lambda: ("I to the fields" in page.text()) == (size == BESIDE))

    drive(cities(), story, size)


def test_filter_begins_with_the_field_under_the_cursor(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    workbench = cities()

    async def story(page: DashboardPage) -> None:
        await page.press("F")
        assert "no field is chosen" in page.notices()[-1]
        await page.press("I", "down", "F")
        await page.until(lambda: "new filter that reads city" in page.text())
        await page.press("enter")
        await page.until(lambda: len(workbench.scripts) == 2)
        source = (tmp_path / "city.rs").read_text()
        assert 'record.json("city")' in source and 'field == "Evora"' in source

    drive(workbench, story, BELOW)


def test_filter_begins_from_the_inspector_too(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n.rs").touch()
    workbench = cities()

    async def story(page: DashboardPage) -> None:
        await page.press("up", "up", "enter", "tab", "down", "down", "F")
        await page.until(lambda: "n1.rs" in page.text())
        await page.press("enter")
        await page.until(lambda: len(workbench.scripts) == 2)
        assert "field.as_i64() == Some(2)" in (tmp_path / "n1.rs").read_text()

    drive(workbench, story, BELOW)


def test_nothing_is_asked_while_the_newest_is_followed(drive: Drive) -> None:
    asked: list[Record] = []

    def note(record: Record) -> tuple[Reasons, ...]:
        asked.append(record)
        return ()

    workbench = cities()
    workbench.explains = note

    async def story(page: DashboardPage) -> None:
        await page.press("W")
        await page.produce(workbench, b'{"city":"Faro"}')
        assert "Faro" in page.text() and not asked
        await page.press("up")
        await page.drawn(workbench)
        assert len(asked) == 1

    drive(workbench, story, BELOW)


def test_fields_of_logfmt_are_shown_and_a_filter_begins_with_their_text(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    workbench = ScriptedWorkbench()
    workbench.produce(*(b'level=%s took=1.50 msg="a b"' % level for level in (b"info", b"error", b"warn")))

    async def story(page: DashboardPage) -> None:
        await page.press("I", "down")
        assert '"took": 1.50' in page.text()
        await page.press("y")
        assert page.app.clipboard == "warn"
        await page.press("up", "y")
        assert page.app.clipboard == 'level=warn took=1.50 msg="a b"'
        await page.press("down", "F")
        await page.until(lambda: "new filter that reads level" in page.text())
        await page.press("enter")
        await page.until(lambda: bool(workbench.scripts))
        assert 'value.contains("level=warn")' in (tmp_path / "level.rs").read_text()

    drive(workbench, story, BELOW)
