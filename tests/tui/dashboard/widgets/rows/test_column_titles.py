"""The names of columns over the rows of a pane."""

import asyncio
import time
from pathlib import Path

import pytest
from textual.app import App, ComposeResult

from tests.tui.dashboard import example_workbenches
from tests.waiting import PATIENCE
from tui.dashboard.app import app, theme
from tui.dashboard.app.app import FluvioTui
from tui.dashboard.flow.open_topic import OpenTopic
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.rows.column_titles import ColumnTitles, Titles


class OnlyDeck(App[None]):
    """Panes that are drawn once, and again only by themselves."""

    CSS_PATH = [Path(app.__file__).with_name(name) for name in FluvioTui.CSS_PATH]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.deck = Deck([OpenTopic(example_workbenches.live())])

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.variables(theme.DARK)

    def compose(self) -> ComposeResult:
        yield self.deck

    def on_mount(self) -> None:
        self.deck.show()


def words(titles: Titles | None) -> str:
    assert titles is not None
    return titles.text


@pytest.mark.parametrize(
    ("before", "shown"),
    [(9, "12 OFFSET CITY"), (6, "12 OFF CITY"), (4, "12   CITY")],
)
def test_offset_has_a_whole_title_or_none(before: int, shown: str) -> None:
    titles = ColumnTitles()
    titles.show(Titles(before=before, text="CITY", filters=(1, 2)))
    assert titles.render().plain == shown


def test_they_are_those_of_the_rows_after_a_pane_was_resized() -> None:
    async def story() -> None:
        shown = OnlyDeck()
        async with shown.run_test(size=(120, 24)):
            pane = shown.deck.current
            before, end = pane.view.size.width, time.monotonic() + PATIENCE
            shown.deck.action_resize(1)
            while pane.view.size.width == before or words(pane.titles.state) != words(
                pane.view.drawing.titles()
            ):
                assert time.monotonic() < end, "titles of another width"
                await asyncio.sleep(0.005)

    asyncio.run(story())
