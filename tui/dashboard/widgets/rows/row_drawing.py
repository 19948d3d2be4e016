"""Draws those of a view's rows that are on the screen, and measures them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rich.cells import cell_len
from textual.geometry import Size
from textual.strip import Strip

from engine.live.row_source import RowSource
from engine.live.window.snapshot import WindowSnapshot
from engine.records.batch import Record
from tui.dashboard.present.columns.column import name_of
from tui.dashboard.present.columns.row_texts import RowTexts
from tui.dashboard.present.columns.times import Times
from tui.dashboard.widgets.rows.column_titles import Titles
from tui.dashboard.widgets.rows.found_rows import FoundRows
from tui.dashboard.widgets.rows.row_strips import Lead, RowStrips, hint_row
from tui.dashboard.widgets.rows.row_styles import PLAIN, RowStyles
from tui.dashboard.widgets.rows.viewport import Viewport
from tui.dashboard.widgets.rows.wrapped_row import WrappedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsInView:
    """What a view shows, and where."""

    source: RowSource
    viewport: Viewport
    size: Size
    """Lines, and the cells of a row: without the scrollbar."""
    found: FoundRows
    wraps: bool
    """Whether the row under the cursor is shown whole."""
    lead: Callable[[int, RowStyles], Lead]
    """What comes before the offset of a row."""


class RowDrawing:
    """Draws and measures the rows that `in_view` says."""

    def __init__(self, window: WindowSnapshot, in_view: Callable[[], RowsInView]) -> None:
        self.strips = RowStrips(window)
        self._in_view = in_view
        self._wrapped: WrappedRow | None = None

    def write(self, texts: RowTexts, times: Times) -> bool:
        """Take these columns, and times in this style; return whether either is new."""
        strips = self.strips
        restyled = times.style is not strips.times.style
        changed = texts is not strips.texts or times != strips.times
        if texts is not strips.texts or restyled:
            strips.clear()
        strips.texts, strips.times = texts, times
        return changed

    def scroll_to_cell(self, scroll: int) -> bool:
        """Draw rows from a cell of their columns on; return whether that is another."""
        if scroll == self.strips.scroll:
            return False
        self.strips.scroll = scroll
        self.strips.clear()
        return True

    # Measures.

    def time_words(self, record: Record) -> str:
        """The time of the selected record in full."""
        view = self._in_view()
        row, source = view.viewport.selected, view.source
        above = None if row is None else self.strips.above(source, source.find(row))
        return self.strips.times.words(record.timestamp, above)

    def column_widths(self) -> Mapping[str, int]:
        """How many cells the columns have, by name."""
        view = self._in_view()
        row = view.viewport.topmost
        lead = () if row is None else view.lead(row, PLAIN)
        widths = self.strips.texts.widths(self.strips.room(view.size.width, lead))
        return {name_of(column): cells for column, cells in widths.items()}

    def titles(self) -> Titles | None:
        """What stands above the rows; None without columns to name, or rows."""
        view = self._in_view()
        row = view.viewport.topmost
        if row is None or not self.strips.texts.titled:
            return None
        lead = view.lead(row, PLAIN)
        return Titles(
            before=sum(cell_len(one.text) for one in lead) + self.strips.offset_width,
            text=self.strips.titles(view.size.width, lead),
        )

    def longest(self) -> int:
        """How many cells of its columns the longest row in view has beyond those there is room for."""
        view, beyond = self._in_view(), 0
        for line in range(view.size.height):
            row = view.viewport.row_at(line)
            if row is not None:
                lead, index = view.lead(row, PLAIN), view.viewport.top + line
                beyond = max(beyond, self.strips.beyond(view.source, index, view.size.width, lead))
        return beyond

    def row_at(self, y: int) -> int | None:
        """The row that was drawn on a line; None below the last one."""
        line = y if self._wrapped is None else self._wrapped.locate(y)[0]
        return self._in_view().viewport.row_at(line)

    # Drawing.

    def draw(self, lines: range, styles: RowStyles, hint: str) -> list[Strip]:
        """These lines of the view; `hint` stands in place of rows while there are none."""
        view, strips = self._in_view(), self.strips
        strips.lacks_hits = False
        if not len(view.viewport):
            self._wrapped = None
            rows = (hint_row(hint, y, view.size, styles) for y in lines)
            return [strips.look.strip(row, view.size.width) for row in rows]
        self._wrapped = self._wrap(view, styles)
        drawn = [self._line(view, y, styles) for y in lines]
        if strips.lacks_hits and strips.search is not None:
            # All rows at once have asked for their matches.
            strips.search.wait_for_highlights()
            strips.lacks_hits = False
            drawn = [self._line(view, y, styles) for y in lines]
        return drawn

    def _line(self, view: RowsInView, y: int, styles: RowStyles) -> Strip:
        if self._wrapped is not None:
            y, part = self._wrapped.locate(y)
            if part is not None:
                return self._wrapped.strips[part]
        viewport, width = view.viewport, view.size.width
        row = viewport.row_at(y)
        if row is None:
            return self.strips.blank(width, styles)
        return self.strips.row(
            view.source,
            viewport.top + y,
            width,
            view.lead(row, styles),
            styles,
            under_cursor=row == viewport.cursor,
            hit=row in view.found,
        )

    def _wrap(self, view: RowsInView, styles: RowStyles) -> WrappedRow | None:
        """The row under the cursor, if it is wrapped and in view."""
        viewport, size = view.viewport, view.size
        row = viewport.cursor
        if not view.wraps or row is None:
            return None
        line = viewport.position(row) - viewport.top
        if not 0 <= line < size.height:
            return None
        lead, most = view.lead(row, styles), size.height * 2 // 3
        strips = self.strips.wrapped(view.source, viewport.top + line, size.width, lead, styles, most)
        return WrappedRow(line=line, strips=strips, height=size.height) if strips else None
