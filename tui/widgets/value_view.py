"""A value of any length as JSON, text or hex: only the lines in sight are made."""

import re
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui import value as values
from tui.value import ValueFormat

_KEY = re.compile(r'\s*("(?:[^"\\]|\\.)*")(?=: )')


class ValueView(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows one value."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"value--key", "value--offset"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "page_up", "Up", show=False),
        Binding("pagedown,space", "page_down", "Down", show=False),
        Binding("home", "scroll_home", "Start", show=False),
        Binding("end", "scroll_end", "End", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._value = b""
        self._format = ValueFormat.TEXT
        self._lines: list[str] = []
        self._hex_width = 16

    def show(self, value: bytes, format: ValueFormat) -> None:
        """Show a value from its start."""
        self._value, self._format = value, format
        self._layout()
        self.scroll_to(y=0, animate=False)

    def on_resize(self) -> None:
        """Wrap again."""
        self._layout()

    def _layout(self) -> None:
        width = max(self.size.width, 1)
        self._hex_width = values.hex_width(width)
        if self._format is ValueFormat.HEX:
            count = -(-len(self._value) // self._hex_width)
        else:
            count = len(self._wrapped(width))
        self.virtual_size = Size(0, count)
        self.refresh()

    def _wrapped(self, width: int) -> list[str]:
        lines = values.indented_json(self._value) if self._format is ValueFormat.JSON else None
        self._lines = values.text_lines(self._value, width) if lines is None else values.wrap(lines, width)
        return self._lines

    def render_line(self, y: int) -> Strip:
        """A line in sight."""
        number = self.scroll_offset.y + y
        style = self.rich_style
        if number >= self.virtual_size.height:
            return Strip.blank(self.size.width, style)
        if self._format is ValueFormat.HEX:
            return self._hex_strip(number, style)
        return self._text_strip(self._lines[number], style)

    def _hex_strip(self, number: int, style: Style) -> Strip:
        line = values.hex_line(self._value, number, self._hex_width)
        offset = self.get_component_rich_style("value--offset")
        return Strip([Segment(line[:8], offset), Segment(line[8:], style)])

    def _text_strip(self, line: str, style: Style) -> Strip:
        key = _KEY.match(line) if self._format is ValueFormat.JSON else None
        if key is None:
            return Strip([Segment(line, style)])
        start, end = key.span(1)
        return Strip(
            [
                Segment(line[:start], style),
                Segment(line[start:end], self.get_component_rich_style("value--key")),
                Segment(line[end:], style),
            ]
        )
