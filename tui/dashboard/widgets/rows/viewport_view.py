"""A Textual scroll view whose position a `Viewport` decides."""

from abc import abstractmethod

from textual.geometry import Size
from textual.scroll_view import ScrollView

from engine.live.window.matcher import Rows
from tui.dashboard.widgets.repainted import Repainted
from tui.dashboard.widgets.rows.marked_scrollbar import MarkedScrollBar
from tui.dashboard.widgets.rows.viewport import Viewport


class ViewportView(ScrollView, Repainted):
    """Scrolls through rows, one line each, and has a cursor on one of them while it is paused."""

    def __init__(self, rows: range | Rows) -> None:
        super().__init__()
        self.viewport = Viewport().replace_rows(rows)
        self._scrollbar: MarkedScrollBar | None = None

    # What a view says of its moves.

    @abstractmethod
    def moved(self) -> None:
        """It was paused, follows again, or has another row under its cursor."""

    @abstractmethod
    def scrolled(self) -> None:
        """The user scrolled without moving the cursor."""

    @abstractmethod
    def neared_top(self) -> None:
        """The user went near the first row."""

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
            self.move(self.viewport.pause())

    def move(self, viewport: Viewport) -> None:
        """Show another part, and say so."""
        self.place(viewport)
        self.moved()

    def place(self, viewport: Viewport) -> None:
        """Show another part, and bring Textual's scroll position in line."""
        resized, self.viewport = len(viewport) != self.virtual_size.height, viewport
        if resized:
            # Assigned the usual way, a new virtual size lays out the whole screen, which takes as long as
            # half a frame and changes nothing: the scrollbar is always shown.
            self.set_reactive(ScrollView.virtual_size, Size(0, len(viewport)))
        self.vertical_scrollbar.move(self.size.height, len(viewport), viewport.top)
        if viewport.height and viewport.top != round(self.scroll_y):
            # Only then, or new verdicts would end a scroll that Textual animates.
            self.scroll_y = self.scroll_target_y = viewport.top
        self.refresh()

    @property
    def vertical_scrollbar(self) -> MarkedScrollBar:
        if self._scrollbar is None:
            # As Textual makes its own.
            self._vertical_scrollbar = self._scrollbar = bar = MarkedScrollBar()
            bar.display = False
            self.app._start_widget(self, bar)
        return self._scrollbar

    # Keys and the mouse.

    def action_move(self, delta: int) -> None:
        self.go(self.viewport.step(delta))

    def action_page(self, direction: int) -> None:
        self.go(self.viewport.page(direction))

    def action_top(self) -> None:
        """Go to the oldest record that is loaded, and load older ones."""
        self.go(self.viewport.first())

    def go(self, viewport: Viewport) -> None:
        """Show what the user went to."""
        if len(self.rows):
            self.move(viewport)
            self._tell_near_top()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        top = round(new_value)
        if top == self.viewport.top or self.size.height != self.viewport.height:
            return  # It was `place`, or a new size, which `on_resize` handles.
        following, self.viewport = self.following, self.viewport.scroll(top)
        if following and not self.following:
            self.moved()
        self._tell_near_top()
        self.scrolled()

    def on_mount(self) -> None:
        self.place(self.viewport)

    def on_resize(self) -> None:
        self.place(self.viewport.resize(self.size.height))

    def _tell_near_top(self) -> None:
        if not self.following and self.viewport.near_top:
            self.neared_top()
