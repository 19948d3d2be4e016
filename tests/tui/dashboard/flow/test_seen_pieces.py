"""Frames of what is seen: a terminal shows the same as what Textual makes of the whole screen."""

import asyncio
import random
import re
import time
from typing import Any, ClassVar

import pyte
import pytest
from rich.console import Console, RenderableType
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
from textual.app import App, ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from tests.tui.dashboard.page import DashboardPage
from tests.waiting import PATIENCE
from tui.dashboard.flow.seen_pieces import SeenPieces

COLUMNS, ROWS = 40, 12
TEXTS = ("", "a", "level", "12,345 records", "the quick brown fox jumps over the lazy dog")
CONSOLE = Console(color_system="truecolor")
STYLES = re.compile(r"\x1b\[[\d;]*m")


class Layered(Screen[None]):
    """Widgets beside, over and within each other, one of them cut off at an edge."""

    CSS = """
    Layered { layers: below above; }
    #side { width: 9; border-left: solid red; }
    #wide { width: 1fr; padding: 0 1; }
    #over { layer: above; width: 11; height: 3; offset: 20 2; border: round blue; }
    #list { width: 12; }
    #tall { height: 30; }
    """

    def __init__(self, compositor: Compositor) -> None:
        super().__init__()
        self._compositor = compositor

    def compose(self) -> ComposeResult:
        yield Horizontal(
            Static(id="side"), Static(id="wide"), VerticalScroll(Static(id="tall"), id="list"), id="row"
        )
        yield Static(id="over")


class Drawn(App[None]):
    """Draws the updates of its first screen in a terminal, and counts those that are not the whole of it."""

    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False

    def __init__(self, compositor: Compositor) -> None:
        super().__init__()
        self.shown = pyte.Screen(COLUMNS, ROWS)
        self.parts = 0
        self._first = Layered(compositor)

    def on_mount(self) -> None:
        self.push_screen(self._first)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        if isinstance(renderable, CompositorUpdate) and screen is self._first:
            self.parts += isinstance(renderable, ChopsUpdate)
            # Only texts are compared, and styles take most of the time.
            pyte.Stream(self.shown).feed(STYLES.sub("", renderable.render_segments(CONSOLE)))

    def change(self, dice: random.Random) -> None:
        """Other texts in some widgets; sometimes other places."""
        for widget in dice.sample([*self.screen.query(Static)], 2):
            assert isinstance(widget, Static)
            lines = dice.choices(TEXTS, k=dice.randrange(14))
            widget.update("\n".join(lines))
        over, listed = self.screen.query_one("#over"), self.screen.query_one("#list")
        if dice.random() < 0.3:
            over.styles.offset = (dice.randrange(COLUMNS), dice.randrange(ROWS))
        if dice.random() < 0.3:
            over.display = not over.display
        listed.scroll_to(y=dice.randrange(9), animate=False)


def _as_textual(screen: Screen[Any]) -> list[str]:
    """The lines of a screen, all of whose widgets are rendered."""
    compositor = screen._compositor
    chops = Compositor._render_chops(compositor, compositor.size.region, lambda _: True)
    return [Strip.join(chop.values()).text for chop in chops]


@pytest.mark.parametrize("seed", range(5))
def test_terminal_shows_the_same(seed: int) -> None:
    async def story() -> None:
        app = Drawn(SeenPieces())
        async with app.run_test(size=(COLUMNS, ROWS)):
            page = DashboardPage(app)
            dice = random.Random(seed)
            for _ in range(30):
                app.change(dice)
                await page.settled()
                assert app.shown.display == _as_textual(app.screen)
                assert [strip.text for strip in app.screen._compositor.render_strips()] == app.shown.display
        assert app.parts

    asyncio.run(story())


def test_only_widgets_that_are_seen_are_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str | None] = []
    render_lines = Widget.render_lines

    def noting(widget: Widget, *arguments: Any) -> Any:
        rendered.append(widget.id)
        return render_lines(widget, *arguments)

    async def story() -> None:
        app = Drawn(SeenPieces())
        async with app.run_test(size=(COLUMNS, ROWS)):
            page = DashboardPage(app)
            await page.settled()
            monkeypatch.setattr(Widget, "render_lines", noting)
            side = app.screen.query_one("#side", Static)
            end = time.monotonic() + PATIENCE
            while rendered != ["side"]:  # a frame of the start, which renders all, may come late
                assert time.monotonic() < end, f"rendered {rendered}"
                rendered.clear()
                side.refresh()
                await page.settled()

    asyncio.run(story())


