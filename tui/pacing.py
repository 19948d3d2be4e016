"""When to draw: at once after a pause, and never more often than a person can read."""

import asyncio
import threading
from collections.abc import Callable

FRAMES_PER_SECOND = 12


class Waker:
    """Carries a wake from any thread into an event loop, at most one at a time.

    Engine threads wake thousands of times a second; all but the first are dropped until that one was heard.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, heard: Callable[[], object]) -> None:
        self._loop = loop
        self._heard = heard
        self._under_way = threading.Lock()

    def __call__(self) -> None:
        """Wake the loop, unless a wake is under way already. Never blocks."""
        if not self._under_way.acquire(blocking=False):
            return
        try:
            self._loop.call_soon_threadsafe(self._hear)
        except RuntimeError:
            # The loop was closed: the screen is gone, and nobody is left to wake. Later wakes stay dropped.
            return

    def _hear(self) -> None:
        self._under_way.release()
        self._heard()


class Pace:
    """Says whether another frame is due."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._drawn = float("-inf")

    @property
    def due(self) -> bool:
        """Whether the last frame was long enough ago."""
        return self._clock() - self._drawn >= 1 / FRAMES_PER_SECOND

    def drew(self) -> None:
        """A frame was drawn now."""
        self._drawn = self._clock()
