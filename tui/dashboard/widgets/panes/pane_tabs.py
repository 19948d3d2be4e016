"""The strip of tabs above the panes, shown while not all of them fit side by side."""

from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A pane's tab. Its colours are style variables."""

    title: str
    colour: str
    sign: str = ""
    sign_colour: str = ""
    in_view: bool


class PaneTabs(Widget):
    """Draws one tab per pane; those of panes in view stand out."""

    ALLOW_SELECT = False

    tabs: reactive[tuple[Tab, ...]] = reactive(())

    class Chosen(Message):
        """The user clicked the tab at `position`."""

        def __init__(self, position: int) -> None:
            super().__init__()
            self.position = position

    def render(self) -> Content:
        """One line."""
        return Content("").join(_label(tab) for tab in self.tabs[self._first :])

    def on_click(self, event: events.Click) -> None:
        """Find the tab under the mouse."""
        end = 0
        for position, tab in enumerate(self.tabs[self._first :], self._first):
            end += _label(tab).cell_length
            if event.x < end:
                self.post_message(self.Chosen(position))
                return

    @property
    def _first(self) -> int:
        """The leftmost tab drawn, so that those of panes in view fit."""
        last = max((position for position, tab in enumerate(self.tabs) if tab.in_view), default=0)
        width = 0
        for position in range(last, -1, -1):
            width += _label(self.tabs[position]).cell_length
            if width > self.size.width:
                return min(position + 1, last)
        return 0


def _label(tab: Tab) -> Content:
    title = Content.styled(f"{tab.title} ", f"{tab.colour} bold" if tab.in_view else "$foreground 60%")
    edge = Content.styled("▌" if tab.in_view else " ", tab.colour)
    label = edge + title + Content.styled(tab.sign, tab.sign_colour) + " "
    return label.stylize("on $panel") if tab.in_view else label
