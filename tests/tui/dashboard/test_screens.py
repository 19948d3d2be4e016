"""Whole screens, compared with pictures that were checked by eye."""

from collections.abc import Awaitable, Callable, Sequence

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.app import theme
from tui.dashboard.app.app import FluvioTui

Compare = Callable[..., bool]
WIDE, USUAL, SMALL = (200, 50), (120, 34), (80, 24)


async def nothing_more(page: DashboardPage) -> None:
    pass


@pytest.fixture
def looks_as_before(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> Compare:
    """Whether a workbench on the screen, after some keys, looks as in the picture."""
    monkeypatch.setattr(Input, "cursor_blink", False)

    def compare(
        workbench: ScriptedWorkbench,
        size: tuple[int, int],
        press: Sequence[str] = (),
        *,
        notice: str = "",
        lesson: bool = False,
        dark: bool = False,
        run_before: Callable[[DashboardPage], Awaitable[None]] = nothing_more,
    ) -> bool:
        app = FluvioTui(workbench, notice=notice, lesson=lesson)
        app.theme = theme.DARK.name if dark else theme.LIGHT.name
        app.animation_level = "none"

        async def before(_: Pilot[None]) -> None:
            page = DashboardPage(app)
            await page.press(*press)
            await run_before(page)
            await page.settled()

        return snap_compare(app, terminal_size=size, run_before=before)

    return compare


def test_live(looks_as_before: Compare) -> None:
    assert looks_as_before(example_workbenches.live(), USUAL, dark=True)


def test_stale_filter(looks_as_before: Compare) -> None:
    assert looks_as_before(example_workbenches.stale(), USUAL, ["2"])


def test_after_a_reload(looks_as_before: Compare) -> None:
    assert looks_as_before(example_workbenches.reloaded(), WIDE, ["3"])


def test_rate_limits(looks_as_before: Compare) -> None:
    assert looks_as_before(example_workbenches.paced(), WIDE, ["2"])


def test_stopped_filter(looks_as_before: Compare) -> None:
    assert looks_as_before(example_workbenches.stopped(), USUAL)


def test_filter_that_traps_on_every_record(looks_as_before: Compare) -> None:
    assert looks_as_before(example_workbenches.runaway(), USUAL, ["1"])


def test_first_build(looks_as_before: Compare) -> None:
    assert looks_as_before(example_workbenches.first_build(), SMALL)


def test_empty_topic(looks_as_before: Compare) -> None:
    assert looks_as_before(
        ScriptedWorkbench(), SMALL, notice="The filters of this demo are in /tmp/demo: edit one."
    )


def test_paused_with_new_records(looks_as_before: Compare) -> None:
    workbench = example_workbenches.live()

    async def more(page: DashboardPage) -> None:
        await page.press("space", "1", "up", "up", "up")
        workbench.produce(*map(example_workbenches.value, range(10_240, 11_474)))
        await page.drawn(workbench)

    assert looks_as_before(workbench, USUAL, run_before=more)


def test_inspector(looks_as_before: Compare) -> None:
    assert looks_as_before(example_workbenches.live(), USUAL, ["1", "up", "up", "up", "enter"])


def test_inspector_on_trap(looks_as_before: Compare) -> None:
    workbench = example_workbenches.live(0, 12)
    assert looks_as_before(workbench, SMALL, ["enter"])


def test_builds(looks_as_before: Compare) -> None:
    assert looks_as_before(example_workbenches.builds(), USUAL, ["1", "b"])


def test_plots(looks_as_before: Compare) -> None:
    assert looks_as_before(example_workbenches.trends(), USUAL, ["v"], dark=True)


def test_fields(looks_as_before: Compare) -> None:
    async def opened(page: DashboardPage) -> None:
        await page.press("2", "S")
        await page.until(lambda: "best: " in page.text())

    assert looks_as_before(example_workbenches.live(), USUAL, run_before=opened)


@pytest.mark.parametrize("size", [USUAL, SMALL])
def test_lesson(looks_as_before: Compare, size: tuple[int, int]) -> None:
    assert looks_as_before(example_workbenches.reloaded(), size, ["3"], lesson=True, dark=size is USUAL)


def test_help(looks_as_before: Compare) -> None:
    assert looks_as_before(example_workbenches.live(), USUAL, ["question_mark"])


def test_more_panes_than_fit(looks_as_before: Compare) -> None:
    assert looks_as_before(example_workbenches.many(), SMALL, ["4"])


def test_without_colours(looks_as_before: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert looks_as_before(example_workbenches.many(), USUAL, ["3"], dark=True)
