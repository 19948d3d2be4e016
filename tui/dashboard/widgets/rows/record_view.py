"""Records in rows: what the raw pane, a filter's pane and the list of changes have in common."""

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from engine.live.row_source import AlignedRows, RowSource
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.window.matcher import Rows
from engine.live.window.search import Search
from engine.records.batch import Record
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.columns.row_texts import RowTexts
from tui.dashboard.present.columns.times import Times
from tui.dashboard.widgets.rows.found_rows import FoundRows
from tui.dashboard.widgets.rows.row_drawing import RowDrawing, RowsInView
from tui.dashboard.widgets.rows.row_strips import BAR, Lead, Look
from tui.dashboard.widgets.rows.row_styles import STYLE_CLASSES, RowStyles, read_row_styles
from tui.dashboard.widgets.rows.shown_rows import ShownRows
from tui.dashboard.widgets.rows.viewport import Viewport
from tui.dashboard.widgets.rows.viewport_view import ViewportView


class RecordView(ViewportView, can_focus=True, inherit_bindings=False):
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
        self.found = FoundRows()
        self._wraps = False
        """Whether the row under the cursor is shown whole."""
        self.content = ShownRows(snapshot, self._rows_of, consumer)
        super().__init__(self.content.source.rows)
        self.search: Search | None = None
        self._styles: RowStyles | None = None
        self.drawing = RowDrawing(snapshot.window, self._in_view)
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
        """What comes before the offset of a row."""

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
        if self.drawing.strips.lacks_hits or (not len(self.rows) and self._why_empty() != self._hint):
            self.refresh()
            return True
        return changed

    def restart(self, snapshot: WorkbenchSnapshot, consumer: int) -> None:
        """Show the records of another consumer."""
        self.consumer = consumer
        self.content = ShownRows(snapshot, self._rows_of, consumer)
        self.drawing.strips.clear()
        self._show_content()
        self.place(self.viewport.follow())

    def mark(self, search: Search | None) -> None:
        """Highlight the matches of a search, or nothing."""
        self.search = self.drawing.strips.search = search
        self.drawing.strips.clear()
        self._find()
        self._show_content()
        self._update_marks()

    def show_hits(self, *, alone: bool) -> None:
        """Show only the rows that the search found, or all."""
        self.found.alone = alone
        self.content.reread()
        self._show_content()

    def write(self, texts: RowTexts, times: Times) -> bool:
        """Show these columns, and times in this style; return whether either is new."""
        if changed := self.drawing.write(texts, times):
            self.refresh()
        return changed

    def scroll_to_cell(self, scroll: int) -> None:
        """Show rows from a cell of their columns on."""
        if self.drawing.scroll_to_cell(scroll):
            self.refresh()

    def align(self, *, aligned: bool) -> None:
        """Leave gaps for the records of the topic that are not shown, or show rows without gaps."""
        if aligned != self._aligned:
            self._aligned = aligned
            self.content.reread()
            self._show_content()

    def _rows_of(self, snapshot: WorkbenchSnapshot) -> RowSource:
        source = self.source(snapshot)
        return self.found.narrow(AlignedRows(source, snapshot.window) if self._aligned else source)

    def _why_empty(self) -> str:
        return "no hits" if self.found.alone and len(self.source(self.shown)) else self.hint()

    def _find(self) -> bool:
        """Take in what the search found; return whether that is something else than before."""
        if changed := self.found.update(None if self.search is None else self.hits(self.search)):
            self.content.reread()
        return changed

    def _show_content(self) -> None:
        self.drawing.strips.observe(self.shown.window)
        self.vertical_scrollbar.marks.moved = True
        self.place(self.viewport.replace_rows(self.content.source.rows))

    def _update_marks(self, *, at_once: bool = True) -> None:
        bar, consumers, lines = self.vertical_scrollbar, self.content.consumers, self.size.height
        if bar.marks.update(self.rows, lines, consumers, self.found.rows, at_once=at_once):
            bar.refresh()

    # Where it is.

    def follow(self) -> None:
        """Show the newest rows from now on."""
        if not self.following:
            self.viewport = self.viewport.follow()
            if self.content.update(self.content.newest, paused=False):
                self._show_content()
            self.move(self.viewport)

    action_follow = follow

    def select(self, row: int) -> None:
        """Put the cursor on a row, or the next one that is shown."""
        if len(self.rows):
            self.mirror(row)
            self.moved()

    def seek(self, search: Search, step: int) -> bool:
        """Select another row that a search found and that is shown; False if there is none."""
        row = self.viewport.nearest(self.content.source.among(self.hits(search)), step)
        if row is not None:
            self.select(row)
        return row is not None

    def exhausts(self, found: Rows, step: int) -> bool:
        """Whether none of the rows found is shown in the direction of `step`."""
        return self.viewport.exhausts(self.content.source.among(found), step)

    def mirror(self, row: int, go: Callable[[Viewport, int], Viewport] = Viewport.select) -> None:
        """Go where another view is. Posts no message."""
        if self.content.extend_to(row):
            self._show_content()
        self.place(go(self.viewport, row))

    def moved(self) -> None:
        self.post_message(self.Moved(self))

    def scrolled(self) -> None:
        self.post_message(self.Scrolled(self))

    def neared_top(self) -> None:
        self.post_message(self.NearTop(self))

    # Drawing.

    def render_lines(self, crop: Region) -> list[Strip]:
        # Textual's own way caches lines by their place, so that scrolling draws all of them again. There is
        # no border, padding or opacity here that it would add; without it a frame takes a third less.
        if not len(self.rows):
            # Once, not for every line: it looks at the verdicts on all rows.
            self._hint = self._why_empty()
        lines = self.drawing.draw(crop.line_range, self._row_styles(), self._hint)
        return lines if crop.x == 0 else [strip.crop(*crop.column_span) for strip in lines]

    def _in_view(self) -> RowsInView:
        # A row that reached under the scrollbar would be divided there, which is slow.
        size = Size(self.size.width - BAR, self.size.height)
        return RowsInView(
            source=self.content.source,
            viewport=self.viewport,
            size=size,
            found=self.found,
            # A row of several lines would move those below it to other lines than in the other panes.
            wraps=self._wraps and not self._aligned,
            lead=self.lead,
        )

    def _row_styles(self) -> RowStyles:
        if self._styles is None:
            self._styles = read_row_styles(self)
            look = Look(filters=self.get_line_filters(), background=self.background_colors[1])
            self.drawing.strips.restyle(look)
            self.vertical_scrollbar.restyle(self._styles.of_marks())
        return self._styles

    def action_wrap(self) -> None:
        """Show all of the row under the cursor, or one line of it again."""
        if self._aligned:
            free = key_name(self, "dashboard.lock")
            self.notify(f"rows of aligned panes have one line: {free} frees the panes", markup=False)
            return
        self._wraps = not self._wraps
        if self._wraps and self.cursor is None:
            self.go(self.viewport.step(0))
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = None

    def on_resize(self) -> None:
        # Textual calls that of the base class as well.
        self.drawing.strips.make_room(self.size.height)
        self._update_marks()
