"""A value of any length as JSON, text or hex: only visible lines are made."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.containers import VerticalScroll
from textual.geometry import Region, Size, Spacing
from textual.message import Message
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from engine.live.window.matcher import Matcher
from engine.live.window.places import places_in
from tui import format
from tui.dashboard.flow.clipboard import copy_text
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.present.values.field import Field
from tui.dashboard.present.values.json_tree import Folds, json_tree
from tui.dashboard.present.values.text_lines import TextLines, part_around
from tui.dashboard.present.values.value import HexLines, Role, Span, TreeLines, ValueFormat
from tui.dashboard.present.values.value_hits import ValueHits
from tui.dashboard.widgets.parts.value_rows import ValueRows, role_runs
from tui.dashboard.widgets.rows.row_styles import cursor_style

AROUND_HIT = Spacing(2, 0, 2, 0)
"""Rows that stay visible around a hit."""

FindsHits = Callable[[str], Sequence[Span] | None]
"""A `Highlighter`, but for None while it is still looking."""


class ValueView(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows one value. With the focus, its keys go from line to line and fold."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {*(role.value for role in Role), "value--cursor"}
    BINDINGS = bindings("value")

    class FilterWanted(Message):
        """A filter that begins with the field under the cursor is wanted."""

        def __init__(self, field: Field | None) -> None:
            super().__init__()
            self.field = field

    class Left(Message):
        """The user left the lines."""

    class SearchWanted(Message):
        """A search within the value is wanted."""

    class SearchEnded(Message):
        """The search within the value is to end."""

    class Searched(Message):
        """The search began or ended, or the user went to another hit."""

    def __init__(self) -> None:
        super().__init__()
        self._value = b""
        self._source: bytes | None = None
        self._format = ValueFormat.TEXT
        self._find: FindsHits | None = None
        self._mark = Role.HIT
        self._part = 0
        """Where the part of a long text that is shown begins."""
        self._lacks_hits = False
        """Whether something is drawn whose hits are still to be found."""
        self._folds: Folds | None = None
        self._rows = ValueRows()
        self._cursor = 0
        """The line that the keys act on."""
        self._keeps_hit = False
        """Whether the hit is to stay in sight: the user has not moved since."""

    def on_mount(self) -> None:
        self.screen.screen_layout_refresh_signal.subscribe(self, self._laid_out)
        for scroller in {self, self._around}:
            self.watch(scroller, "scroll_y", partial(self._scrolled, scroller), init=False)

    def show(
        self,
        value: bytes,
        shown_as: ValueFormat,
        find: FindsHits | None = None,
        mark: Role = Role.HIT,
        *,
        source: bytes | None = None,
    ) -> None:
        """Show a value, and draw what is found in it as `mark`.

        `source` is what the value is of another format, whose fields are shown as JSON.
        """
        self._source = source
        another = value != self._value
        self._value, self._format, self._find, self._mark = value, shown_as, find, mark
        self._part = 0
        tree = json_tree(value) if shown_as is ValueFormat.JSON else None
        self._folds = None if tree is None else Folds(tree)
        self._cursor = 0
        self._layout()
        self.scroll_to(y=0, animate=False)
        if another and self.hits is not None:
            self.search(self.hits.matcher)
        else:
            self._go_to_hit()

    def search(self, matcher: Matcher | None) -> None:
        """Mark what matches in the value, and in each that is shown later; None for no search."""
        if matcher is None and self.hits is None:
            return
        self.workers.cancel_group(self, "places")
        self._rows.hits = None if matcher is None else ValueHits(matcher=matcher)
        self._keeps_hit = False
        if self.hits is not None:
            self.run_worker(self._find_places(self.hits), group="places")
            self.post_message(self.Searched())
        self._rows.forget()
        self.refresh()

    async def _find_places(self, hits: ValueHits) -> None:
        stopped = threading.Event()
        try:
            hits.places = await asyncio.to_thread(places_in, self._value, hits.matcher, stopped)
        finally:
            stopped.set()
        self._go_to_hit()

    def action_seek(self, step: int) -> None:
        if self.hits is not None:
            self.hits.step(step)
            self._go_to_hit()

    def _go_to_hit(self) -> None:
        """Mark the hit, and scroll to it."""
        if self.hits is None or self.hits.places is None:
            return
        self.post_message(self.Searched())
        self._rows.forget()
        self.refresh()
        if not self.hits.current:
            return
        place = self.hits.current[0][0]
        lines = self._rows.lines
        if isinstance(lines, TextLines) and not lines.begin <= place < lines.end:
            self._part = part_around(self._value, place)
            self._layout()
        if self._folds is not None and self._folds.reveal(self._folds.tree.line_at(place)):
            self._stack()
        self._cursor = self._rows.lines.at(place)
        # What was laid out may have another height now.
        self.call_after_refresh(self._scroll_to_hit)

    def _scroll_to_hit(self) -> None:
        if self.hits is None or not self.hits.current:
            return
        # Lines of bytes are others in another width.
        self._cursor = self._rows.lines.at(self.hits.current[0][0])
        self._scroll_to_row(self._rows.hit_row(self._cursor), AROUND_HIT)
        self._keeps_hit = True

    def _laid_out(self, _: Screen[Any]) -> None:
        """Scroll to the hit again: new rows or another width may be laid out after it was scrolled to."""
        if self._keeps_hit:
            self._scroll_to_hit()

    def _scrolled(self, scroller: Widget, before: float, now: float) -> None:
        if not now == scroller.max_scroll_y < before:
            # No layout took the rows away: the user has moved.
            self._keeps_hit = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        return action not in ("seek", "end_search") or self.hits is not None

    def action_search(self) -> None:
        self.post_message(self.SearchWanted())

    def action_end_search(self) -> None:
        self.post_message(self.SearchEnded())

    def show_hits(self) -> None:
        """Draw hits that were still to be found."""
        if self._lacks_hits:
            self._lacks_hits = False
            self._rows.forget()
            self.refresh()

    @property
    def hits(self) -> ValueHits | None:
        """Of a search within the value: they are marked instead of what `show` was to find."""
        return self._rows.hits

    @property
    def foldable(self) -> bool:
        return self._folds is not None

    @property
    def field(self) -> Field | None:
        """The field under the cursor; None where the value has no fields to go to."""
        if self._folds is None:
            return None
        tree, line = self._folds.tree, self._folds.shown[self._cursor]
        field = Field(tree.path(line), tree.literal(line))
        return field if self._source is None else field.found_in(format.decode(self._source))

    def on_resize(self, event: events.Resize) -> None:
        if event.size.width != self._rows.width:
            self._layout()

    def _layout(self) -> None:
        width = max(self.size.width, 1)
        highlight = None if self._find is None else self._found
        if self._format is ValueFormat.HEX:
            self._rows.lay_out(HexLines(self._value, width), width)
        elif self._folds is not None:
            self._rows.lay_out(TreeLines(self._folds, width, highlight), width)
        else:
            self._rows.lay_out(TextLines(self._value, highlight, self._part), width)
        self._make_room()

    def _stack(self) -> None:
        self._rows.stack()
        self._make_room()

    def _make_room(self) -> None:
        self.virtual_size = Size(0, len(self._rows))
        self.refresh(layout=True)

    def render_line(self, y: int) -> Strip:
        row = self.scroll_offset.y + y
        style = self.rich_style
        if row >= len(self._rows):
            return Strip.blank(self.size.width, style)
        if self._rows.line_of(row) == self._cursor and self.has_focus and self.foldable:
            style += cursor_style(self, "value--cursor")
        mark = self._mark if self.hits is None else Role.HIT
        runs = role_runs(*self._rows.part(row), mark)
        strip = Strip([Segment(text, self._style_of(role, style)) for role, text in runs])
        return strip.adjust_cell_length(self.size.width, style).simplify()

    def _found(self, text: str) -> Sequence[Span]:
        hits = None if self._find is None else self._find(text)
        self._lacks_hits |= hits is None
        return hits or ()

    def _style_of(self, role: Role | None, style: Style) -> Style:
        if role is None:
            return style
        own = self.get_component_rich_style(role.value)
        return (
            own
            if role in (Role.HIT, Role.CURRENT)
            else own + Style(bgcolor=style.bgcolor, reverse=style.reverse)
        )

    # Keys and the mouse.

    def action_move(self, delta: int) -> None:
        if self.foldable:
            self._go_to(self._cursor + delta)
        else:
            self.scroller.scroll_relative(y=delta, animate=False)

    def action_unfold(self) -> None:
        if self._folds is not None:
            if self._folds.folded(self._folds.shown[self._cursor]):
                self.action_toggle_fold()
            else:
                self._go_to(self._cursor + 1)

    def action_fold(self) -> None:
        """Fold, or go to the line that opens what this one is in."""
        if self._folds is not None:
            line = self._folds.shown[self._cursor]
            if self._folds.opens(line) and not self._folds.folded(line):
                self.action_toggle_fold()
            else:
                self._go_to(self._folds.place(self._folds.parent(line)))

    def action_toggle_fold(self) -> None:
        if self._folds is not None:
            self._folds.toggle(self._folds.shown[self._cursor])
            self._stack()

    def action_toggle_all(self) -> None:
        if self._folds is not None:
            line = self._folds.shown[self._cursor]
            self._folds.toggle_all()
            self._stack()
            self._cursor = self._folds.place(line)
            self.call_after_refresh(self._go_to, self._cursor)

    def action_copy(self) -> None:
        """Copy the field under the cursor, or the whole value."""
        field, whole = self.field, self._value if self._source is None else self._source
        text = format.decode(whole) if field is None or not field.path else field.text
        copy_text(self.app, text, "value")

    def action_copy_path(self) -> None:
        if self.field is None:
            self.notify("this value has no fields", markup=False)
        else:
            copy_text(self.app, self.field.name, "path")

    def action_filter(self) -> None:
        self.post_message(self.FilterWanted(self.field))

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def on_click(self, event: events.Click) -> None:
        row = self.scroll_offset.y + event.y
        if self.foldable and row < len(self._rows):
            self._go_to(self._rows.line_of(row))
            if event.chain == 2:
                self.action_toggle_fold()

    @property
    def scroller(self) -> Widget:
        """What scrolls: this view, or what it is in if all rows fit."""
        return self if self.max_scroll_y else self._around

    @property
    def _around(self) -> Widget:
        """What scrolls this view as a whole; itself if nothing does."""
        around: Iterator[Widget] = (one for one in self.ancestors if isinstance(one, VerticalScroll))
        return next(around, self)

    def _go_to(self, index: int) -> None:
        self._keeps_hit = False
        self._cursor = min(max(index, 0), len(self._rows.lines) - 1)
        self._scroll_to_row(self._rows.top(self._cursor))
        self.refresh()

    def _scroll_to_row(self, row: int, spacing: Spacing | None = None) -> None:
        if self.scroller is not self:
            row += self.region.y - self.scroller.region.y + self.scroller.scroll_offset.y
        self.scroller.scroll_to_region(Region(0, row, 1, 1), spacing=spacing, animate=False, immediate=True)
