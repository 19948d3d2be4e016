"""Records in rows: the part that a raw pane and a filter's pane have in common."""

from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from engine.errors import BrokerError
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.overlay import paused
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.window.search import Rows, Search
from engine.records.batch import Record
from engine.records.verdicts import Verdict
from tui.dashboard.widgets.panes.row_strips import RowStrips, hint_strip
from tui.dashboard.widgets.panes.row_styles import INK_CLASSES, Inks, read_inks
from tui.dashboard.widgets.panes.scrollbar_marks import Marks


class RecordView(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows rows of a snapshot, and follows the newest until a person scrolls back.

    While it is paused it holds the rows of that moment; only the verdicts on them change.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = INK_CLASSES
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up a record", show=False, id="view.up"),
        Binding("down,j", "move(1)", "Down a record", show=False, id="view.down"),
        Binding("pageup", "page(-1)", "Up a page", show=False, id="view.page_up"),
        Binding("pagedown", "page(1)", "Down a page", show=False, id="view.page_down"),
        Binding("home,g", "top", "To the oldest record here", show=False, id="view.top"),
        Binding("end,G", "follow", "Follow the newest record", show=False, id="view.follow"),
    ]

    class Moved(Message):
        """The view was paused, follows again, or has another record under its cursor."""

        def __init__(self, view: "RecordView") -> None:
            super().__init__()
            self.view = view

    class NearTop(Message):
        """A person scrolled back and has come near the first row."""

        def __init__(self, view: "RecordView") -> None:
            super().__init__()
            self.view = view

    class Scrolled(Message):
        """A person scrolled, with or without moving the cursor."""

        def __init__(self, view: "RecordView") -> None:
            super().__init__()
            self.view = view

    class Opened(Message):
        """A person asked to see the record under the cursor."""

    def __init__(self, snapshot: WorkbenchSnapshot) -> None:
        super().__init__()
        self.following = True
        self.cursor: int | None = None
        """The row under the cursor; None while the newest record is followed."""
        self._wanted: int | None = None
        """The row that the cursor was to be put on, where that is not shown, or not yet."""
        self.shown = snapshot
        """What is drawn: the newest snapshot, or that of the pause under the newest verdicts."""
        self.rows: Sequence[int] = self.index(snapshot)
        """Row numbers, ascending."""
        self._newest = snapshot
        self._placing = False
        self._settled = False
        """Whether it is somewhere: it has had a size, or another view gave it a place."""
        self.inks: Inks | None = None
        self.strips = RowStrips(snapshot.window)
        self.search: Search | None = None
        """What is marked."""
        self._marks = Marks()
        self._hinted = ""

    # What a kind of pane decides.

    @abstractmethod
    def index(self, snapshot: WorkbenchSnapshot) -> Sequence[int]:
        """The rows to show of a snapshot."""

    @abstractmethod
    def drawn(self, snapshot: WorkbenchSnapshot) -> Sequence[ConsumerSnapshot]:
        """The consumers that the picture depends on."""

    @abstractmethod
    def unseen(self, snapshot: WorkbenchSnapshot, row: int) -> int:
        """How many of a snapshot's rows from `row` on this view would show."""

    @abstractmethod
    def hint(self) -> str:
        """What to say where there are no rows to show."""

    @abstractmethod
    def lead(self, row: int) -> tuple[Segment, ...]:
        """What stands before the offset of a row."""

    # What a pane asks.

    @property
    def selected(self) -> int | None:
        """The row that Enter opens: under the cursor, else the newest in sight; None where there is none."""
        if not len(self.rows):
            return None
        if self.cursor is not None:
            return int(self.rows[self._position(self.cursor)])
        return int(self.rows[min(self.scroll_offset.y + self.size.height, len(self.rows)) - 1])

    @property
    def record(self) -> Record | None:
        """The record of the row that Enter opens; None where it is lost."""
        row = self.selected
        return None if row is None else self.record_at(row)

    def record_at(self, row: int) -> Record | None:
        """A record that is shown; None where it is not in the log any more, or cannot be read."""
        try:
            return self.shown.window.record(row)
        except BrokerError:
            return None

    @property
    def rows_above(self) -> int:
        """Rows that are shown above those in sight."""
        return self.scroll_offset.y

    @property
    def new(self) -> tuple[int, bool]:
        """Rows that came since the pause, and whether there were more that have left the window already."""
        end = self.shown.window.end_row
        window = self._newest.window
        return self.unseen(self._newest, max(end, window.first_row)), window.first_row > end

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        """Draw a newer snapshot; whether there is anything to draw."""
        self._newest = snapshot
        drawn = self._draw(snapshot if self.following else paused(self.shown, snapshot))
        if self._marks.stale(self.size.height, self._hits):
            self._update_marks()
        return self._renew_hint() or drawn

    def pause(self) -> None:
        """Keep the rows that are shown now."""
        if self.following:
            self.following = False
            self.post_message(self.Moved(self))

    def follow(self) -> None:
        """Show the newest rows, and go on doing so."""
        if not self.following:
            self.following = True
            self.cursor = self._wanted = None
            self._draw(self._newest)
            self._scroll_to_end()
            self.refresh()
            self.post_message(self.Moved(self))

    @property
    def left(self) -> int:
        """Rows held in a pause that have left the window since."""
        gone = self._newest.window.start_row - self.shown.window.start_row
        return 0 if self.following else min(max(gone, 0), len(self.shown.window))

    @property
    def lacks_verdicts(self) -> bool:
        """Whether a consumer has yet to evaluate one: a new version evaluates the window alone."""
        start, left = self.shown.window.start_row, self.left
        return left > 0 and any(
            one.version > 0
            and one.rate_limit is None
            and bool(np.any(one.verdicts[max(start - one.first_row, 0) :][:left] == Verdict.PENDING))
            for one in self.drawn(self.shown)
        )

    def select(self, row: int) -> None:
        """Put the cursor on a row and bring it into sight."""
        if len(self.rows):
            self.bring(row)
            self.post_message(self.Moved(self))

    def bring(self, row: int) -> None:
        """As `select`, at the wish of another view: that of a person is told of, this is not."""
        self._take_in(row)
        if not len(self.rows):
            return
        self.following = False
        self._put_cursor(row)

    def _put_cursor(self, row: int) -> None:
        """Put the cursor on a row, or the next one that is shown until that one is."""
        position = self._position(row)
        self.cursor = int(self.rows[position])
        self._wanted = None if self.cursor == row else row
        top = self.scroll_offset.y
        height = max(self.size.height, 1)
        self._place(min(max(top, position - height + 1), position))
        self.refresh()

    @property
    def topmost(self) -> int | None:
        """The first row in sight; None where there is none."""
        return int(self.rows[min(self.scroll_offset.y, len(self.rows) - 1)]) if len(self.rows) else None

    def scroll_along(self, row: int) -> None:
        """Have a row topmost, at the wish of another view; the cursor stays on its record."""
        self._take_in(row)
        if len(self.rows):
            self.following = False
            self._settled = True
            self._place(self._position(row))

    def _take_in(self, row: int) -> None:
        """Have what is shown go as far as a row, where that is newer, or was scrolled back to elsewhere."""
        if row >= self.shown.window.end_row:
            self._draw(self._newest)
        elif row < self.shown.window.first_row:
            self._draw(paused(self.shown, self._newest))

    def step(self, delta: int) -> None:
        """Move the cursor by `delta` rows; from nowhere, onto the newest row in sight."""
        row = self.selected
        if row is None:
            return
        self._select_at(self._position(row) + (0 if self.cursor is None else delta))
        self._tell_near_top()

    def mark(self, search: Search | None) -> None:
        """Mark what is searched for, or nothing any more."""
        self.search = self.strips.search = search
        self.strips.clear()
        self._update_marks()
        self.refresh()

    def seek(self, hits: Rows, step: int) -> bool:
        """Put the cursor on another hit that is shown here, round the end; whether there is any.

        `step` is 1 for the next one, -1 for the one before, 0 for the newest that is not after the cursor.
        """
        here = self.selected
        found = np.intersect1d(hits, np.asarray(self.rows, np.intp), assume_unique=True)
        if here is None or not len(found):
            return False
        at = int(np.searchsorted(found, here, "left" if step < 0 else "right"))
        position = at if step > 0 else at - 1
        self.select(int(found[position % len(found)]))
        return True

    def _select_at(self, position: int) -> None:
        self.select(int(self.rows[min(max(position, 0), len(self.rows) - 1)]))

    # Drawing.

    def _renew_hint(self) -> bool:
        """Say anew why there are no rows; whether that is something else now."""
        before, self._hinted = self._hinted, "" if len(self.rows) else self.hint()
        if not self._hinted or self._hinted == before:
            return False
        self.refresh()
        return True

    def _draw(self, snapshot: WorkbenchSnapshot) -> bool:
        old, self.shown = self.shown, snapshot
        if self._same(old, snapshot):
            return False
        forgotten = old.window.before is not None and snapshot.window.before is None
        if forgotten:
            # The rows before a window may be other records the next time.
            self.strips.clear()
        self.strips.observe(snapshot.window)
        self._replace_rows(self.index(snapshot))
        self.refresh()
        return True

    def _same(self, old: WorkbenchSnapshot, new: WorkbenchSnapshot) -> bool:
        if old.window is not new.window:
            return False
        before, after = self.drawn(old), self.drawn(new)
        return len(before) == len(after) and all(map(_same_verdicts, before, after))

    def _replace_rows(self, rows: Sequence[int]) -> None:
        top = self.scroll_offset.y
        shift = 0
        if not self.following and len(self.rows):
            kept = self._kept(top)
            shift = bisect_left(rows, kept) - self._position(kept)
        self.rows = rows
        self._resize()
        self._marks.moved = True
        if self.following:
            self._scroll_to_end()
        elif shift:
            self._place(top + shift)
        if self._wanted is not None and len(rows) and rows[self._position(self._wanted)] != self.cursor:
            # What was scrolled back to is evaluated from its end on.
            self._put_cursor(self._wanted)

    @property
    def _hits(self) -> Rows | None:
        return None if self.search is None else self.search.hits

    def _update_marks(self) -> None:
        """Find out what the scroll bar has to mark."""
        if self._marks.update(self.rows, self.size.height, self.drawn(self.shown), self._hits):
            self.vertical_scrollbar.refresh()

    def _kept(self, top: int) -> int:
        """The row that a person is reading: under the cursor where that is in sight, else the topmost."""
        if self.cursor is not None and top <= self._position(self.cursor) < top + self.size.height:
            return self.cursor
        return int(self.rows[min(top, len(self.rows) - 1)])

    def _resize(self) -> None:
        """Tell the scrollbar how many rows there are."""
        # Assigned the ordinary way, a new virtual size lays out the whole screen, which costs as much as half
        # a frame and changes nothing: the scrollbar is always there.
        self.set_reactive(RecordView.virtual_size, Size(0, len(self.rows)))
        self.vertical_scrollbar.window_virtual_size = len(self.rows)
        self.scroll_y = self.validate_scroll_y(self.scroll_y)

    def _position(self, row: int) -> int:
        """Where a row stands, or the next one after it that is shown, or else the last one."""
        return min(bisect_left(self.rows, row), len(self.rows) - 1)

    def _scroll_to_end(self) -> None:
        self._place(self.max_scroll_y)

    def _place(self, y: int) -> None:
        """Scroll without that counting as a person's doing."""
        self._placing = True
        self.scroll_y = y
        self.scroll_target_y = y
        self._placing = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolling back by any means pauses."""
        super().watch_scroll_y(old_value, new_value)
        # Rows that are gone, or more room for them, scroll too: from where there is nothing any more.
        if self._placing or round(old_value) > self.max_scroll_y:
            return
        self._wanted = None
        if round(new_value) < self.max_scroll_y:
            self.pause()
            self._tell_near_top()
        if round(new_value) != round(old_value):
            self.post_message(self.Scrolled(self))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw what is in sight."""
        if self.inks is None:
            self.inks = read_inks(self)
            self.strips.clear()
            self._marks.styles = self.inks.of_marks()
            self.vertical_scrollbar.refresh()
        if not len(self.rows):
            # Once, not for every line: it looks at the verdicts on all rows.
            self._hinted = self.hint()
        # Textual's own way keeps lines by their place, so that scrolling makes all of them anew. There is no
        # border, padding or opacity here that it would add; without it a frame takes a third less.
        filters = self.get_line_filters()
        background = self.background_colors[1]
        lines = []
        for y in crop.line_range:
            strip = self.render_line(y)
            for line_filter in filters:
                strip = strip.apply_filter(line_filter, background)
            lines.append(strip.crop(*crop.column_span))
        return lines

    def notify_style_update(self) -> None:
        """Other colours: read them at the next repaint."""
        super().notify_style_update()
        self.inks = None

    def render_line(self, y: int) -> Strip:
        """Draw the row at line `y` of what is in sight."""
        assert self.inks is not None
        width = self.size.width
        if not len(self.rows):
            return hint_strip(self._hinted, y, self.size, self.inks)
        position = self.scroll_offset.y + y
        if position >= len(self.rows):
            return Strip.blank(width, self.inks.text)
        row = int(self.rows[position])
        return self.strips.row(
            self.shown.window, row, width, self.lead(row), self.inks, under_cursor=row == self.cursor
        )

    # Keys and the mouse.

    def action_move(self, delta: int) -> None:
        """Move the cursor."""
        self.step(delta)

    def action_page(self, direction: int) -> None:
        """Turn over what is in sight, the cursor with it."""
        delta = direction * max(self.size.height - 1, 1)
        row = self.selected
        if row is not None:
            self.pause()
            self._place(self.scroll_offset.y + delta)
            self._select_at(self._position(row) + delta)
            self._tell_near_top()

    def action_top(self) -> None:
        """Go to the oldest record that is here, and have older ones read."""
        if len(self.rows):
            self.select(int(self.rows[0]))
            self._tell_near_top()

    def action_follow(self) -> None:
        """Follow the newest record."""
        self.follow()

    def on_mount(self) -> None:
        """Make room for the first rows."""
        # Textual calls it a class; whatever takes the same arguments will do.
        self.vertical_scrollbar.renderer = self._marks.bar  # type: ignore[assignment,misc]
        self._resize()

    def on_resize(self) -> None:
        """Stay at the end where the end is followed; a view without a size could not be anywhere."""
        self.strips.make_room(self.size.height)
        if self.cursor is not None and not self._settled:
            self.bring(self.cursor)
        elif self.following or not self._settled:
            self._scroll_to_end()
        self._settled = True
        self._update_marks()

    def _tell_near_top(self) -> None:
        if not self.following and self.rows_above < self.size.height:
            self.post_message(self.NearTop(self))

    def on_mouse_scroll_up(self) -> None:
        """Scrolling on at the beginning goes further back."""
        if not self.rows_above:
            self.pause()
            self._tell_near_top()

    def on_mouse_scroll_down(self) -> None:
        """Scrolling on at the end follows again."""
        if self.scroll_offset.y >= self.max_scroll_y:
            self.follow()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a double click opens the record."""
        position = self.scroll_offset.y + event.y
        if position < len(self.rows):
            self.select(int(self.rows[position]))
            if event.chain == 2:
                self.post_message(self.Opened())


def _same_verdicts(old: ConsumerSnapshot, new: ConsumerSnapshot) -> bool:
    return old is new or (
        (old.id, old.state, old.version, old.change, old.first_row)
        == (new.id, new.state, new.version, new.change, new.first_row)
        and np.array_equal(old.verdicts, new.verdicts)
    )
