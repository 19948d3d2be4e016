"""Dialogues: what is seen of the screen below, and how much is drawn until one is there."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from rich.style import Style
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip

from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.app.app import FluvioTui
from tui.dashboard.screens.help import Help


def _cells(chops: Sequence[Any]) -> list[list[tuple[str, str]]]:
    """The characters of each line, and how they look: of a space that is its background."""
    lines = [Strip.join(chop.values()) for chop in chops]
    return [[cell for text, style, _ in line for cell in _shown(text, style or Style())] for line in lines]


def _shown(text: str, style: Style) -> Iterable[tuple[str, str]]:
    blank, ink = str(style.bgcolor), str(style.clear_meta_and_links())
    return ((letter, blank if letter == " " and not style.reverse else ink) for letter in text)


def _as_here(app: App[None]) -> list[list[tuple[str, str]]]:
    """The screen, as a dialogue makes it."""
    compositor = app.screen._compositor
    return _cells(compositor._render_chops(compositor.size.region, lambda _: True))


def _as_textual(app: App[None]) -> list[list[tuple[str, str]]]:
    """The screen, as Textual makes it of all that lies below."""
    compositor = app.screen._compositor
    visible_screen_stack.set(app._background_screens)
    app.screen.refresh()
    return _cells(Compositor._render_chops(compositor, compositor.size.region, lambda _: True))


@pytest.mark.parametrize("keys", [["question_mark"], ["slash", "a", "ctrl+p"], ["p"], ["enter"], ["colon"]])
def test_the_screen_below_shines_through_as_with_textual(keys: list[str], drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.produce(workbench, *(b'{"id":%d,"level":"info"}' % number for number in range(100)))
        await page.press(*keys)
        for more in ((), (b"changed", b"meanwhile")):
            await page.produce(workbench, *more)
            # The screen below draws what it was given on a timer of its own.
            await page.until(lambda: _as_here(page.app) == _as_textual(page.app))

    workbench = ScriptedWorkbench()
    drive(workbench, story)


def test_a_dialogue_has_its_final_look_in_its_first_frame(
    monkeypatch: pytest.MonkeyPatch, drive: Drive
) -> None:
    looks: list[frozenset[str]] = []
    display = FluvioTui._display

    def noting(app: FluvioTui, screen: Screen[Any], update: Any) -> None:
        if isinstance(screen, Help):
            looks.append(screen.classes)
        display(app, screen, update)

    async def story(page: DashboardPage) -> None:
        await page.press("question_mark")
        assert {*looks} == {frozenset({"-wide", "-tall"})}

    monkeypatch.setattr(FluvioTui, "_display", noting)
    drive(ScriptedWorkbench(), story)


def test_a_tiny_terminal_shows_what_is_typed_and_found(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("a", *"mine")
        assert "mine" in page.text()
        await page.press("escape", "question_mark", *"pau")
        assert "pau" in page.text()
        assert "Panes" in page.text()

    drive(ScriptedWorkbench(), story, size=(20, 5))
