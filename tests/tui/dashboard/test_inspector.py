"""The inspector: folding, finding, small screens."""

import time

from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tests.tui.dashboard.test_search import search
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.screens.inspector import Inspector
from tui.dashboard.widgets.parts.value_view import ValueView


def holding(*values: bytes) -> ScriptedWorkbench:
    workbench = ScriptedWorkbench()
    workbench.produce(*values)
    return workbench


def test_keys_fold_lines_inside_value(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("up", "enter")
        assert "⇥ value" in page.text()
        await page.press("tab", "down", "down", "left")
        assert "←→ fold" in page.text()
        assert '▸ "b": [ 2 members ]' in page.text()
        await page.press("right", "right", "right", "left", "up")
        assert '▾ "b": [' in page.text()
        await page.press("space")
        assert '▸ "b": [ 2 members ]' in page.text()
        await page.press("left", "left")
        assert "▸ { 2 members }" in page.text()
        await page.press("enter", "z")
        assert '▸ "b": [ 2 members ]' in page.text()
        await page.press("z")
        assert "[ 2 members ]" not in page.text()
        await page.press("escape")
        assert isinstance(page.app.screen, Inspector)
        await page.press("up")
        assert "first" in page.text()
        await page.press("escape")
        assert isinstance(page.app.screen, Dashboard)

    drive(holding(b"first", b'{"a":1,"b":[{"c":2},3]}'), story)


def test_click_selects_line_and_double_click_folds_in_any_size(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("enter")
        await page.click(ValueView, offset=(4, 2), times=2)
        assert '▸ "b": [ 2 members ]' in page.text()
        await page.resize_terminal(60, 24)
        assert '▸ "b": [ 2 members ]' in page.text()
        await page.press("up", "up", "left")
        assert "▸ { 2 members }" in page.text()

    drive(holding(b'{"a":1,"b":[{"c":2},3]}'), story)


def test_inspector_marks_matches(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await search(page, "PORTO".lower())
        await page.press("enter")
        view = page.app.screen.query_one(ValueView)
        hit = view.get_component_rich_style("value--hit")
        segments = [segment for y in range(3) for segment in view.render_line(y)]
        assert [segment.text for segment in segments if segment.style == hit] == ["Porto"]

    drive(holding(b'{"city":"Porto"}'), story)


def test_dialogue_scrolls_on_small_screen(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("up", "up", "enter")
        assert "offset" in page.text()
        assert '"sku"' not in page.text()
        await page.press("end")
        assert '"sku"' in page.text()
        await page.press("home", "pagedown")
        assert "2 errors_only" in page.text()
        await page.press("tab", *["down"] * 7)
        assert '"sku"' in page.text()
        await page.press("escape", "right")
        await page.press("tab", *["down"] * 30)
        assert '"n":3}]}' in page.text()

    drive(example_workbenches.live(0, 40), story, (40, 10))


def test_only_visible_lines_of_large_value_are_made(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("enter")
        assert "256 KiB is shown as text" in page.text()
        start = time.monotonic()
        for key in ("right", "end", "home", "tab", "down", "escape", "left", "end", "left", "end"):
            await page.press(key)
        assert time.monotonic() - start < 60

    workbench = holding(b'{"x":"' + b"y" * (4 << 20) + b'"}')
    drive(workbench, story)
    drive(workbench, story, (40, 10))
