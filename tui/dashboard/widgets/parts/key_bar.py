"""The footer: the keys that matter now; on a narrow screen closer together, and the most important ones."""

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, cast

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, Input, TextArea

from tui.dashboard.keys.bindings import KEYS

ROOMY = 100
"""Cells of width from which keys are apart."""

_TYPED = ("slash", "enter")
"""What is typed into a text, though Textual takes it for the key of an action."""
_RANKS = {key.label: key.footer for key in KEYS}
_LAST = max(_RANKS.values()) + 1


class FooterKey(Protocol):
    """One key of Textual's footer."""

    key: str
    key_display: str
    description: str
    compact: ClassVar[Any]

    def has_class(self, name: str) -> bool: ...
    def set_class(self, add: bool, name: str) -> object: ...
    def set_reactive(self, reactive: Reactive[bool], value: bool) -> None: ...


class KeyBar(Footer):
    """A footer that fits itself to its width."""

    def __init__(self, width: int) -> None:
        super().__init__(compact=width < ROOMY, show_command_palette=width >= ROOMY)
        self._made: object = None
        self._width = width

    def compose(self) -> ComposeResult:
        typing = isinstance(self.screen.focused, Input | TextArea)
        made = cast("list[FooterKey]", [*super().compose()])
        keys = [key for key in made if not (typing and key.key in _TYPED)]
        for key in keys:
            # Textual sets it a moment later: laid out before that, a key is too narrow for its words.
            compact = self.compact or key.has_class("-command-palette")
            key.set_reactive(type(key).compact, compact)
            key.set_class(compact, "-compact")
        yield from cast("list[Widget]", fitting(keys, self._width, gap=2 if self.compact else 3))

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Rebuild only if the keys differ: that takes two frames, and every dialogue asks for it."""
        if not screen.app.app_focus or not self.is_attached:
            return
        keys = [(one.binding, one.enabled) for one in screen.active_bindings.values() if one.binding.show]
        wanted = (keys, self._width)
        if wanted != self._made:
            self._made = wanted
            super().bindings_changed(screen)

    def on_resize(self, event: events.Resize) -> None:
        self._width = event.size.width
        roomy = self._width >= ROOMY
        self.compact, self.show_command_palette = not roomy, roomy
        self.bindings_changed(self.screen)


def fitting(keys: Sequence[FooterKey], width: int, *, gap: int) -> list[FooterKey]:
    """The keys without those of the highest ranks that there is no room for; `gap` is around each."""
    shown = list(keys)
    while shown and sum(cell_len(key.key_display + key.description) + gap for key in shown) > width:
        shown.remove(max(shown, key=lambda key: _RANKS.get(key.description, _LAST)))
    return shown
