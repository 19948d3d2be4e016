"""The scrollbar of a view, with marks on it."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip

from tui.dashboard.widgets.repainted import Repainted
from tui.dashboard.widgets.rows.scrollbar_marks import Mark, Marks, thumb

SERIOUS = (Mark.TRAP, Mark.ERROR, Mark.CHANGED)
"""The most serious first: the right half of a line has room for one, the left half for hits."""
LEFT, RIGHT = "▌", "▐"


class MarkedScrollBar(ScrollBar, Repainted):
    """Draws its lines once until they look different: Textual's way took as long as a third of the rows."""

    def __init__(self) -> None:
        self.marks = Marks()
        self._lines: Sequence[Strip] = ()
        """Empty if they are to be drawn."""
        self._thumb = thumb(0, 0, 0)
        super().__init__(vertical=True, name="vertical")

    def refresh(self, *regions: Region, **what: Any) -> "MarkedScrollBar":
        self._lines = ()
        return super().refresh(*regions, **what)

    def move(self, height: int, rows: int, top: int) -> None:
        """Show which of the rows are in view. Draws only if that shows, since few rows move the thumb."""
        self.set_reactive(ScrollBar.window_virtual_size, rows)
        self.set_reactive(ScrollBar.position, float(top))
        before, self._thumb = self._thumb, thumb(height, rows, top)
        if self._thumb != before:
            self.refresh()

    def restyle(self, styles: Mapping[Mark, Style]) -> None:
        self.marks.styles = styles
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        height = self.size.height
        # Textual may draw a pane once more after it was taken off the screen.
        if len(self._lines) != height and self.parent is not None:
            self._lines = self._drawn(height)
        return list(self._lines[crop.y : crop.bottom])

    def _drawn(self, height: int) -> Sequence[Strip]:
        # Many lines are the same segment.
        strips: dict[int, Strip] = {}
        cells, below = self._cells(height), self.rich_style
        for cell in cells:
            if id(cell) not in strips:
                strip = Strip([Segment(cell.text, below + (cell.style or Style.null()))], 1)
                for line_filter in self.get_line_filters():
                    strip = strip.apply_filter(line_filter, self.background_colors[1])
                strips[id(cell)] = strip
        return [strips[id(cell)] for cell in cells]

    def _cells(self, height: int) -> Sequence[Segment]:
        bar = self.render()
        assert isinstance(bar, ScrollBarRender)
        assert isinstance(bar.style, Style)
        cells = list(
            bar.render_bar(
                size=height,
                virtual_size=bar.virtual_size,
                window_size=bar.window_size,
                position=bar.position,
                back_color=bar.style.bgcolor or Color.default(),
                bar_color=bar.style.color or Color.default(),
            ).segments
        )
        found, styles = self.marks.found, self.marks.styles
        for line in found[:height].nonzero()[0] if styles else ():
            cells[line] = _marked(cells[line], Mark(int(found[line])), styles)
        return cells


def _marked(cell: Segment, here: Mark, styles: Mapping[Mark, Style]) -> Segment:
    bar = cell.style or Style.null()
    # The movable part of a bar is drawn in reverse.
    behind = bar.color if bar.reverse else bar.bgcolor
    serious = next((styles[mark].color for mark in SERIOUS if mark in here), None)
    if Mark.HIT not in here:
        return Segment(RIGHT, Style(color=serious, bgcolor=behind, meta=bar.meta))
    # A match is drawn in the colour that is behind it in its row.
    colour = styles[Mark.HIT].bgcolor or styles[Mark.HIT].color
    return Segment(LEFT, Style(color=colour, bgcolor=serious or behind, meta=bar.meta))
