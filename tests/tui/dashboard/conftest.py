"""The same surroundings for every test of the dashboard, whatever the environment says."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.app.app import FluvioTui
from tui.dashboard.app.appearance import Appearance

Story = Callable[[DashboardPage], Awaitable[None]]
Drive = Callable[..., FluvioTui]


async def no_wait(seconds: float) -> None:
    """In place of Textual's wait after a key, which trusts a busy machine: the page object waits."""


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("NO_COLOR", "TEXTUAL_THEME", "VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setattr("textual.app.wait_for_idle", no_wait)
    monkeypatch.setattr("tui.dashboard.present.panes.throttled_numbers.READINGS_PER_SECOND", float("inf"))
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.fixture
def no_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn but after a wake or a key."""
    monkeypatch.setattr("tui.dashboard.screens.frames.TICKS_PER_SECOND", 1e-6)


@pytest.fixture
def drive() -> Drive:
    """Run a story against the dashboard of a workbench, without a terminal."""

    def run(
        workbench: ScriptedWorkbench,
        story: Story,
        size: tuple[int, int] = (120, 34),
        appearance: Appearance | None = None,
        *,
        lesson: bool = False,
    ) -> FluvioTui:
        app = FluvioTui(workbench, appearance=appearance, lesson=lesson)
        app.animation_level = "none"

        async def main() -> None:
            async with app.run_test(size=size):
                page = DashboardPage(app)
                await page.pause()
                await story(page)

        asyncio.run(main())
        return app

    return run
