"""When to draw: at once after a pause, and never more often than a person can read."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Protocol

FRAMES_PER_SECOND = 12
TICKS_PER_SECOND = 4
"""How often to look where nobody wakes: rates fall by themselves, and no faster than a person reads them."""
CALM_SECONDS = 3.0
"""How long to look on after the last change: what is told of later than it came (readings, marks on scroll
bars, a filter that is behind) has come by then."""


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


class Timer(Protocol):
    """What calls again and again; Textual's does."""

    def pause(self) -> None:
        """Call no more."""

    def resume(self) -> None:
        """Go on calling."""


class Ticks:
    """Lets a timer rest while nothing moves."""

    def __init__(self, timer: Timer, clock: Callable[[], float] = time.monotonic) -> None:
        """`timer` is running."""
        self._timer = timer
        self._clock = clock
        self._moved = clock()
        self.resting = False

    def go_on(self) -> None:
        """Something moves, or may be about to."""
        self._moved = self._clock()
        self.resting = False
        self._timer.resume()

    def rest(self) -> None:
        """Tick no more until something moves, where nothing has for a while."""
        if self._clock() - self._moved > CALM_SECONDS:
            self.resting = True
            self._timer.pause()
