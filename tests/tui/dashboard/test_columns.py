"""Columns of fields: seen, chosen and resized."""

import json

from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.present.columns.times import TimeStyle
from tui.dashboard.screens.dialogues.choose_columns import ChooseColumns
from tui.dashboard.widgets.panes.pane import Pane

KINDS = ("created", "paid", "sent")


def orders(count: int = 60) -> ScriptedWorkbench:
    workbench = ScriptedWorkbench()
    workbench.produce(
        *(
            json.dumps(
                {"schema": "v3", "kind": KINDS[n % 3], "text": f"order {n} went well", "total": n}
            ).encode()
            for n in range(count)
        )
    )
    workbench.add("sent", lambda value: Verdict.PASS if b"sent" in value else Verdict.DROP)
    return workbench


def test_panes_share_the_columns_that_differ(drive: Drive) -> None:
    workbench = orders()
    workbench.add("short", lambda _: Verdict.PASS, make=lambda value: b'{"size":%d}' % len(value), kind="map")

    async def story(page: DashboardPage) -> None:
        shown = page.text()
        assert "same in all: schema=v3" in shown
        titles = next(line for line in shown.splitlines() if "kind" in line)
        assert titles.count("kind") == titles.count("total text") == 2
        assert "size" in titles
        assert shown.count("sent       59 order 59 went well") == 2
        # What comes later and is no JSON is shown as it is.
        await page.produce(workbench, b"no JSON at all", b"")
        await page.until(lambda: "no JSON at all" in page.text())
        assert "∅ empty" in page.text()

    drive(workbench, story, (170, 20))


def test_columns_are_chosen(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("C")
        await page.until(lambda: isinstance(page.app.screen, ChooseColumns))
        assert "same in all  v3" in page.text()
        await page.press(*"schema", "enter", *["shift+up"] * 5)
        await page.press(*["backspace"] * 6, *"text", "enter", "escape")
        await page.until(lambda: page.app.screen is page.dashboard)
        assert page.text().count("schema TIME") == 2
        assert "went well" not in page.text()
        assert page.deck.columns.chosen[0].name == "schema"
        await page.press("C")
        await page.until(lambda: isinstance(page.app.screen, ChooseColumns))
        await page.press("shift+right", "shift+right", "escape")
        await page.until(lambda: page.app.screen is page.dashboard)
        assert page.text().count("schema   TIME") == 2
        await page.press("C")
        await page.until(lambda: isinstance(page.app.screen, ChooseColumns))
        await page.press("ctrl+r")
        await page.until(lambda: page.app.screen is page.dashboard)
        assert "went well" in page.text()

    drive(orders(), story, (120, 24))


def test_the_row_under_the_cursor_is_wrapped(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("up", "w")
        assert '"schema": "v3"' in page.text().replace("\n", "")
        await page.press("down", "w")
        assert '"schema"' not in page.text()

    drive(orders(), story, (90, 20))


def test_panes_are_resized(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        def widths() -> list[int]:
            return [pane.outer_size.width for pane in page.panes]

        assert widths() == [60, 60]
        await page.press("1", "right_curly_bracket")
        await page.until(lambda: widths()[1] > 60)
        for _ in range(20):
            await page.press("left_curly_bracket")
        await page.until(lambda: widths()[1] == Pane.MIN_WIDTH)
        right = page.panes[1]
        await page.mouse_down(right, offset=(0, 5))
        await page.hover(page.panes[0], offset=(40, 5))
        await page.mouse_up(page.panes[0], offset=(40, 5))
        await page.until(lambda: widths() == [40, 80])

    drive(orders(), story, (120, 24))


def test_times_have_styles(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        def title() -> str:
            return page.text().splitlines()[0]

        assert "times" not in title()
        for style in ("UTC", "age", "since row above"):
            await page.press("u")
            await page.until(lambda style=style: f"times {style}" in title())  # type: ignore[misc]
        assert page.text().count("+0.037s") > 4 and page.text().count("+0.111s") > 4
        await page.press("up", "enter")
        await page.until(lambda: "+0.037s since the row above" in page.text())
        await page.press("escape", "u")
        await page.until(lambda: "times" not in title())
        assert "+0.037s" not in page.text()

    app = drive(orders(), story, (120, 24))
    app.note_panes()
    assert app.looks["orders"].times is TimeStyle.LOCAL
