"""The keys that matter now, at the bottom; they move together where it is narrow."""

from textual import events
from textual.widgets import Footer

ROOMY = 100
"""Cells of width from which it may spread itself."""


class KeyBar(Footer):
    """A footer that fits itself to its width."""

    def __init__(self, width: int) -> None:
        """`width` is the one to begin with, in cells."""
        super().__init__(compact=width < ROOMY, show_command_palette=width >= ROOMY)

    def on_resize(self, event: events.Resize) -> None:
        """Fit another width."""
        roomy = event.size.width >= ROOMY
        self.compact, self.show_command_palette = not roomy, roomy
