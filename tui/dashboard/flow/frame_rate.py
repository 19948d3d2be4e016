"""When to draw: at once after a calm, and never more often than you can read."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from textual.timer import Timer

FRAMES_PER_SECOND = 12
TICKS_PER_SECOND = 4
"""How often to look without a wake: rates fall by themselves, no faster than you read them."""
CALM_SECONDS = 3.0
"""How long to look on after the last change: readings, scroll bar marks and backlogs are shown by then."""


class Waker:
    """Carries a wake from any thread into an event loop, at most one at a time.

    Engine threads wake thousands of times per second; all wakes but the first are dropped until it arrives.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, woken: Callable[[], object]) -> None:
        self._loop = loop
        self._woken = woken
        self._pending = threading.Lock()

    def __call__(self) -> None:
        """Wake the loop, unless a wake is pending. Never blocks."""
        if self._pending.acquire(blocking=False):
            # If the loop is closed, the screen is gone: this and all later wakes are dropped.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._arrive)

    def _arrive(self) -> None:
        self._pending.release()
        self._woken()


class Ticks:
    """Pauses a running timer while nothing moves."""

    def __init__(self, timer: Timer, clock: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._clock = clock
        self._moved = clock()
        self.resting = False

    def go_on(self) -> None:
        self._moved = self._clock()
        self.resting = False
        self._timer.resume()

    def rest(self) -> None:
        """Stop ticking until something moves, if nothing has for a while."""
        if self._clock() - self._moved > CALM_SECONDS:
            self.resting = True
            self._timer.pause()
