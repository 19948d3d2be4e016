"""The panel of printed lines: what filters print with println!, dbg! and log!, beside the record."""

from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from engine import units
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.window.snapshot import WindowSnapshot
from tui import format
from tui.dashboard.present.filter_colours import FILTER_COLOURS, filter_colour, filter_title
from tui.dashboard.widgets.panels.tab import Tab

_HINT = "nothing printed yet: println!, dbg! and log! of a filter appear here"


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line as it is shown."""

    row: int
    consumer: int
    name: str
    offset: str
    """Of the record; empty once it has left the window."""
    text: str


class PrintedView(ScrollView, can_focus=True):
    """The lines of all filters in the order of their records; follows the newest unless scrolled back."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {  # noqa: RUF012
        "printed--offset",
        *(f"filter-{number}" for number in range(1, FILTER_COLOURS + 1)),
    }

    def __init__(self) -> None:
        super().__init__()
        self.lines: tuple[PrintedLine, ...] = ()
        self._widest = 0
        """Characters of the longest offset."""

    def show(self, lines: tuple[PrintedLine, ...]) -> None:
        at_end = not self.size.height or self.scroll_offset.y >= self.max_scroll_y
        self.lines = lines
        self._widest = max((len(line.offset) for line in lines), default=0)
        self.virtual_size = Size(0, max(len(lines), 1))
        if at_end:
            self.scroll_end(animate=False, immediate=True)
        self.refresh()

    def on_resize(self) -> None:
        if self.scroll_offset.y == 0:
            self.scroll_end(animate=False, immediate=True)

    def render_line(self, y: int) -> Strip:
        width, position = self.size.width, self.scroll_offset.y + y
        quiet = self.get_component_rich_style("printed--offset")
        if not self.lines and position == 0:
            return Strip([Segment(format.clip(_HINT, width), quiet)]).adjust_cell_length(width)
        if position >= len(self.lines):
            return Strip.blank(width, self.rich_style)
        line = self.lines[position]
        colour = self.get_component_rich_style(f"filter-{filter_colour(line.consumer)}")
        lead = [Segment(f"{line.name} ", colour), Segment(f"{line.offset:>{self._widest}}  ", quiet)]
        room = width - sum(cell_len(segment.text) for segment in lead)
        text = Segment(format.clip(line.text, room), self.rich_style)
        return Strip([*lead, text]).adjust_cell_length(width, self.rich_style).simplify()


class PrintedPanel(Tab):
    """The view under a line that counts."""

    label, key = "Printed", "dashboard.printed"

    def __init__(self) -> None:
        super().__init__()
        self.view = PrintedView()
        self._title = Static(classes="title", markup=False)
        self._shown: object = None

    def compose(self) -> ComposeResult:
        yield from (self._title, self.view)

    @property
    def keys_go_to(self) -> Widget:
        return self.view

    def offered(self, snapshot: WorkbenchSnapshot) -> bool:
        return self.display or any(consumer.printed.total for consumer in snapshot.consumers)

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        printed = [(consumer.id, consumer.printed) for consumer in snapshot.consumers]
        if printed == self._shown:
            return False
        self._shown = printed
        self._title.update(_title(snapshot))
        self.view.show(printed_lines(snapshot))
        return True


def printed_lines(snapshot: WorkbenchSnapshot) -> tuple[PrintedLine, ...]:
    """The lines of all filters, in the order of their records."""
    found = [
        PrintedLine(
            line.row,
            consumer.id,
            filter_title(consumer),
            _offset(snapshot.window, line.row),
            format.harmless(line.text),
        )
        for consumer in snapshot.consumers
        for line in consumer.printed.lines
    ]
    return tuple(sorted(found, key=lambda line: line.row))


def _offset(window: WindowSnapshot, row: int) -> str:
    if not window.first_row <= row < window.end_row:
        return ""
    batch, index = window.locate(row)
    return str(batch.offset(index))


def _title(snapshot: WorkbenchSnapshot) -> Content:
    total = sum(consumer.printed.total for consumer in snapshot.consumers)
    lost = sum(consumer.printed.lost for consumer in snapshot.consumers)
    kept = sum(len(consumer.printed.lines) for consumer in snapshot.consumers)
    words = [f"{units.plural(total, 'line')} printed"]
    if kept < total - lost:
        words.append(f"the newest {units.count(kept)} kept")
    if lost:
        words.append(f"{units.count(lost)} dropped")
    return Content.styled(" · ".join(words), "bold")
