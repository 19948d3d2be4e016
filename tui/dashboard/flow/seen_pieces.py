"""Draws the widgets that are seen where a frame changes something.

Textual renders every widget near a change, those behind others included, and divides all their lines.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple, cast

from textual._compositor import ChopsUpdate, Compositor, CompositorMap, ReflowResult
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

Line = dict[int, Strip | None]


class Piece(NamedTuple):
    """Cells side by side, on one line, that one widget shows."""

    start: int
    stop: int
    widget: Widget


class SeenPieces(Compositor):
    """A compositor that knows which widget each cell belongs to."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: Sequence[Sequence[Piece]] = ()
        """Of each line, from left to right."""
        self._reflowed: CompositorMap = {}
        """What the last reflow has arranged."""
        self._divided: Mapping[Widget, tuple[Region, Region]] = {}
        """The visible widgets that the pieces are of: another layout has others."""

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """As Textual's, but new widgets always learn that they are shown, and their size.

        Textual compares with what it arranged last, which may have been to look up a place on the screen.
        """
        self._full_map = self._reflowed
        result = super().reflow(parent, size)
        self._reflowed = self._full_map
        return result

    def render_partial_update(self) -> ChopsUpdate | None:
        """As Textual's, which a test compares it with."""
        spans = list(self._regions_to_spans(self._dirty_regions))
        self._dirty_regions.clear()
        if not spans:
            return None
        lines, chops = self._lines(), self.chops(spans)
        whole = [(y, 0, self.size.width) for y in dict.fromkeys(y for y, _, _ in spans)]
        return ChopsUpdate(chops, whole, [[piece.stop for piece in line] for line in lines])

    def _render_chops(
        self, crop: Region, is_rendered_line: Callable[[int], bool]
    ) -> Sequence[Mapping[int, Strip]]:
        """As Textual's, for the whole screen and for what is behind a dialogue."""
        rows = [y for y in crop.intersection(self.size.region).line_range if is_rendered_line(y)]
        lines, chops = self._lines(), self.chops([(y, crop.x, crop.right) for y in rows])
        for y in rows:
            for start, stop, _ in lines[y]:
                if chops[y][start] is None:
                    chops[y][start] = Strip.blank(stop - start)
        return cast("Sequence[Mapping[int, Strip]]", chops)

    def chops(self, spans: Iterable[tuple[int, int, int]]) -> Sequence[Line]:
        """Strips of all lines, rendered where spans are: line, first cell, and the cell after the last."""
        lines = self._lines()
        seen = defaultdict[Widget, list[tuple[int, Piece]]](list)
        for y, start, stop in spans:
            for piece in lines[y]:
                if piece.start < stop and start < piece.stop:
                    seen[piece.widget].append((y, piece))
        chops = [Line.fromkeys(piece.start for piece in line) for line in lines]
        for widget, pieces in seen.items():
            self._render(widget, pieces, chops)
        return chops

    def _render(self, widget: Widget, pieces: Sequence[tuple[int, Piece]], chops: Sequence[Line]) -> None:
        if widget.parent is None:
            # It was removed, and has no styles any more; the next layout gives its cells to others.
            return
        # Others may be visible now: a widget that looks up a place while it is drawn may arrange all of them.
        region, clip = self._divided[widget]
        x, _, width, _ = region.intersection(clip)
        first, last = pieces[0][0], pieces[-1][0]
        strips = widget.render_lines(Region(x - region.x, first - region.y, width, last + 1 - first))
        for y, (start, stop, _) in pieces:
            # One that has not been told its new size yet has other lines, until it is drawn again.
            if y - first < len(strips):
                strip = strips[y - first]
                part = strip if stop - start == width else strip.crop(start - x, stop - x)
                chops[y][start] = part.adjust_cell_length(stop - start)

    def _lines(self) -> Sequence[Sequence[Piece]]:
        visible = self.visible_widgets
        if self._divided is not visible:
            # Textual keeps the cuts when it arranges the widgets to look up a place on the screen.
            self._cuts = None
            cuts = self.cuts
            owners: list[dict[int, Widget | None]] = [dict.fromkeys(line[:-1]) for line in cuts]
            # From front to back.
            for widget, (region, clip) in visible.items():
                x, y, width, height = region.intersection(clip)
                for line in owners[y : y + height]:
                    for start, owner in line.items():
                        if owner is None and x <= start < x + width:
                            line[start] = widget
            self._pieces = [[*_pieces(line, ends[-1])] for line, ends in zip(owners, cuts, strict=True)]
            self._divided = visible
        return self._pieces


def _pieces(owners: Mapping[int, Widget | None], end: int) -> Iterator[Piece]:
    """The pieces of a line; `owners` are by the first of the cells between two cuts."""
    starts = [*owners, end]
    place = 0
    for widget, group in groupby(owners.values()):
        start, place = starts[place], place + len(list(group))
        if widget is not None:
            yield Piece(start, starts[place], widget)
