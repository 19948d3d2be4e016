"""When to draw: at once after a pause, and never more often than a person can read."""

import asyncio
import threading
import time
from collections.abc import Callable

FRAMES_PER_SECOND = 12
TICKS_PER_SECOND = 4
"""How often to look where nobody wakes: rates fall by themselves, and no faster than a person reads them."""


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
    """Says whether something is due to be drawn again."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = 1 / per_second
        self._clock = clock
        self._drawn = float("-inf")

    @property
    def wait(self) -> float:
        """Seconds until it is due; 0 where it is now."""
        return max(self._drawn + self._interval - self._clock(), 0.0)

    @property
    def due(self) -> bool:
        """Whether it was drawn long enough ago."""
        return not self.wait

    def drew(self) -> None:
        """It was drawn now."""
        self._drawn = self._clock()
