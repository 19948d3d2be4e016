"""Which panes there is room for, and how they share it."""

from collections.abc import Sequence

from tui.dashboard.widgets.panes.pane import Pane

WIDER = 1.2
MOST = 8.0
"""Times as wide as another pane, or as narrow."""


def panes_in_view(panes: Sequence[Pane], front: Pane, current: Pane, room: int) -> list[Pane]:
    """As many panes as there is room for: the one in `front` with the raw pane of its topic.

    Only the `current` one if there is room for one.
    """
    if room == 1:
        return [current]
    raw = next(pane for pane in panes if pane.topic is front.topic)
    others = [pane for pane in panes if pane is not raw]
    # What follows the raw pane, if that is itself in front.
    place = panes.index(raw) if front is raw else others.index(front)
    start = max(min(place, len(others) - 1) - room + 2, 0)
    shown = [raw, *others[start : start + room - 1]]
    return [pane for pane in panes if pane in shown]


def widen(pane: Pane, step: int) -> None:
    """Make a pane wider, or narrower, by a fifth of its width for each step."""
    pane.share = min(max(pane.share * WIDER**step, 1 / MOST), MOST)


def move_border(left: Pane, right: Pane, x: int) -> None:
    """Move the border between two panes to a column of the screen."""
    cells, shares = left.outer_size.width + right.outer_size.width, left.share + right.share
    wide = min(max(x - left.region.x, Pane.MIN_WIDTH), cells - Pane.MIN_WIDTH)
    left.share, right.share = shares * wide / cells, shares * (cells - wide) / cells
