"""The footer: the keys that matter now, closer together on a narrow screen."""

from textual import events
from textual.screen import Screen
from textual.widgets import Footer

ROOMY = 100
"""Cells of width from which keys are apart."""


class KeyBar(Footer):
    """A footer that fits itself to its width."""

    def __init__(self, width: int) -> None:
        super().__init__(compact=width < ROOMY, show_command_palette=width >= ROOMY)
        self._made: object = None

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Rebuild only if the keys differ: that takes two frames, and every dialogue asks for it."""
        if not screen.app.app_focus or not self.is_attached:
            return
        keys = [(one.binding, one.enabled) for one in screen.active_bindings.values() if one.binding.show]
        wanted = (keys, self.show_command_palette)
        if wanted != self._made:
            self._made = wanted
            super().bindings_changed(screen)

    def on_resize(self, event: events.Resize) -> None:
        roomy = event.size.width >= ROOMY
        self.compact, self.show_command_palette = not roomy, roomy
        self.bindings_changed(self.screen)
