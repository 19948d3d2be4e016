"""A pane's head: two lines of text and a rule with news on it."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive

from engine.live.stats.rates import GLANCE_SECONDS
from tui import format
from tui.dashboard.present.filter_colours import filter_colour
from tui.dashboard.present.panes.pane_header import HeadState
from tui.dashboard.widgets.repainted import Repainted

GAP = 2
MIN_SPARKLINE = 6


class PaneHead(Repainted):
    """Draws a `HeadState`; if it is narrow, without the least important parts."""

    ALLOW_SELECT = False

    state: reactive[HeadState | None] = reactive(None)
    titled: reactive[bool] = reactive(False)
    """Whether titles of columns stand below it, with the last digits of the filters' numbers."""

    def show(self, state: HeadState) -> bool:
        """Draw a state; return whether anything changed on the screen."""
        before, self.state = self.state, state
        return before != state

    def render(self) -> Content:
        width = self.size.width
        if self.state is None or width < 1:
            return Content("")
        return draw_head(self.state, width, titled=self.titled)


def draw_head(state: HeadState, width: int, *, titled: bool = False) -> Content:
    """Three lines of `width` cells; `titled` if the numbers of filters are below it."""
    lines = (_title(state, width), _stats(state, width), _rule(state, width, titled=titled))
    return Content("\n").join([line.truncate(width) for line in lines])


def _title(head: HeadState, width: int) -> Content:
    state = format.clip(head.state, width - min(cell_len(head.title), width // 3) - GAP)
    title = format.clip(head.title, width - cell_len(state) - GAP)
    return _ends(Content.styled(title, f"bold {head.colour}"), (state, head.state_colour), width)


def _stats(head: HeadState, width: int) -> Content:
    stats = [(text, "$foreground 60%") for text in head.stats]
    behind = [(text, "$text-warning") for text in head.behind]
    notes = [(head.rate_limit, head.colour), *behind, (head.faults, "$text-error")]
    while len(stats) > 1 and sum(cell_len(text) + GAP for text, _ in [*stats, *notes] if text) > width:
        stats.pop()
    words = [Content.styled(*stat) for stat in stats]
    for text, colour in notes:
        room = width - sum(word.cell_length + GAP for word in words)
        if text:
            words.append(Content.styled(format.clip(text, room), colour))
    graph = MIN_SPARKLINE + GAP if head.history else 0
    room = width - sum(word.cell_length + GAP for word in words) - graph
    if head.slowest and cell_len(head.slowest) <= room:
        words.append(Content.styled(head.slowest, "$foreground 60%"))
    left = Content(" " * GAP).join(words)
    room = min(width - left.cell_length - GAP, GLANCE_SECONDS)
    sparkline = format.sparkline(head.history, room) if room >= MIN_SPARKLINE else ""
    return _ends(left, (sparkline, f"{head.colour} 70%"), width)


def _ends(left: Content, right: tuple[str, str], width: int) -> Content:
    """A line with a text and its style at the right end."""
    return Content.assemble(left, " " * max(width - left.cell_length - cell_len(right[0]), 0), right)


def _rule(head: HeadState, width: int, *, titled: bool) -> Content:
    legend = _legend(head, titled=titled)
    paused = format.first_fitting(head.paused, width - len(legend) - GAP)
    words = head.news or ((head.origin,) if head.origin else ())
    room = width - len(legend) - 1 - (cell_len(paused) + GAP * 2 if paused else 0)
    news = format.first_fitting(words, room if legend else room + 1)
    gap = " " if news and legend else ""
    left = Content.assemble(
        *legend,
        (f"{gap}{news} " if news else "", f"bold {head.colour}" if head.news else "$foreground 45%"),
    )
    right = f" {paused} " if paused else ""
    line = "─" * (width - left.cell_length - cell_len(right))
    return Content.assemble(left, (line, "$foreground 20%"), (right, "bold $accent reverse"))


def _legend(head: HeadState, *, titled: bool) -> Sequence[tuple[str, str]]:
    """The numbers of the filters over their columns: their last digits, or, of titled ones, the tens."""
    if titled and max(head.legend, default=0) < 10:
        return ()
    digits = [(str(number // 10 or "─") if titled else str(number % 10)) for number in head.legend]
    return [
        (digit, f"$filter-{filter_colour(number)}") for digit, number in zip(digits, head.legend, strict=True)
    ]
