"""The styles of the parts of a row, read once a repaint: asking a widget for one is slow."""

from dataclasses import dataclass

from rich.style import Style
from textual.widget import Widget

from tui.dashboard.app.theme import FILTER_COLOURS
from tui.dashboard.widgets.panes.scrollbar_marks import Mark

INK_CLASSES = {
    "record--offset",
    "record--hint",
    "record--cursor",
    "record--error",
    "record--trap",
    "record--hit",
    *(f"filter-{number}" for number in range(1, FILTER_COLOURS + 1)),
}
"""The component classes of a widget that has inks."""


@dataclass(frozen=True, slots=True)
class Inks:
    """A style for each part."""

    text: Style
    offset: Style
    hint: Style
    cursor: Style
    error: Style
    trap: Style
    hit: Style
    filters: tuple[Style, ...]

    def of_marks(self) -> dict[Mark, Style]:
        """The styles of the marks on a scroll bar."""
        return {
            Mark.TRAP: self.trap,
            Mark.ERROR: self.error,
            Mark.CHANGED: self.hint,
            Mark.HIT: self.hit,
        }


def cursor_style(widget: Widget, part: str) -> Style:
    """What the cursor adds to the styles of what it is on, from the component class `part`."""
    style = widget.get_component_rich_style(part)
    return Style(bgcolor=style.bgcolor, reverse=style.reverse)


def read_inks(widget: Widget) -> Inks:
    """The styles of the theme at hand."""
    return Inks(
        widget.rich_style,
        widget.get_component_rich_style("record--offset"),
        widget.get_component_rich_style("record--hint"),
        cursor_style(widget, "record--cursor"),
        widget.get_component_rich_style("record--error"),
        widget.get_component_rich_style("record--trap"),
        widget.get_component_rich_style("record--hit"),
        tuple(widget.get_component_rich_style(f"filter-{number}") for number in range(1, FILTER_COLOURS + 1)),
    )
