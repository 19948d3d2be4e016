"""Rows of records as strips, each kept for as long as it looks the same."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.color import WHITE, Color
from textual.filter import LineFilter
from textual.geometry import Size
from textual.strip import Strip

from engine.errors import BrokerError
from engine.live.row_source import NotShownError, RowSource
from engine.live.window.search import Search
from engine.live.window.snapshot import NotLoadedError, WindowSnapshot
from tui import format
from tui.dashboard.present.columns.cut import cells_of
from tui.dashboard.present.columns.offset_column import OffsetColumn
from tui.dashboard.present.columns.row_texts import RowTexts
from tui.dashboard.present.columns.row_writer import Sought
from tui.dashboard.present.columns.times import Times, TimeStyle
from tui.dashboard.widgets.rows.row_styles import RowStyles
from tui.dashboard.widgets.rows.wrapped_row import wrap

MARGIN = 1
"""Blank cells on the right."""
BAR = 1
"""Cells of the scrollbar, as the style sheet says."""
PAGES_KEPT = 2
"""With the strips of one page, scrolling up by a row would draw them all again. No more than two: each strip
is a hundred objects for the garbage collector to visit."""

_ARROW = " → "
ROOM_FOR_NOTES = 40
"""Cells; in a narrower row a note would leave too little of the value."""

Lead = tuple[Segment, ...]
"""What comes before the offset of a row; it ends with a blank."""
HIT_SIGN = "»"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the application makes of all colours, as for a terminal that has few."""

    filters: Sequence[LineFilter] = ()
    background: Color = WHITE
    """Behind rows."""
    _shown: dict[Style | None, Style | None] = field(default_factory=dict, init=False, compare=False)
    """By the styles of segments."""

    def strip(self, segments: Iterable[Segment], width: int) -> Strip:
        """Segments as they are shown. A strip less than if it were made of their strip: these take long."""
        return Strip([Segment(text, self._style(style)) for text, style, _ in segments], width)

    def _style(self, style: Style | None) -> Style | None:
        # A filter changes styles, each always alike: it takes ten times as long as to look them up.
        if style not in self._shown:
            filtered = [Segment(" ", style)]
            for line_filter in self.filters:
                filtered = line_filter.apply(filtered, self.background)
            self._shown[style] = filtered[0].style
        return self._shown[style]


class RowStrips:
    """Draws the rows of one view. `clear` them when the search, the columns or the styles change."""

    def __init__(self, window: WindowSnapshot) -> None:
        self.search: Search | None = None
        """Whose matches are highlighted."""
        self.look = Look()
        self.texts = RowTexts()
        self.times = Times()
        self.scroll = 0
        """How many cells of the columns are scrolled past at the left."""
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

    def restyle(self, look: Look) -> None:
        """Draw all rows again, in other styles or colours."""
        self.look = look
        self.clear()

    def clear(self) -> None:
        self._kept.clear()

    def blank(self, width: int, styles: RowStyles) -> Strip:
        """A line without a row."""
        strip = self._kept.get(width)
        if strip is None:
            strip = self._kept[width] = self.look.strip(_filled([], width, styles), width)
        return strip

    def room(self, width: int, lead: Lead) -> int:
        """Cells for the columns of a row, behind its lead and its offset."""
        taken = sum(cell_len(segment.text) for segment in lead) + self._offsets.width + 1
        return max(width - MARGIN - taken, 0)

    @property
    def offset_width(self) -> int:
        return self._offsets.width

    def titles(self, width: int, lead: Lead) -> str:
        """What stands above the columns of rows with such a lead."""
        return self.texts.titles(self.room(width, lead), self.scroll)

    def beyond(self, source: RowSource, index: int, width: int, lead: Lead) -> int:
        """How many cells of a row there is no room for; 0 for one that is not loaded."""
        with suppress(NotShownError, NotLoadedError, BrokerError):
            return max(self.texts.width(*source.locate(index)) - self.room(width, lead), 0)
        return 0

    def row(
        self,
        source: RowSource,
        index: int,
        width: int,
        lead: Lead,
        styles: RowStyles,
        *,
        under_cursor: bool = False,
        hit: bool = False,
    ) -> Strip:
        """The row at an index of a source; `hit` if the search found it."""
        moment = self._changing_time(source, index)
        key = (source.content, source.row(index), width, under_cursor, hit, lead, moment)
        strip = self._kept.get(key)
        if strip is not None:
            return strip
        segments: Iterable[Segment]
        try:
            segments, finished = self._draw(source, index, width, lead, styles, hit=hit)
        except NotShownError as gap:
            segments, finished = _filled([*lead, Segment(gap.message, styles.offset)], width, styles), True
        except (NotLoadedError, BrokerError) as error:
            finished = not isinstance(error, NotLoadedError)
            segments = _message(error.message, width, styles)
        if under_cursor:
            segments = [_under_cursor(segment, styles) for segment in segments]
        strip = self.look.strip(segments, width)
        if finished:
            self._kept[key] = strip
        return strip

    def time_of(self, source: RowSource, index: int) -> int | None:
        """The time of the row at an index; None if there is no such row, or it is not loaded."""
        if not 0 <= index < len(source):
            return None
        with suppress(NotShownError, NotLoadedError, BrokerError):
            batch, position = source.locate(index)
            return batch.timestamp(position)
        return None

    def above(self, source: RowSource, index: int) -> int | None:
        """The time of the row above the one at an index, if the style of times needs it."""
        return self.time_of(source, index - 1) if self.times.style is TimeStyle.STEP else None

    def _changing_time(self, source: RowSource, index: int) -> str:
        """The time of a row, if that is shown and a row that is otherwise the same may have another."""
        if not (self.texts.timed and self.times.compares):
            return ""
        stamp = self.time_of(source, index)
        return "" if stamp is None else self.times.cell(stamp, self.above(source, index))

    def wrapped(
        self, source: RowSource, index: int, width: int, lead: Lead, styles: RowStyles, lines: int
    ) -> Sequence[Strip]:
        """All of a row's value on at most this many lines; empty if it is not loaded."""
        try:
            batch, position = source.locate(index)
        except (NotShownError, NotLoadedError, BrokerError):
            return ()
        room = self.room(width, lead)
        text = format.text_line(self.texts.shown(batch.value_view(position)), lines * room)
        before = [*lead, Segment(f"{self._offsets.text(batch, position)} ", styles.offset)]
        strips = wrap(text, before, room, width, lines, styles)
        return [self.look.strip(strip, width) for strip in strips]

    def _draw(
        self, source: RowSource, index: int, width: int, lead: Lead, styles: RowStyles, *, hit: bool
    ) -> tuple[Iterable[Segment], bool]:
        """A row, and whether it is finished: its matches are found."""
        batch, position = source.locate(index)
        offset = f"{self._offsets.text(batch, position)} "
        room = self.room(width, lead)
        note = _note(source, index, room)
        room -= cell_len(note)
        beside = _beside(source, index, room, self.texts)
        several = source.several(index)
        before = f"{beside}{f'×{several} ' if several > 1 else ''}"
        sought = None if self.search is None else Sought(highlight=self.search.highlight, hit=hit)
        above = self.above(source, index)
        row = self.texts.row(
            batch,
            position,
            max(room - cell_len(before), 0),
            scroll=self.scroll,
            sought=sought,
            moment=lambda stamp, cells: self.times.cell(stamp, above, cells),
        )
        self.lacks_hits |= not row.finished
        segments = [
            *(_marked(lead, styles) if hit else lead),
            Segment(offset, styles.offset),
            Segment(before, styles.hint),
            *(Segment(one.text, styles.hit if one.hit else styles.of_tone(one.tone)) for one in row.pieces),
        ]
        if note:
            segments = [
                *_filled(segments, width - MARGIN - cell_len(note), styles),
                Segment(note, styles.error),
            ]
        return _filled(segments, width, styles), row.finished


