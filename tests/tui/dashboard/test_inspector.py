"""The inspector: folding, finding, small screens."""

import time

from textual.pilot import Pilot

from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tests.tui.dashboard.test_actions import text_of
from tests.tui.dashboard.test_search import search
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.screens.inspector import Inspector
from tui.dashboard.widgets.parts.value_view import ValueView


def holding(*values: bytes) -> ScriptedWorkbench:
    workbench = ScriptedWorkbench()
    workbench.produce(*values)
    return workbench


def test_the_keys_fold_lines_once_they_are_the_values(drive: Drive) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("up", "enter")
        assert "⇥ value" in text_of(pilot)
        await pilot.press("tab", "down", "down", "left")
        assert "←→ fold" in text_of(pilot)
        assert '▸ "b": [ 2 members ]' in text_of(pilot)
        await pilot.press("right", "right", "right", "left", "up")
        assert '▾ "b": [' in text_of(pilot)
        await pilot.press("space")
        assert '▸ "b": [ 2 members ]' in text_of(pilot)
        await pilot.press("left", "left")
        assert "▸ { 2 members }" in text_of(pilot)
        await pilot.press("enter", "z")
        assert '▸ "b": [ 2 members ]' in text_of(pilot)
        await pilot.press("z")
        assert "[ 2 members ]" not in text_of(pilot)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, Inspector)
        await pilot.press("up")
        assert "first" in text_of(pilot)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, Dashboard)

    drive(holding(b"first", b'{"a":1,"b":[{"c":2},3]}'), story)


def test_what_is_folded_stays_so_when_the_screen_changes_its_size(drive: Drive) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("enter", "tab", "z")
        await pilot.resize_terminal(60, 24)
        assert '▸ "b": [ 2 members ]' in text_of(pilot)

    drive(holding(b'{"a":1,"b":[{"c":2},3]}'), story)


def test_the_mouse_goes_to_a_line_and_folds_it(drive: Drive) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("enter")
        await pilot.click(ValueView, offset=(4, 2), times=2)
        assert '▸ "b": [ 2 members ]' in text_of(pilot)
        await pilot.press("up", "up", "left")
        assert "▸ { 2 members }" in text_of(pilot)

    drive(holding(b'{"a":1,"b":[{"c":2},3]}'), story)


def test_what_is_searched_for_is_marked(drive: Drive) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await search(pilot, "PORTO".lower())
        await pilot.press("enter")
        view = pilot.app.screen.query_one(ValueView)
        hit = view.get_component_rich_style("value--hit")
        segments = [segment for y in range(3) for segment in view.render_line(y)]
        assert [segment.text for segment in segments if segment.style == hit] == ["Porto"]

    drive(holding(b'{"city":"Porto"}'), story)


def test_on_a_small_screen_the_whole_dialogue_scrolls(drive: Drive) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("up", "up", "enter")
        assert "offset" in text_of(pilot)
        assert '"sku"' not in text_of(pilot)
        await pilot.press("end")
        assert '"sku"' in text_of(pilot)
        await pilot.press("home", "pagedown")
        assert "2 errors_only" in text_of(pilot)
        await pilot.press("tab", *["down"] * 7)
        assert '"sku"' in text_of(pilot)
        await pilot.press("escape", "right")
        await pilot.press("tab", *["down"] * 30)
        assert '"n":3}]}' in text_of(pilot)

    drive(example_workbenches.live(0, 40), story, (40, 10))


def test_moving_through_a_very_large_value_makes_only_what_is_in_sight(drive: Drive) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("enter")
        assert "256 KiB is shown as text" in text_of(pilot)
        start = time.monotonic()
        for key in ("right", "end", "home", "tab", "down", "escape", "left", "end", "left", "end"):
            await pilot.press(key)
        assert time.monotonic() - start < 60

    workbench = holding(b'{"x":"' + b"y" * (16 << 20) + b'"}')
    drive(workbench, story)
    drive(workbench, story, (40, 10))
