"""The line above the rows of a pane that names their columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.reactive import reactive

from tui.dashboard.present.filter_colours import filter_colour
from tui.dashboard.widgets.repainted import Repainted

_OFFSET, _SHORT = "OFFSET", "OFF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Titles:
    """The line in words; `filters` are the ids of those that have a column of verdicts."""

    before: int
    """Cells of what comes before the columns: verdicts and the offset."""
    text: str
    filters: Sequence[int] = ()


class ColumnTitles(Repainted):
    """Draws `Titles`."""

    ALLOW_SELECT = False

    state: reactive[Titles | None] = reactive(None)

    def show(self, state: Titles | None) -> bool:
        """Draw a state, or take no room without one; return whether anything changed on the screen."""
        before, self.state = self.state, state
        if (before is None) != (state is None):
            self.display = state is not None
        return before != state

    def render(self) -> Content:
        state = self.state
        if state is None:
            return Content("")
        free = state.before - len(state.filters)
        # Numbers of one digit have no room for a title.
        short = _SHORT if free >= len(_SHORT) else ""
        offset = _OFFSET if free > len(_OFFSET) else short
        return Content.assemble(
            *((str(one % 10), f"$filter-{filter_colour(one)}") for one in state.filters),
            (f"{offset:>{free}} ", "$foreground 45%"),
            (state.text, "$foreground 70% bold"),
        )
