"""Why a key does nothing here."""

import time
from collections.abc import Callable, Container, Sequence

from textual.binding import Binding

from tui.dashboard.keys.bindings import IDLE

IDLE_SECONDS = 3.0
"""How long it is shown."""


class IdleKeys:
    """Says it once while a key is held down."""

    def __init__(self, keys: Sequence[Binding]) -> None:
        """`keys` are the current ones of every action."""
        self._keys = keys
        self._said, self._until = "", 0.0

    def why(self, key: str, active: Callable[[], Container[str]]) -> str:
        """What to say; empty if the key is among the active ones, unknown, or this was just said."""
        identities = {binding.id for binding in self._keys if key in binding.key.split(",")}
        why = next((words for identity, words in IDLE.items() if identity in identities), "")
        shown = why == self._said and time.monotonic() < self._until
        if not why or shown or key in active():
            return ""
        self._said, self._until = why, time.monotonic() + IDLE_SECONDS
        return why
