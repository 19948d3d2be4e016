"""Rows of records as strips, each kept for as long as it looks the same."""

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Size
from textual.strip import Strip

from engine.errors import BrokerError
from engine.live.row_source import RowSource
from engine.live.window.search import Search
from engine.live.window.snapshot import NotLoadedError, WindowSnapshot
from tui import format
from tui.dashboard.present.offset_column import OffsetColumn
from tui.dashboard.widgets.panes.row_styles import RowStyles

SCROLLBAR = 1
"""Cells on the right that the scrollbar covers, as the style sheet says."""
PAGES_KEPT = 2
"""With the strips of one page, scrolling up by a row would draw them all again. No more than two: each strip
is a hundred objects for the garbage collector to visit."""

_ARROW = " → "
ROOM_FOR_NOTES = 40
"""Cells; in a narrower row a note would leave too little of the value."""

Lead = tuple[Segment, ...]
"""What stands before the offset of a row."""


class RowStrips:
    """Draws the rows of one view. `clear` them when the search or the styles change."""

    def __init__(self, window: WindowSnapshot) -> None:
        self.search: Search | None = None
        """Whose matches are highlighted."""
        self.lacks_hits = False
        """Whether a strip drawn lacks them since this was last false: they are still to be found."""
        self._kept: LRUCache[object, Strip] = LRUCache(1)
        self._offsets = OffsetColumn()
        self._scrolled_back = False
        self.observe(window)

    def observe(self, window: WindowSnapshot) -> None:
        """Make room for the offsets of another window."""
        # The rows before a window can be other records the next time.
        forgotten = self._scrolled_back and window.before is None
        self._scrolled_back = window.before is not None
        if self._offsets.observe(window) or forgotten:
            self.clear()

    def make_room(self, lines: int) -> None:
        """Keep as many strips as this number of lines needs."""
        self._kept = LRUCache(PAGES_KEPT * max(lines, 1))

    def clear(self) -> None:
        self._kept.clear()

    def row(
        self, source: RowSource, index: int, width: int, lead: Lead, styles: RowStyles, *, under_cursor: bool
    ) -> Strip:
        """The row at an index of a source."""
        key = (source.content, source.row(index), width, under_cursor, lead)
        strip = self._kept.get(key)
        if strip is not None:
            return strip
        try:
            strip, finished = self._draw(source, index, width, lead, styles)
        except (NotLoadedError, BrokerError) as error:
            finished = not isinstance(error, NotLoadedError)
            strip = _message(error.message, width, styles)
        if under_cursor:
            strip = Strip([_under_cursor(segment, styles) for segment in strip], width)
        if finished:
            self._kept[key] = strip
        return strip

    def _draw(
        self, source: RowSource, index: int, width: int, lead: Lead, styles: RowStyles
    ) -> tuple[Strip, bool]:
        """A row, and whether it is finished: its matches are found."""
        batch, position = source.locate(index)
        offset = f"{self._offsets.text(batch, position)} "
        room = width - SCROLLBAR - sum(cell_len(segment.text) for segment in lead) - len(offset)
        note = _note(source, index, room)
        room -= cell_len(note)
        beside = _beside(source, index, room)
        several = source.several(index)
        before = f"{beside}{f'×{several} ' if several > 1 else ''}"
        value = format.value_line(batch.value_view(position), room - cell_len(before))
        segments = [*lead, Segment(offset, styles.offset), Segment(before, styles.hint)]
        end = 0
        hits = self.search.highlight(value) if self.search else ()
        if hits is None:
            self.lacks_hits = True
        for start, stop in hits or ():
            segments += [Segment(value[end:start], styles.text), Segment(value[start:stop], styles.hit)]
            end = stop
        strip = Strip([*segments, Segment(value[end:], styles.text)])
        if note:
            strip = strip.adjust_cell_length(width - SCROLLBAR - cell_len(note), styles.text)
            strip = Strip([*strip, Segment(note, styles.error)])
        # One text with the blanks behind it: see `terminal_width`.
        return strip.adjust_cell_length(width, styles.text).simplify(), hits is not None


def _beside(source: RowSource, index: int, room: int) -> str:
    """The input of a row in half of the room, and an arrow; empty if it is not shown."""
    found = source.beside(index)
    if found is None:
        return ""
    batch, position = found
    half = max(room // 2 - len(_ARROW), 0)
    text = format.value_line(batch.value_view(position), half)
    return f"{text}{' ' * (half - cell_len(text))}{_ARROW}"


def _note(source: RowSource, index: int, room: int) -> str:
    """The note at the right of a row, in at most half of the room, if there is enough."""
    note = source.note(index) if room >= ROOM_FOR_NOTES else ""
    return f"  {format.clip(format.harmless(note), room // 2 - 2)}" if note else ""


def hint_strip(hint: str, line: int, size: Size, styles: RowStyles) -> Strip:
    """A line of the text in place of rows, in the upper part of a view of this size."""
    lines = hint.splitlines()
    number = line - max((size.height - len(lines)) // 3, 0)
    if not 0 <= number < len(lines):
        return Strip.blank(size.width, styles.text)
    indent = " " * ((size.width - SCROLLBAR - cell_len(lines[number])) // 2)
    return _message(f"{indent}{lines[number]}", size.width, styles)


def _message(text: str, width: int, styles: RowStyles) -> Strip:
    """A row without a record."""
    clipped = format.clip(text, max(width - SCROLLBAR, 0))
    return Strip([Segment(clipped, styles.hint)]).adjust_cell_length(width, styles.text)


def _under_cursor(segment: Segment, styles: RowStyles) -> Segment:
    """Matches of a search keep their colours."""
    if segment.style is styles.hit:
        return segment
    return Segment(segment.text, (segment.style or Style.null()) + styles.cursor)
