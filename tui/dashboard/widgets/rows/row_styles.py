"""The styles of the parts of a row, read once per repaint: asking a widget for one is slow."""

from dataclasses import dataclass

from rich.style import Style
from textual.widget import Widget

from engine.records.verdicts import Verdict
from tui.dashboard.present.columns.column import Tone
from tui.dashboard.present.filter_colours import FILTER_COLOURS, filter_colour
from tui.dashboard.widgets.rows.scrollbar_marks import Mark

_PARTS = ("offset", "hint", "error", "trap", "hit", "number", "time", "key")
_FILTERS = tuple(f"filter-{number}" for number in range(1, FILTER_COLOURS + 1))
STYLE_CLASSES = {*(f"record--{part}" for part in (*_PARTS, "cursor")), *_FILTERS}
"""The component classes of a widget that draws rows."""
_QUIET = Style(dim=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowStyles:
    """A style for each part."""

    text: Style
    offset: Style
    hint: Style
    cursor: Style
    error: Style
    trap: Style
    hit: Style
    number: Style
    time: Style
    key: Style
    filters: tuple[Style, ...]

    def of_tone(self, tone: Tone | None) -> Style:
        style: Style = self.text if tone is None else getattr(self, tone.value)
        return style

    def of_filter(self, consumer: int) -> Style:
        return self.filters[filter_colour(consumer) - 1]

    def of_verdict(self, consumer: int, verdict: Verdict) -> Style:
        if verdict is Verdict.ERROR:
            return self.error
        if verdict in (Verdict.TRAP, Verdict.TIMEOUT):
            return self.trap
        colour = self.of_filter(consumer)
        return colour if verdict is Verdict.PASS else colour + _QUIET

    def of_marks(self) -> dict[Mark, Style]:
        return {Mark.TRAP: self.trap, Mark.ERROR: self.error, Mark.CHANGED: self.hint, Mark.HIT: self.hit}


_NULL = Style.null()
PLAIN = RowStyles(text=_NULL, cursor=_NULL, filters=(_NULL,) * FILTER_COLOURS, **dict.fromkeys(_PARTS, _NULL))
"""For where only the text of a row matters; a widget has no styles before it is on the screen."""


def cursor_style(widget: Widget, part: str) -> Style:
    """What the cursor adds to the styles under it, from the component class `part`."""
    style = widget.get_component_rich_style(part)
    return Style(bgcolor=style.bgcolor, reverse=style.reverse)


def read_row_styles(widget: Widget) -> RowStyles:
    """The styles of the current theme; what looks the same is the same object."""
    text = widget.rich_style
    known = {text: text}

    def style(part: str) -> Style:
        found = widget.get_component_rich_style(part)
        return known.setdefault(found, found)

    return RowStyles(
        text=text,
        cursor=cursor_style(widget, "record--cursor"),
        filters=tuple(map(style, _FILTERS)),
        **{part: style(f"record--{part}") for part in _PARTS},
    )
