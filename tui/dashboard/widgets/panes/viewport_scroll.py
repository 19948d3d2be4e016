"""A Textual scroll view whose position a `Viewport` decides."""

from abc import abstractmethod

from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.dashboard.widgets.panes.viewport import Rows, Viewport


class ViewportScroll(ScrollView, can_focus=True, inherit_bindings=False):
    """Scrolls to where its viewport is, and learns where the user scrolls."""

    ALLOW_SELECT = False

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self.viewport = Viewport().replace_rows(rows)

    @abstractmethod
    def user_scrolled(self, viewport: Viewport) -> None:
        """Take over where the user scrolled to with the mouse or the scrollbar."""

    @abstractmethod
    def prepare_lines(self) -> None:
        """Read what all lines have in common, before `render_line` draws each."""

    @property
    def rows(self) -> Rows:
        return self.viewport.rows

    @property
    def following(self) -> bool:
        return self.viewport.following

    @property
    def cursor(self) -> int | None:
        return self.viewport.cursor

    @property
    def selected(self) -> int | None:
        """The row that Enter opens."""
        return self.viewport.selected

    def place(self, viewport: Viewport) -> None:
        """Show another part, and bring Textual's scroll position in line."""
        resized, self.viewport = viewport.rows is not self.viewport.rows, viewport
        if resized:
            self._update_virtual_size()
        if viewport.top != round(self.scroll_y):
            # Only then, or new verdicts would end a scroll that Textual animates.
            self.scroll_y = self.scroll_target_y = viewport.top
        self.refresh()

    def _update_virtual_size(self) -> None:
        # Assigned the usual way, a new virtual size lays out the whole screen, which takes as long as half a
        # frame and changes nothing: the scrollbar is always shown.
        self.set_reactive(ScrollView.virtual_size, Size(0, len(self.viewport)))
        self.vertical_scrollbar.window_virtual_size = len(self.viewport)

    on_mount = _update_virtual_size

    def render_lines(self, crop: Region) -> list[Strip]:
        # Textual's own way caches lines by their place, so that scrolling draws all of them again. There is
        # no border, padding or opacity here that it would add; without it a frame takes a third less.
        self.prepare_lines()
        filters = self.get_line_filters()
        background = self.background_colors[1]
        lines = []
        for y in crop.line_range:
            strip = self.render_line(y)
            for line_filter in filters:
                strip = strip.apply_filter(line_filter, background)
            lines.append(strip.crop(*crop.column_span))
        return lines

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell scrolling by the user apart from `place` and from a new size, which `on_resize` handles."""
        super().watch_scroll_y(old_value, new_value)
        top = round(new_value)
        if top != self.viewport.top and self.size.height == self.viewport.height:
            self.user_scrolled(self.viewport.scroll(top))

    def on_resize(self) -> None:
        self.place(self.viewport.resize(self.size.height))
