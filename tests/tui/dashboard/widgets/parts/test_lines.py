"""Lines look like a `Static` with the same text, and are drawn only where they are seen."""

import asyncio
import random

from textual.app import App, ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.geometry import Offset
from textual.selection import Selection
from textual.widgets import Static

from tests.tui.dashboard.page import DashboardPage
from tui.dashboard.widgets.parts.lines import Lines

WORDS = ("a", "record", "日本語", "of the pane", "unbreakablylongwordthatisfolded", "")


class Both(App[None]):
    """The same text twice, side by side."""

    # The colour is the app's, too, whose styles Textual may apply after the widgets are laid out.
    CSS = "Screen { color: $foreground; } VerticalScroll { width: 1fr; } Static, Lines { height: auto; }"

    def compose(self) -> ComposeResult:
        self.static, self.lines = Static(), Lines("")
        yield Horizontal(VerticalScroll(self.static), VerticalScroll(self.lines))

    def show(self, lines: list[Content]) -> None:
        self.static.update(Content("\n").join(lines))
        self.lines.show(lines)


def _made(dice: random.Random) -> list[Content]:
    return [
        Content.styled(dice.choice(WORDS), "bold") + " " + " ".join(dice.choices(WORDS, k=dice.randrange(6)))
        for _ in range(dice.randrange(1, 30))
    ]


def test_lines_look_and_are_selected_like_a_static() -> None:
    async def story() -> None:
        dice = random.Random(7)
        app = Both()
        async with app.run_test(size=(60, 12)):
            page = DashboardPage(app)
            for _ in range(20):
                app.screen.clear_selection()
                app.show(_made(dice))
                await page.settled()
                assert app.lines.size == app.static.size
                _assert_same(app)
                end = Offset(dice.randrange(9), dice.randrange(9))
                selection = Selection.from_offsets(Offset(1, 0), end)
                app.screen.selections = {app.static: selection, app.lines: selection}
                await page.settled()
                _assert_same(app)
                assert app.lines.get_selection(selection) == app.static.get_selection(selection)

    asyncio.run(story())


def _assert_same(app: Both) -> None:
    for y in range(app.static.size.height):
        assert [*app.lines.render_line(y)] == [*app.static.render_line(y)]


def test_only_lines_in_view_are_drawn() -> None:
    async def story() -> None:
        app = Both()
        drawn: list[int] = []
        async with app.run_test(size=(60, 12)):
            page = DashboardPage(app)
            render_line = app.lines.render_line
            app.lines.render_line = lambda y: (drawn.append(y), render_line(y))[1]  # type: ignore[method-assign]
            app.show([Content(f"line {number}") for number in range(1000)])
            await page.settled()
            assert {*drawn} <= {*range(12)}

    asyncio.run(story())
