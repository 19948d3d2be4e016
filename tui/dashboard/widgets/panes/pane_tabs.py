"""The strip of tabs above the panes, shown while not all of them fit side by side."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Self

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from engine.live.evaluation.status import ConsumerState
from tui import format
from tui.dashboard.present.filter_colours import filter_colour, shown_name
from tui.dashboard.present.signs import STATE_COLOURS, STATE_SIGNS
from tui.dashboard.widgets.panes.pane import Pane

_NAME_WIDTH = 20
"""Cells of a filter's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """What the tab of a pane shows; `state` is None for a raw pane, whose number is 0."""

    number: int
    name: str
    state: ConsumerState | None = None
    in_view: bool

    @classmethod
    def of(cls, pane: Pane) -> Self:
        consumer = pane.topic.snapshot.consumer(pane.consumer)
        if consumer is None:
            return cls(number=0, name=pane.topic_label or "raw", in_view=pane.display)
        name = format.clip(shown_name(consumer), _NAME_WIDTH)
        return cls(number=consumer.id, name=name, state=consumer.state, in_view=pane.display)

    def draw(self) -> Content:
        colour = f"$filter-{filter_colour(self.number)}" if self.number else "$foreground"
        label = Content.assemble(
            ("▌" if self.in_view else " ", colour),
            (f"{self.number} {self.name} ", f"{colour} bold" if self.in_view else "$foreground 60%"),
            ("", "") if self.state is None else (STATE_SIGNS[self.state], STATE_COLOURS[self.state]),
            " ",
        )
        return label.stylize("on $panel") if self.in_view else label


class PaneTabs(Widget):
    """Draws one tab per pane; those of panes in view stand out."""

    ALLOW_SELECT = False

    tabs: reactive[tuple[Tab, ...]] = reactive(())

    class Chosen(Message):
        """The user clicked a tab."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def show(self, panes: Iterable[Pane]) -> bool:
        """Draw the tabs of panes; return whether one changed."""
        before, self.tabs = self.tabs, tuple(map(Tab.of, panes))
        return before != self.tabs

    def render(self) -> Content:
        """As many tabs as fit up to the last one in view."""
        last = max((position for position, tab in enumerate(self.tabs) if tab.in_view), default=0)
        labels = [tab.draw().stylize(Style.from_meta({"tab": place})) for place, tab in enumerate(self.tabs)]
        widths = accumulate(label.cell_length for label in reversed(labels[: last + 1]))
        fitting = sum(width <= self.size.width for width in widths)
        return Content("").join(labels[min(last + 1 - fitting, last) :])

    def on_click(self, event: events.Click) -> None:
        if "tab" in event.style.meta:
            self.post_message(self.Chosen(event.style.meta["tab"]))
