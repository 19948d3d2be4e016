"""Lines of text, of which only those that are seen are laid out and drawn."""

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget


class Lines(Widget):
    """What a `Static` shows of many lines, at the cost of those in view."""

    def __init__(self, classes: str) -> None:
        super().__init__(classes=classes)
        self._lines: Sequence[Content] = ()
        self._places: Sequence[tuple[int, int]] = ()
        self._width = 0
        """For which the places are."""

    def show(self, lines: Sequence[Content]) -> None:
        self._lines, self._width = lines, 0
        self.refresh(layout=True)

    def render(self) -> Content:
        return Content("\n").join(self._lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return len(self._placed(width))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        places = self._placed(width)
        if self.text_selection is not None or y >= len(places):
            return super().render_line(y)
        line, part = places[y]
        strip = Visual.to_strips(self, self._lines[line], width, None, self.visual_style)[part]
        return strip.apply_offsets(_first_letter(strip), line)

    def _placed(self, width: int) -> Sequence[tuple[int, int]]:
        """What stands in each row: the index of a line, and of its part."""
        if self._width != width:
            self._width = width
            self._places = [
                (index, part)
                for index, line in enumerate(self._lines)
                for part in range(1 if line.cell_length <= width else line.get_height({}, width))
            ]
        return self._places


def _first_letter(strip: Strip) -> int:
    """Where a strip begins in its line, which Textual notes for a selection of text."""
    return next((segment.style.meta["offset"][0] for segment in strip if segment.style), 0)
