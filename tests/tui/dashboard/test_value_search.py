"""`/` within a value: typing, counting, going from hit to hit, ending."""

from collections.abc import Callable

import pytest

from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.screens.inspector import Inspector
from tui.dashboard.widgets.parts.value_view import ValueView

LARGE = b'{"rows":[' + b",".join(b'{"n":%d,"text":"row"}' % n for n in range(60_000)) + b"]}"
"""More than a megabyte."""
CURRENT = "value--current-hit"


def holding(*values: bytes) -> ScriptedWorkbench:
    workbench = ScriptedWorkbench()
    workbench.produce(*values)
    return workbench


async def search(page: DashboardPage, text: str, number: str) -> None:
    await page.press("slash", *text, "enter")
    await page.until(lambda: f"{number}  n next" in page.text())


def marked(page: DashboardPage, role: str) -> list[str]:
    """What the first value on the screen marks, in the rows that are seen."""
    view = next(view for view in page.app.screen.query(ValueView) if view.region)
    style = view.get_component_rich_style(role)
    rows = (view.render_line(y) for y in range(view.size.height))
    return [segment.text for row in rows for segment in row if segment.style == style]


def seen_hits(page: DashboardPage) -> list[str]:
    """What has the colours of the current hit on the screen."""
    view = next(view for view in page.app.screen.query(ValueView) if view.region)
    style = view.get_component_rich_style(CURRENT)
    return [segment.text for strip in page.strips() for segment in strip if segment.style == style]


def test_hits_in_tree_are_counted_marked_and_scrolled_to(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("enter")
        await search(page, "porto", "1 of 3")
        assert marked(page, CURRENT) == ["Porto"]
        assert marked(page, "value--hit") == ["porto"]
        await page.press("n", "n")
        assert "3 of 3" in page.text()
        assert '"last": "porto"' in page.text()
        assert marked(page, CURRENT) == ["porto"]
        await page.press("n")
        assert "1 of 3" in page.text() and '"first": "Porto' in page.text()
        await page.press("N")
        assert "3 of 3" in page.text() and '"last": "porto"' in page.text()
        await page.press("escape")
        assert isinstance(page.app.screen, Inspector)
        assert marked(page, "value--hit") == [] and "3 of 3" not in page.text()
        await page.press("escape")
        assert isinstance(page.app.screen, Dashboard)

    value = b'{"first":"Porto porto","n":[' + b",".join([b"1"] * 200) + b'],"last":"porto"}'
    drive(holding(value), story)


def test_hit_in_folded_part_is_unfolded(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("enter", "tab", "z")
        assert "deep" not in page.text()
        await search(page, "deep", "1 of 1")
        assert '"deep": 1' in page.text()
        await page.press("left", "escape")
        assert page.app.screen.query_one(ValueView).has_focus

    drive(holding(b'{"a":[{"deep":1}]}'), story)


def test_hits_in_megabytes_are_scrolled_to(drive: Drive) -> None:
    async def find(page: DashboardPage) -> None:
        for number in (b'"n":5,', b"59999,", b'"n":7,'):
            await search(page, number.decode(), "1 of 1")
            await page.until(lambda number=number: "".join(marked(page, CURRENT)) == number.decode())

    async def story(page: DashboardPage) -> None:
        await page.press("enter")
        await find(page)
        await page.resize_terminal(40, 10)
        await find(page)
        await page.press("right")
        await page.until(lambda: "3a 37" in page.text().replace("  ", " "))
        assert "1 of 1" in page.text()
        await page.resize_terminal(100, 30)
        await page.until(lambda: "3a 37" in page.text().replace("  ", " "))
        assert "1 of 1" in page.text()

    drive(holding(LARGE), story, (100, 30))


ROWS = b'{"rows":[' + b",".join(b'{"n":%d}' % n for n in range(99)) + b"]}"


@pytest.mark.parametrize("size", [(100, 30), (40, 10)])
def test_hit_is_scrolled_to_before_and_after_a_late_layout(
    drive: Drive, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_once(_: ValueView, callback: Callable[[], None]) -> None:
        callback()

    async def story(page: DashboardPage) -> None:
        await page.press("enter")
        await search(page, '"n":88', "1 of 1")
        # As if the layout of the new rows came after the scrolling to the hit.
        monkeypatch.setattr(ValueView, "call_after_refresh", at_once)
        for way in ("right", "left"):
            for _ in range(3):
                await page.press(way)
                assert seen_hits(page)

    drive(holding(ROWS), story, size)


def test_hit_stays_in_sight_in_another_size_until_the_user_moves(drive: Drive) -> None:
    async def resize(page: DashboardPage, columns: int, rows: int) -> None:
        await page.resize_terminal(columns, rows)
        await page.until(lambda: page.app.screen.region.size == (columns, rows))

    async def story(page: DashboardPage) -> None:
        await page.press("enter")
        await search(page, '"n":88', "1 of 1")
        for size in ((40, 10), (100, 30), (50, 12)):
            await resize(page, *size)
            assert seen_hits(page)
        await page.press("home")
        for size in ((60, 14), (100, 30), (50, 12)):
            await resize(page, *size)
            assert not seen_hits(page)
        await page.press("n")
        assert seen_hits(page)

    drive(holding(ROWS), story)


def test_search_goes_on_in_next_record(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("enter")
        await search(page, "b", "1 of 3")
        await page.press("up")
        await page.until(lambda: "1 of 1  n next" in page.text())
        await page.press("up")
        await page.until(lambda: "no match" in page.text())

    drive(holding(b"x", b"abc", b"b b b"), story)


def test_wrong_pattern_is_explained(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("enter", "slash", "ctrl+r", "a", "left_parenthesis", "enter")
        assert "missing" in page.text()
        await page.press("escape", "n")
        assert isinstance(page.app.screen, Inspector)
        assert "missing" not in page.text()

    drive(holding(b"abc"), story)


@pytest.mark.parametrize("size", [(170, 45), (120, 35)])
def test_record_beside_panes_is_searched_from_within(drive: Drive, size: tuple[int, int]) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("I")
        await search(page, "porto", "1 of 2")
        await page.press("n")
        assert "2 of 2" in page.text()
        assert page.dashboard.focused is not None and isinstance(page.dashboard.focused, ValueView)
        await page.press("escape", "escape")
        assert not isinstance(page.dashboard.focused, ValueView)
        assert "2 of 2" not in page.text()

    drive(holding(b'{"city":"Porto","from":"porto"}'), story, size)
