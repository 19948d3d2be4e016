"""The dialogue that makes a record by hand."""

from textual.events import Paste
from textual.widgets import Input, TextArea

from engine.broker.features import Features
from engine.errors import RecordTooLargeError
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.screens.dialogues.produce_record import ProduceRecord


def test_produce_value_of_several_lines_with_key(drive: Drive) -> None:
    workbench = ScriptedWorkbench(first_offset=1_233)
    workbench.produce(b"old")

    async def story(page: DashboardPage) -> None:
        await page.press("p", *"one", "enter", *"two", "tab", "tab", *"me", "enter")
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


def test_produce_tombstone_with_headers_to_partition(drive: Drive) -> None:
    workbench = ScriptedWorkbench()

    async def story(page: DashboardPage) -> None:
        await page.press(
            "p", *"gone", "tab", "space", "tab", *"k", "tab", *"two", "tab", *"a=1", "enter", "b"
        )
        await page.press("ctrl+s")
        assert "invalid partition 'two': use a number, e.g. 0" in page.text()
        await page.press("shift+tab", *["backspace"] * 3, "2", "ctrl+s")
        await page.until(lambda: bool(page.notices()))
        assert workbench.asked[-1] == "append b'k' None(('a', b'1'), ('b', None)) to 2"
        await page.press("up", "p", "enter")
        await page.until(lambda: len(page.notices()) == 2)
        assert workbench.asked[-1] == "append b'k' None"

    drive(workbench, story)


def test_what_the_broker_lacks_is_said_and_not_offered(drive: Drive) -> None:
    workbench = ScriptedWorkbench(features=Features(headers=False, tombstones=False))

    async def story(page: DashboardPage) -> None:
        await page.press("p")
        shown = page.text()
        assert "this broker keeps no headers and no tombstones" in shown
        assert "NAME=VALUE" not in shown
        assert "tombstone: no value" not in shown
        await page.press(*"one", "tab", *"k", "tab", "1", "enter")
        await page.until(lambda: bool(page.notices()))
        assert workbench.asked[-1] == "append b'k' b'one' to 1"

    drive(workbench, story)


def test_what_cannot_be_typed_is_named(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(b"one", keys=[b"\xff"])

    async def story(page: DashboardPage) -> None:
        await page.press("up", "p")
        assert "value, from offset 0 of partition 0" in page.text()
        assert "cannot be typed, and is left out: the key" in page.text()

    drive(workbench, story)
