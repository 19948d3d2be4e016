"""One row over several lines: all of its value, in place of rows around it."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from tui.dashboard.present.values.value import wrapped
from tui.dashboard.widgets.rows.row_styles import RowStyles


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedRow:
    """A row that takes all of its strips; the others make room below it, and above it where they must."""

    line: int
    """Where it is without being wrapped."""
    strips: Sequence[Strip]
    height: int
    """Lines of the view."""

    @property
    def first(self) -> int:
        """The line of its first strip."""
        beyond = self.line + len(self.strips) - self.height
        return self.line - max(beyond, 0)

    def locate(self, y: int) -> tuple[int, int | None]:
        """Which line of the view is shown at another, and which of the strips if it is this row's."""
        if y < self.first:
            return y + self.line - self.first, None
        if y < self.first + len(self.strips):
            return self.line, y - self.first
        return y - len(self.strips) + 1 + self.line - self.first, None


def wrap(
    text: str, before: Sequence[Segment], room: int, width: int, lines: int, styles: RowStyles
) -> Sequence[Strip]:
    """The strips of a row under the cursor, on at most `lines` lines, with `before` in front of the first."""
    pieces = wrapped(text, max(room, 1))
    if len(pieces) > lines:
        pieces = [*pieces[: lines - 1], pieces[lines - 1][: room - 1] + "…"]
    indent = [Segment(" " * sum(cell_len(one.text) for one in before), styles.text)]
    drawn = []
    for number, piece in enumerate(pieces):
        parts = [*(indent if number else before), Segment(piece, styles.text)]
        strip = Strip(parts).adjust_cell_length(width, styles.text)
        drawn.append(strip.apply_style(styles.cursor))
    return drawn
