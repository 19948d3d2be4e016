"""The strip of tabs over the panes, shown where not all of them fit side by side."""

from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Tab:
    """A pane's tab."""

    title: str
    sign: str
    colour: str
    """A style variable."""
    sign_colour: str
    in_sight: bool


class PaneTabs(Widget):
    """Draws a tab a pane; those in sight stand out."""

    ALLOW_SELECT = False

    tabs: reactive[tuple[Tab, ...]] = reactive(())

    class Chosen(Message):
        """A person clicked on the tab at `position`."""

        def __init__(self, position: int) -> None:
            super().__init__()
            self.position = position

    def render(self) -> Content:
        """One line."""
        return Content("").join(_label(tab) for tab in self.tabs[self._first :])

    def on_click(self, event: events.Click) -> None:
        """Tell which tab was hit."""
        end = 0
        for position, tab in enumerate(self.tabs[self._first :], self._first):
            end += _label(tab).cell_length
            if event.x < end:
                self.post_message(self.Chosen(position))
                return

    @property
    def _first(self) -> int:
        """The leftmost tab drawn: such that those of panes in sight can be read."""
        last = max((position for position, tab in enumerate(self.tabs) if tab.in_sight), default=0)
        width = 0
        for position in range(last, -1, -1):
            width += _label(self.tabs[position]).cell_length
            if width > self.size.width:
                return min(position + 1, last)
        return 0


def _label(tab: Tab) -> Content:
    title = Content.styled(f"{tab.title} ", f"{tab.colour} bold" if tab.in_sight else "$foreground 60%")
    sign = Content.styled(tab.sign, tab.sign_colour)
    sight = "▌" if tab.in_sight else " "
    label = Content.styled(sight, tab.colour) + title + sign + " "
    return label.stylize("on $panel") if tab.in_sight else label
