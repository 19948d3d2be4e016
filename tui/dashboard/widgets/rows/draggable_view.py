"""What the mouse does with rows: it selects one, scrolls them, or copies a part of them."""

from dataclasses import dataclass

from rich.style import Style
from textual import events
from textual.geometry import Offset, Region
from textual.strip import Strip

from engine import units
from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.widgets.rows.record_view import RecordView

_SELECTED = Style(reverse=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drag:
    """From one cell of a view to another, both included."""

    start: Offset
    end: Offset

    @property
    def lines(self) -> range:
        return range(min(self.start.y, self.end.y), max(self.start.y, self.end.y) + 1)

    def span(self, y: int, width: int) -> tuple[int, int]:
        """The cells of a line that are selected, as in text: whole lines between the first and the last."""
        first, last = sorted((self.start, self.end), key=lambda cell: (cell.y, cell.x))
        if y not in self.lines:
            return 0, 0
        return (first.x if y == first.y else 0), (min(last.x + 1, width) if y == last.y else width)


class DraggableView(RecordView):
    """A view that is paused while a part of it is selected."""

    def __init__(self, snapshot: WorkbenchSnapshot, consumer: int | None = None) -> None:
        super().__init__(snapshot, consumer)
        self._held: Offset | None = None
        """Where the button went down, while it is."""
        self._drag: Drag | None = None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._drag = None
        if event.button == 1 and len(self.rows):
            self._held = event.offset
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._held is None:
            return
        end = event.offset.clamp(self.size.width - 1, self.size.height - 1)
        if self._drag is not None or end != self._held:
            self.pause()
            self._drag = Drag(start=self._held, end=end)
            self.refresh()

    def on_mouse_up(self) -> None:
        if self._held is None:
            return
        self._held = None
        self.release_mouse()
        if self._drag is not None:
            self.app.copy_to_clipboard(self._text(self._drag))
            self.notify(f"copied {units.plural(len(self._drag.lines), 'line')}", markup=False)
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        if self._drag is not None:
            # Not a click, but a drag that ended.
            self._drag = None
            self.refresh()
            return
        row = self.drawing.row_at(event.y)
        if row is not None:
            self.select(row)
            if event.chain == 2:
                self.post_message(self.Opened(self))

    def on_mouse_scroll_up(self) -> None:
        """Scrolling up at the first row loads older ones."""
        if not self.viewport.top:
            self.pause()
            self._tell_near_top()

    def on_mouse_scroll_down(self) -> None:
        """Scrolling down at the end follows again."""
        if self.viewport.top >= self.viewport.last_top:
            self.follow()

    def render_lines(self, crop: Region) -> list[Strip]:
        lines = super().render_lines(crop)
        if self._drag is None:
            return lines
        return [
            self._marked(self._drag, y, line, crop.x) for y, line in zip(crop.line_range, lines, strict=True)
        ]

    def _marked(self, drag: Drag, y: int, line: Strip, left: int) -> Strip:
        start, end = (max(cell - left, 0) for cell in drag.span(y, self.size.width))
        marked = line.crop(start, end).apply_style(_SELECTED)
        return Strip.join([line.crop(0, start), marked, line.crop(end)]) if end > start else line

    def _text(self, drag: Drag) -> str:
        region = Region(0, drag.lines.start, self.size.width, len(drag.lines))
        lines = zip(drag.lines, super().render_lines(region), strict=True)
        return "\n".join(line.crop(*drag.span(y, self.size.width)).text.rstrip() for y, line in lines)
