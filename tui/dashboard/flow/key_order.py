"""Sends on what is typed, each key once the one before has had its effect."""

import asyncio
from collections import deque
from typing import Any

from textual import events
from textual.app import App
from textual.dom import DOMNode

Typed = events.Key | events.Paste


class KeyOrder:
    """Keeps what is typed in order, however fast it comes.

    A key goes from the widget that has the focus up to the application, which does what it is bound to. Of a
    quick `/queue`, letters would go to the records until the `/` has moved the focus to the input of the
    search, and then overtake those: an input takes them at once.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._waiting: deque[Typed] = deque()
        self._sent: Typed | None = None
        """What has its turn."""
        self.busy = False
        """Whether something waits, or has not had its whole effect yet."""

    def holds(self, typed: Typed) -> bool:
        """Whether this has to wait; it is posted to the application again when it has its turn."""
        if typed is self._sent:
            return False
        self._waiting.append(typed)
        if not self.busy:
            self.busy = True
            self._app.run_worker(self._send())
        return True

    async def _send(self) -> None:
        try:
            # A dialogue that comes up gives the focus to its input.
            while self._waiting and await _rested(self._receiver):
                self._sent, receiver = self._waiting.popleft(), self._receiver
                self._app.post_message(self._sent)
                if not (await _did(self._app) and await _rested(receiver)):
                    return
        finally:
            self._sent, self.busy = None, False

    @property
    def _receiver(self) -> DOMNode:
        return self._app.focused or self._app.screen


async def _rested(node: DOMNode | None) -> bool:
    """Wait until a widget, and then what it is in, have nothing left to do; False if the last has ended."""
    runs = True
    while node is not None:
        while (runs := await _did(node)) and node.message_queue_size:
            pass
        node = node.parent
    return runs


async def _did(node: DOMNode) -> bool:
    """Wait until something has done what there is to do now; False if it has ended."""
    done = asyncio.Event()
    if not node.call_later(done.set):
        return False
    await done.wait()
    return True
