"""Rows of records as they are drawn, each kept for as long as it looks the same."""

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Size
from textual.strip import Strip

from engine.errors import BrokerError
from engine.live.window.search import Search
from engine.live.window.snapshot import WindowSnapshot
from tui.dashboard.present import format
from tui.dashboard.present.offset_column import OffsetColumn
from tui.dashboard.widgets.panes.row_styles import Inks

SCROLLBAR = 1
"""Cells on the right that the scrollbar covers, as the style sheet says."""
STRIPS_KEPT = 2
"""Times as many as are in sight: with less, scrolling up by a row would make all of them anew. And no more:
each is some hundred objects for the garbage collector to visit."""

Lead = tuple[Segment, ...]
"""What stands before the offset of a row."""


class RowStrips:
    """Draws the rows of one view."""

    def __init__(self, window: WindowSnapshot) -> None:
        self.search: Search | None = None
        """What is marked; `clear` what was drawn before it was another."""
        self._kept: LRUCache[object, Strip] = LRUCache(1)
        self._offsets = OffsetColumn()
        self._offsets.observe(window)

    def observe(self, window: WindowSnapshot) -> None:
        """Make room for the offsets of another window."""
        if self._offsets.observe(window):
            self.clear()

    def make_room(self, lines: int) -> None:
        """Keep as many strips as are wanted with so many lines in sight."""
        self._kept = LRUCache(STRIPS_KEPT * max(lines, 1))

    def clear(self) -> None:
        """Draw every row anew."""
        self._kept.clear()

    def row(
        self, window: WindowSnapshot, row: int, width: int, lead: Lead, inks: Inks, *, under_cursor: bool
    ) -> Strip:
        """A row of a window; `clear` what was drawn with other inks."""
        key = (row, width, under_cursor, lead)
        strip = self._kept.get(key)
        if strip is None:
            strip = self._drawn(window, row, width, lead, inks)
            if under_cursor:
                strip = _under_cursor(strip, width, inks)
            self._kept[key] = strip
        return strip

    def _drawn(self, window: WindowSnapshot, row: int, width: int, lead: Lead, inks: Inks) -> Strip:
        try:
            batch, index = window.locate(row)
        except BrokerError as error:
            said = format.clip(error.message, max(width - SCROLLBAR, 0))
            return Strip([Segment(said, inks.hint)]).adjust_cell_length(width, inks.text)
        offset = f"{self._offsets.text(batch, index)} "
        room = width - SCROLLBAR - sum(cell_len(segment.text) for segment in lead) - len(offset)
        value = format.value_line(batch.value_view(index), room)
        strip = Strip([*lead, Segment(offset, inks.offset), *self._highlighted(value, inks)])
        # One text with the blanks behind it: see `columns`.
        return strip.adjust_cell_length(width, inks.text).simplify()

    def _highlighted(self, value: str, inks: Inks) -> list[Segment]:
        """A value with the places marked that are searched for."""
        segments: list[Segment] = []
        end = 0
        for start, stop in self.search.highlight(value) if self.search else ():
            segments += [Segment(value[end:start], inks.text), Segment(value[start:stop], inks.hit)]
            end = stop
        return [*segments, Segment(value[end:], inks.text)]


def hint_strip(hint: str, line: int, size: Size, inks: Inks) -> Strip:
    """A line of what is said where there are no rows, in the upper part of a view of this size."""
    lines = hint.splitlines()
    number = line - max((size.height - len(lines)) // 3, 0)
    if not 0 <= number < len(lines):
        return Strip.blank(size.width, inks.text)
    text = format.clip(lines[number], size.width - SCROLLBAR)
    indent = " " * ((size.width - SCROLLBAR - cell_len(text)) // 2)
    return Strip([Segment(indent + text, inks.hint)]).adjust_cell_length(size.width, inks.text)


def _under_cursor(strip: Strip, width: int, inks: Inks) -> Strip:
    """The same under the cursor, where what is searched for keeps its colours."""
    marked = [
        segment if segment.style is inks.hit else Segment(segment.text, _over(segment.style, inks.cursor))
        for segment in strip
    ]
    return Strip(marked, width)


def _over(style: Style | None, cursor: Style) -> Style:
    return cursor if style is None else style + cursor