def test_a_widget_may_have_fewer_lines_than_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        app = Drawn(SeenPieces())
        async with app.run_test(size=(COLUMNS, ROWS)):
            page = DashboardPage(app)
            await page.settled()
            side = app.screen.query_one("#side", Static)
            monkeypatch.setattr(side, "render_lines", lambda crop: Static.render_lines(side, crop)[:2])
            side.update("first\nsecond\nthird")
            await page.settled()
            assert [line[1:8] for line in app.shown.display[:3]] == ["first  ", "second ", "       "]

    asyncio.run(story())


class Coloured(Static):
    """Needs the styles of its component class to be drawn."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"coloured--part"}

    def render_lines(self, crop: Region) -> list[Strip]:
        self.get_component_styles("coloured--part")
        return super().render_lines(crop)


@pytest.mark.parametrize("full", [True, False], ids=["whole screen", "changed part"])
def test_a_removed_widget_is_not_drawn_before_the_next_layout(full: bool) -> None:
    async def story() -> None:
        app = Drawn(SeenPieces())
        async with app.run_test(size=(COLUMNS, ROWS)):
            page = DashboardPage(app)
            removed = Coloured("here")
            await app.screen.query_one("#list").mount(removed, before=0)
            await page.settled()
            compositor = app.screen._compositor
            assert removed in compositor.visible_widgets
            removed.remove()
            # As a timer may draw: Textual lays out only after the widget has ended.
            while removed.parent is not None:
                await asyncio.sleep(0)
            assert removed in compositor.visible_widgets
            app.screen.refresh()
            compositor.update_widgets({app.screen})
            assert compositor.render_update(full=full) is not None
            await page.settled()
            assert removed not in compositor.visible_widgets

    asyncio.run(story())


@pytest.mark.parametrize("full", [True, False], ids=["whole screen", "changed part"])
def test_what_a_look_up_arranged_is_drawn_before_the_next_layout(full: bool) -> None:
    async def story() -> None:
        app = Drawn(SeenPieces())
        async with app.run_test(size=(COLUMNS, ROWS)):
            page = DashboardPage(app)
            over, added = app.screen.query_one("#over", Static), Static("new")
            over.update("text")
            await page.settled()
            assert "text" in page.text()
            compositor = app.screen._compositor
            with app.batch_update():
                over.display = False
                await app.screen.query_one("#row").mount(added)
                # As a timer that draws a new widget and a mouse that looks up its place.
                compositor.update_widgets({added})
                assert app.screen.find_widget(added)
                assert over not in compositor.visible_widgets
                wide = app.screen.query_one("#wide")
                wide.refresh()
                compositor.update_widgets({wide})
                assert isinstance(compositor.render_update(full=full), LayoutUpdate if full else ChopsUpdate)
                assert [strip.text for strip in compositor.render_strips()] == _as_textual(app.screen)
            await page.settled()
            assert app.shown.display == _as_textual(app.screen)
            assert "text" not in page.text() and "new" in page.text()

    asyncio.run(story())


@pytest.mark.parametrize("full", [True, False], ids=["whole screen", "changed part"])
def test_a_widget_may_arrange_others_while_it_is_drawn(full: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        app = Drawn(SeenPieces())
        async with app.run_test(size=(COLUMNS, ROWS)):
            page = DashboardPage(app)
            side, over = app.screen.query_one("#side", Static), app.screen.query_one("#over", Static)
            over.update("text")
            app.screen.query_one("#wide", Static).update(TEXTS[-1])
            await page.settled()
            compositor = app.screen._compositor
            added = Static("new")

            def looking_up(crop: Region) -> list[Strip]:
                compositor.update_widgets({added})
                assert app.screen.find_widget(added)
                assert over not in compositor.visible_widgets
                return Static.render_lines(side, crop)

            with app.batch_update(), monkeypatch.context() as patch:
                over.display = False
                await app.screen.query_one("#row").mount(added)
                # The first that is drawn.
                patch.setattr(side, "render_lines", looking_up)
                side.refresh()
                over.refresh()
                compositor.update_widgets({side, over})
                update = compositor.render_update(full=full)
            assert isinstance(update, LayoutUpdate if full else ChopsUpdate)
            if isinstance(update, LayoutUpdate):
                widths = [sum(strip.cell_length for strip in line) for line in update.strips]
                assert widths == [COLUMNS] * ROWS
            await page.settled()
            assert app.shown.display == _as_textual(app.screen)
            assert "text" not in page.text() and "new" in page.text()

    asyncio.run(story())