def _marked(lead: Lead, styles: RowStyles) -> Lead:
    """What comes before a row that a search found: a sign in the blank at its end."""
    *others, last = lead
    return (*others, Segment(last.text[:-1], last.style), Segment(HIT_SIGN, styles.hit))


def _beside(source: RowSource, index: int, room: int, texts: RowTexts) -> str:
    """The input of a row in half of the room, and an arrow; empty if it is not shown."""
    found = source.beside(index)
    if found is None:
        return ""
    batch, position = found
    half = max(room // 2 - len(_ARROW), 0)
    text = format.value_line(texts.shown(batch.value_view(position)), half)
    return f"{text}{' ' * (half - cell_len(text))}{_ARROW}"


def _note(source: RowSource, index: int, room: int) -> str:
    """The note at the right of a row, in at most half of the room, if there is enough."""
    note = source.note(index) if room >= ROOM_FOR_NOTES else ""
    return f"  {format.clip(format.harmless(note), room // 2 - 2)}" if note else ""


def hint_row(hint: str, line: int, size: Size, styles: RowStyles) -> Iterable[Segment]:
    """A line of the text in place of rows, in the upper part of a view of this size."""
    lines = hint.splitlines()
    number = line - max((size.height - len(lines)) // 3, 0)
    if not 0 <= number < len(lines):
        return _filled([], size.width, styles)
    indent = " " * ((size.width - MARGIN - cell_len(lines[number])) // 2)
    return _message(f"{indent}{lines[number]}", size.width, styles)


def _message(text: str, width: int, styles: RowStyles) -> Iterable[Segment]:
    """A row without a record."""
    clipped = format.clip(text, max(width - MARGIN, 0))
    return _filled([Segment(clipped, styles.hint)], width, styles)


def _filled(segments: Sequence[Segment], width: int, styles: RowStyles) -> Iterable[Segment]:
    """Segments and blanks in this many cells; one text of those in a style: see `terminal_width`.

    Styles are not compared by what they are, which is slow.
    """
    blanks = width - sum(cells_of(segment.text) for segment in segments)
    if blanks < 0:
        return Strip(segments).adjust_cell_length(width).simplify()
    joined: list[Segment] = []
    for text, style, _ in (*segments, Segment(" " * blanks, styles.text)):
        if joined and joined[-1].style is style:
            joined[-1] = Segment(joined[-1].text + text, style)
        elif text:
            joined.append(Segment(text, style))
    return joined


def _under_cursor(segment: Segment, styles: RowStyles) -> Segment:
    """Matches of a search keep their colours."""
    if segment.style is styles.hit:
        return segment
    return Segment(segment.text, (segment.style or Style.null()) + styles.cursor)
