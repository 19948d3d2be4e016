"""Panes and the editor: side by side, or below each other where that would be narrow."""

from textual import events
from textual.containers import Container

WIDE_ENOUGH = 140
"""Cells for two panes and a source."""


class Beside(Container):
    """Lays its children out by its width."""

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= WIDE_ENOUGH, "-horizontal")
