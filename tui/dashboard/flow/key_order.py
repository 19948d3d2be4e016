"""Sends on what is typed, each key once the one before has had its effect."""

import asyncio
from collections import deque
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.worker import Worker, WorkerError

PREPARES = "prepares"
"""The group of workers that open something which the next keys are for. Escape cancels them."""
Typed = events.Key | events.Paste
PATIENCE_SECONDS = 2.0
"""How long one widget may hold up what is typed: a stuck one must not take the keyboard with it."""
PREPARING_SECONDS = 3.0
"""How long what is typed waits for a dialogue that is prepared: a broker may never answer."""


class KeyOrder:
    """Keeps what is typed in order, however fast it comes.

    A key goes from the widget that has the focus up to the application, which does what it is bound to. Of a
    quick `/queue`, letters would go to the records until the `/` has moved the focus to the input of the
    search, and then overtake those: an input takes them at once. What is typed while a worker prepares a
    dialogue is for that, and must not act on what lies below.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._waiting: deque[Typed] = deque()
        self._sent: Typed | None = None
        """What has its turn."""
        self._late: list[Worker[Any]] = []
        """What took too long to prepare: no key waits for it any more."""
        self.busy = False
        """Whether something waits, or has not had its whole effect yet."""

    def holds(self, typed: Typed) -> bool:
        """Whether this has to wait; it is posted to the application again when it has its turn."""
        if typed is self._sent:
            return False
        if (preparing := self._preparing) and getattr(typed, "key", "") == "escape":
            # As it would cancel the dialogue, with what was typed for that.
            self._waiting.clear()
            for worker in preparing:
                worker.cancel()
            return True
        self._waiting.append(typed)
        if not self.busy:
            self.busy = True
            self._app.run_worker(self._send())
        return True

    async def _send(self) -> None:
        try:
            while self._waiting and self._app.is_running:
                await self._prepared()
                # A dialogue that comes up gives the focus to its input.
                await _rest(self._receiver)
                if not self._waiting:
                    break
                self._sent, receiver = self._waiting.popleft(), self._receiver
                self._app.post_message(self._sent)
                await _in_time(_did(self._app))
                await _rest(receiver)
        finally:
            self._sent, self.busy = None, False

    async def _prepared(self) -> None:
        """Wait until what the next keys are for is there; if that takes too long, drop them."""
        while preparing := self._preparing:
            # It cannot be waited for before it has begun, which it does in the next turn.
            await asyncio.sleep(0)
            waiting = [asyncio.create_task(_ended(worker)) for worker in preparing]
            _, late = await asyncio.wait(waiting, timeout=PREPARING_SECONDS)
            if late:
                self._late = preparing
                self._waiting.clear()
                self._app.notify("this takes longer than usual: what was typed for it is ignored")

    @property
    def _preparing(self) -> list[Worker[Any]]:
        return [
            worker
            for worker in self._app.workers
            if worker.group == PREPARES and not worker.is_finished and worker not in self._late
        ]

    @property
    def _receiver(self) -> DOMNode:
        return self._app.focused or self._app.screen


async def _ended(worker: Worker[Any]) -> None:
    with suppress(WorkerError):
        await worker.wait()


async def _rest(node: DOMNode | None) -> None:
    """Wait until a widget, and then what it is in, have nothing left to do."""
    while node is not None:
        await _in_time(_has_nothing_left(node))
        node = node.parent


async def _has_nothing_left(node: DOMNode) -> None:
    while await _did(node) and node.message_queue_size:
        pass


async def _did(node: DOMNode) -> bool:
    """Wait until something has done what there is to do now; False if it has ended."""
    done = asyncio.Event()
    if not node.call_later(done.set):
        return False
    await done.wait()
    return True


async def _in_time(waiting: Awaitable[object]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await waiting
