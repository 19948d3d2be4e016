"""The dialogue that makes a record by hand."""

import pytest
from textual.events import Paste
from textual.widgets import Input, TextArea

from engine.errors import RecordTooLargeError
from engine.records.batch import Record
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.screens.produce_record import MOST_BYTES, Draft, ProduceRecord, draft_of


def test_produce_value_of_several_lines_with_key(drive: Drive) -> None:
    workbench = ScriptedWorkbench(first_offset=1_233)
    workbench.produce(b"old")

    async def story(page: DashboardPage) -> None:
        await page.press("p", *"one", "enter", *"two", "tab", *"me", "enter")
        await page.until(lambda: bool(page.notices()))
        assert workbench.asked[-1] == r"append b'me' b'one\ntwo'"
        notice = await page.notice()
        assert notice == "produced offset 1,234 of partition 0"
        await page.drawn(workbench)
        assert r"1234 one\ntwo" in page.text()
        await page.press("p", "x", "ctrl+s")
        await page.until(lambda: workbench.asked[-1] == "append None b'x'")
        await page.press("p", "y", "escape")
        assert isinstance(page.app.screen, Dashboard)
        assert workbench.asked[-1] == "append None b'x'"

    drive(workbench, story)


def test_produce_begins_with_record_under_cursor(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(b'{"a":\n1}', b"other", keys=[b"k", None])

    async def story(page: DashboardPage) -> None:
        await page.press("p")
        assert page.app.screen.query_one(TextArea).text == ""
        await page.press("escape", "up", "up", "p")
        assert page.app.screen.query_one(TextArea).text == '{"a":\n1}'
        assert page.app.screen.query_one(Input).value == "k"
        await page.press(*"2", "ctrl+s")
        await page.until(lambda: workbench.asked[-1] == r"""append b'k' b'{"a":\n1}2'""")

    drive(workbench, story)


def test_refused_record_can_be_edited(drive: Drive) -> None:
    workbench = ScriptedWorkbench(refuse=RecordTooLargeError("the record is too large", "make it smaller"))

    async def story(page: DashboardPage) -> None:
        await page.press("p", *"too long", "ctrl+s")
        notice = await page.notice()
        assert notice == "the record is too large\nmake it smaller"
        assert isinstance(page.app.screen, ProduceRecord)
        assert page.app.screen.query_one(TextArea).text == "too long"
        workbench.refuse = None
        await page.press("backspace", "ctrl+s")
        await page.until(lambda: workbench.asked[-1] == "append None b'too lon'")

    drive(workbench, story)


def test_pasted_control_characters_are_escaped(drive: Drive) -> None:
    workbench = ScriptedWorkbench()

    async def story(page: DashboardPage) -> None:
        await page.press("p")
        page.app.post_message(Paste("a\tb\rc\x1b[31m 👩‍🚀\x00"))
        await page.until(lambda: bool(page.app.screen.query_one(TextArea).text))
        assert page.app.screen.query_one(TextArea).text == "a\tb\nc\\x1b[31m 👩‍🚀\\x00"

    drive(workbench, story)


@pytest.mark.parametrize(
    ("value", "key", "draft"),
    [
        (b"a\tb\nc", b"k", Draft("a\tb\nc", "k")),
        ("Kraków 大阪".encode(), None, Draft("Kraków 大阪", "")),
        (b"\xff", b"k", Draft("", "k")),
        (b"\x1b[31mred", b"a\nb", Draft("", "")),
        (b"x" * (MOST_BYTES + 1), None, Draft()),
    ],
)
def test_untypable_values_are_not_proposed(value: bytes, key: bytes | None, draft: Draft) -> None:
    assert draft_of(Record(0, 0, 0, key, value)) == draft
