"""Records in rows: what the raw pane, a filter's pane and the list of changes have in common.

A Textual scroll view whose position a `Viewport` decides.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from engine.live.row_source import AlignedRows, RowSource
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.window.matcher import Rows
from engine.live.window.search import Search
from engine.records.batch import Record
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.columns.column import name_of
from tui.dashboard.present.columns.row_text import RowTexts
from tui.dashboard.present.times import Times
from tui.dashboard.widgets.panes.column_titles import Titles
from tui.dashboard.widgets.panes.found_rows import FoundRows
from tui.dashboard.widgets.panes.marked_scrollbar import MarkedScrollBar
from tui.dashboard.widgets.panes.row_strips import BAR, Lead, Look, RowStrips, hint_row
from tui.dashboard.widgets.panes.row_styles import PLAIN, STYLE_CLASSES, RowStyles, read_row_styles
from tui.dashboard.widgets.panes.scrollbar_marks import Marks, thumb
from tui.dashboard.widgets.panes.shown_rows import ShownRows
from tui.dashboard.widgets.panes.viewport import Viewport
from tui.dashboard.widgets.panes.wrapped_row import WrappedRow


class RecordView(ScrollView, can_focus=True, inherit_bindings=False):
    """Draws the rows in view. While it is paused it keeps its rows; only the verdicts on them change."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = STYLE_CLASSES
    BINDINGS = bindings("view")

    alone = False
    """Whether its rows are others than those of the panes."""

    class Event(Message):
        """Something that the user did in a view."""

        def __init__(self, view: "RecordView") -> None:
            super().__init__()
            self.view = view

    class Moved(Event):
        """The view was paused, follows again, or has another record under its cursor."""

    class NearTop(Event):
        """The user went near the first row."""

    class Scrolled(Event):
        """The user scrolled without moving the cursor."""

    class Opened(Event):
        """The user double-clicked a record."""

    def __init__(self, snapshot: WorkbenchSnapshot, consumer: int | None = None) -> None:
        """`consumer` is the one whose records are shown; None for those of the topic."""
        self.consumer = consumer
        self._aligned = False
        """Whether rows that are not shown leave gaps."""
        self.hits_alone = False
        """Whether only the rows are shown that the search found."""
        self._found = FoundRows()
        self._wraps = False
        """Whether the row under the cursor is shown whole."""
        self._wrapped: WrappedRow | None = None
        self.content = ShownRows(snapshot, self._rows_of, consumer)
        super().__init__()
        self.viewport = Viewport().replace_rows(self.content.source.rows)
        self.search: Search | None = None
        self._styles: RowStyles | None = None
        self._strips = RowStrips(snapshot.window)
        self._marks = Marks()
        self._thumb = thumb(0, 0, 0)
        self._hint = ""

    # What each kind of view decides.

    @abstractmethod
    def source(self, snapshot: WorkbenchSnapshot) -> RowSource:
        """The rows to show of a snapshot."""

    @abstractmethod
    def hint(self) -> str:
        """The text in place of rows while there are none."""

    @abstractmethod
    def lead(self, row: int, styles: RowStyles) -> Lead:
        """What stands before the offset of a row."""

    def hits(self, search: Search) -> Rows:
        """The rows that a search found, by what this view shows of them."""
        return search.hits

    # What it shows.

    @property
    def shown(self) -> WorkbenchSnapshot:
        """The newest snapshot, or that of the pause with the newest verdicts on its rows."""
        return self.content.snapshot

    @property
    def record(self) -> Record | None:
        """The selected record; None if it is lost or not loaded yet."""
        row = self.viewport.selected
        return None if row is None else self.content.shown_record(row)

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw a newer snapshot; return whether anything changed on the screen."""
        found = self._find()
        changed = self.content.update(snapshot, paused=not self.following) or found
        if changed:
            self._show_content()
        self._update_marks(at_once=False)
        if self._strips.lacks_hits or (not len(self.rows) and self._why_empty() != self._hint):
            self.refresh()
            return True
        return changed

    def restart(self, snapshot: WorkbenchSnapshot, consumer: int) -> None:
        """Show the records of another consumer."""
        self.consumer = consumer
        self.content = ShownRows(snapshot, self._rows_of, consumer)
        self._strips.clear()
        self._show_content()
        self.place(self.viewport.follow())

    def mark(self, search: Search | None) -> None:
        """Highlight the matches of a search, or nothing."""
        self.search = self._strips.search = search
        self.hits_alone = self.hits_alone and search is not None
        self._strips.clear()
        self._find()
        self._show_content()
        self._update_marks()

    def show_hits(self, *, alone: bool) -> None:
        """Show only the rows that the search found, or all."""
        self.hits_alone = alone
        self.content.reread()
        self._show_content()

    def write(self, texts: RowTexts, times: Times) -> bool:
        """Show these columns, and times in this style; return whether either is new."""
        strips = self._strips
        restyled = times.style is not strips.times.style
        changed = texts is not strips.texts or times != strips.times
        if texts is not strips.texts or restyled:
            strips.clear()
        strips.texts, strips.times = texts, times
        if changed:
            self.refresh()
        return changed

    def time_words(self, record: Record) -> str:
        """The time of the selected record in full."""
        row = self.viewport.selected
        source = self.content.source
        above = None if row is None else self._strips.above(source, source.find(row))
        return self._strips.times.words(record.timestamp, above)

    def column_widths(self) -> Mapping[str, int]:
        """How many cells the columns have, by name."""
        row = self.viewport.topmost
        lead = () if row is None else self.lead(row, PLAIN)
        widths = self._strips.texts.widths(self._strips.room(self._width, lead))
        return {name_of(column): cells for column, cells in widths.items()}

    def titles(self) -> Titles | None:
        """What stands above the rows; None without columns to name, or rows."""
        row = self.viewport.topmost
        if row is None or not self._strips.texts.titled:
            return None
        lead = self.lead(row, PLAIN)
        return Titles(
            before=sum(cell_len(one.text) for one in lead) + self._strips.offset_width,
            text=self._strips.titles(self._width, lead),
        )

    def scroll_to_cell(self, scroll: int) -> None:
        """Show rows from a cell of their columns on."""
        if scroll != self._strips.scroll:
            self._strips.scroll = scroll
            self._strips.clear()
            self.refresh()

    def longest(self) -> int:
        """How many cells of its columns the longest row in view has beyond those there is room for."""
        beyond = 0
        for line in range(self.size.height):
            row = self.viewport.row_at(line)
            if row is not None:
                lead, index = self.lead(row, PLAIN), self.viewport.top + line
                beyond = max(beyond, self._strips.beyond(self.content.source, index, self._width, lead))
        return beyond

    def hit_number(self) -> tuple[int, int]:
        """The number of the hit under the cursor, from 1, and how many are shown; 0 if it is on no hit."""
        return self._found.number(self.content.source, self.cursor)

    def align(self, *, aligned: bool) -> None:
        """Leave gaps for the records of the topic that are not shown, or show rows without gaps."""
        if aligned != self._aligned:
            self._aligned = aligned
            self.content.reread()
            self._show_content()

    def _rows_of(self, snapshot: WorkbenchSnapshot) -> RowSource:
        source = self.source(snapshot)
        if self._aligned:
            source = AlignedRows(source, snapshot.window)
        found = self._found.rows
        return source.only(found) if self.hits_alone and found is not None else source

    def _why_empty(self) -> str:
        return "no hits" if self.hits_alone and len(self.source(self.shown)) else self.hint()

    def _find(self) -> bool:
        """Take in what the search found; return whether that is something else than before."""
        changed = self._found.update(None if self.search is None else self.hits(self.search))
        if changed:
            self.content.reread()
        return changed

    def _show_content(self) -> None:
        self._strips.observe(self.shown.window)
        self._marks.moved = True
        self.place(self.viewport.replace_rows(self.content.source.rows))

    def _update_marks(self, *, at_once: bool = True) -> None:
        consumers, lines = self.content.consumers, self.size.height
        if self._marks.update(self.rows, lines, consumers, self._found.rows, at_once=at_once):
            self.vertical_scrollbar.refresh()

    # Where it is.

    @property
    def rows(self) -> range | Rows:
        return self.viewport.rows

    @property
    def following(self) -> bool:
        return self.viewport.following

    @property
    def cursor(self) -> int | None:
        return self.viewport.cursor

    def pause(self) -> None:
        """Keep the rows that are shown."""
        if self.following:
            self._move(self.viewport.pause())

    def follow(self) -> None:
        """Show the newest rows from now on."""
        if not self.following:
            self.viewport = self.viewport.follow()
            if self.content.update(self.content.newest, paused=False):
                self._show_content()
            self._move(self.viewport)

    action_follow = follow

    def select(self, row: int) -> None:
        """Put the cursor on a row, or the next one that is shown."""
        if len(self.rows):
            self.mirror(row)
            self.post_message(self.Moved(self))

    def seek(self, search: Search, step: int) -> bool:
        """Select another row that a search found and that is shown; False if there is none."""
        row = self.viewport.nearest(self.content.source.among(self.hits(search)), step)
        if row is not None:
            self.select(row)
        return row is not None

    def mirror(self, row: int, go: Callable[[Viewport, int], Viewport] = Viewport.select) -> None:
        """Go where another view is. Posts no message."""
        if self.content.extend_to(row):
            self._show_content()
        self.place(go(self.viewport, row))

    def place(self, viewport: Viewport) -> None:
        """Show another part, and bring Textual's scroll position in line."""
        resized, self.viewport = len(viewport) != self.virtual_size.height, viewport
        if resized:
            # Assigned the usual way, a new virtual size lays out the whole screen, which takes as long as
            # half a frame and changes nothing: the scrollbar is always shown.
            self.set_reactive(ScrollView.virtual_size, Size(0, len(viewport)))
        self._move_thumb()
        if viewport.height and viewport.top != round(self.scroll_y):
            # Only then, or new verdicts would end a scroll that Textual animates.
            self.scroll_y = self.scroll_target_y = viewport.top
        self.refresh()

    def _move_thumb(self) -> None:
        """Draw the scrollbar only if that shows: it takes as long as the rows, and few rows move it."""
        bar, rows, top = self.vertical_scrollbar, len(self.viewport), self.viewport.top
        bar.set_reactive(ScrollBar.window_virtual_size, rows)
        bar.set_reactive(ScrollBar.position, float(top))
        before, self._thumb = self._thumb, thumb(self.size.height, rows, top)
        if self._thumb != before:
            bar.refresh()

    def _move(self, viewport: Viewport) -> None:
        self.place(viewport)
        self.post_message(self.Moved(self))

    def _tell_near_top(self) -> None:
        if not self.following and self.viewport.near_top:
            self.post_message(self.NearTop(self))

    # Drawing.

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        if self._vertical_scrollbar is None:
            # As Textual makes its own.
            self._vertical_scrollbar = bar = MarkedScrollBar(self._marks)
            bar.display = False
            self.app._start_widget(self, bar)
        return self._vertical_scrollbar

    def render_lines(self, crop: Region) -> list[Strip]:
        # Textual's own way caches lines by their place, so that scrolling draws all of them again. There is
        # no border, padding or opacity here that it would add; without it a frame takes a third less.
        styles = self._row_styles()
        if not len(self.rows):
            # Once, not for every line: it looks at the verdicts on all rows.
            self._hint = self._why_empty()
        self._wrapped = self._wrap(styles)
        lines = self._lines(crop, styles)
        return lines if crop.x == 0 else [strip.crop(*crop.column_span) for strip in lines]

    @property
    def _width(self) -> int:
        """Cells of a row; one that reached under the scrollbar would be divided there, which is slow."""
        return self.size.width - BAR

    def _row_styles(self) -> RowStyles:
        if self._styles is None:
            self._styles = read_row_styles(self)
            self._strips.look = Look(filters=self.get_line_filters(), background=self.background_colors[1])
            self._strips.clear()
            self._marks.styles = self._styles.of_marks()
            self.vertical_scrollbar.refresh()
        return self._styles

    def _lines(self, crop: Region, styles: RowStyles) -> list[Strip]:
        strips = self._strips
        strips.lacks_hits = False
        # Once, not for every line: Textual computes it.
        size = Size(self._width, self.size.height)
        lines = [self._line(y, styles, size) for y in crop.line_range]
        if strips.lacks_hits and strips.search is not None:
            # All rows at once have asked for their matches.
            strips.search.wait_for_highlights()
            strips.lacks_hits = False
            lines = [self._line(y, styles, size) for y in crop.line_range]
        return lines

    def _line(self, y: int, styles: RowStyles, size: Size) -> Strip:
        if not len(self.rows):
            return self._strips.look.strip(hint_row(self._hint, y, size, styles), size.width)
        part = None
        if self._wrapped is not None:
            y, part = self._wrapped.locate(y)
            if part is not None:
                return self._wrapped.strips[part]
        row = self.viewport.row_at(y)
        if row is None:
            return self._strips.blank(size.width, styles)
        lead = self.lead(row, styles)
        return self._strips.row(
            self.content.source,
            self.viewport.top + y,
            size.width,
            lead,
            styles,
            under_cursor=row == self.cursor,
            hit=row in self._found,
        )

    def _wrap(self, styles: RowStyles) -> WrappedRow | None:
        """The row under the cursor, if it is wrapped and in view."""
        row, viewport = self.cursor, self.viewport
        line = -1 if row is None or not len(self.rows) else viewport.position(row) - viewport.top
        # A row of several lines would move those below it to other lines than in the other panes.
        wraps = self._wraps and not self._aligned
        if not wraps or row is None or not 0 <= line < self.size.height:
            return None
        source, width = self.content.source, self._width
        strips = self._strips.wrapped(
            source, viewport.top + line, width, self.lead(row, styles), styles, self.size.height * 2 // 3
        )
        return WrappedRow(line=line, strips=strips, height=self.size.height) if strips else None

    def action_wrap(self) -> None:
        """Show all of the row under the cursor, or one line of it again."""
        if self._aligned:
            free = key_name(self, "dashboard.lock")
            self.notify(f"rows of aligned panes have one line: {free} frees the panes", markup=False)
            return
        self._wraps = not self._wraps
        if self._wraps and self.cursor is None:
            self._go(self.viewport.step(0))
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = None

    # Keys and the mouse.

    def action_move(self, delta: int) -> None:
        self._go(self.viewport.step(delta))

    def action_page(self, direction: int) -> None:
        self._go(self.viewport.page(direction))

    def action_top(self) -> None:
        """Go to the oldest record that is loaded, and load older ones."""
        self._go(self.viewport.first())

    def _go(self, viewport: Viewport) -> None:
        if len(self.rows):
            self._move(viewport)
            self._tell_near_top()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        top = round(new_value)
        if top == self.viewport.top or self.size.height != self.viewport.height:
            return  # It was `place`, or a new size, which `on_resize` handles.
        following, self.viewport = self.following, self.viewport.scroll(top)
        if following and not self.following:
            self.post_message(self.Moved(self))
        self._tell_near_top()
        self.post_message(self.Scrolled(self))

    def on_mount(self) -> None:
        self.place(self.viewport)

    def on_resize(self) -> None:
        self._strips.make_room(self.size.height)
        self._update_marks()
        self.place(self.viewport.resize(self.size.height))

    def on_mouse_scroll_up(self) -> None:
        """Scrolling up at the first row loads older ones."""
        if not self.viewport.top:
            self.pause()
            self._tell_near_top()

    def on_mouse_scroll_down(self) -> None:
        """Scrolling down at the end follows again."""
        if self.viewport.top >= self.viewport.last_top:
            self.follow()

    def on_click(self, event: events.Click) -> None:
        line = event.y if self._wrapped is None else self._wrapped.locate(event.y)[0]
        row = self.viewport.row_at(line)
        if row is not None:
            self.select(row)
            if event.chain == 2:
                self.post_message(self.Opened(self))
