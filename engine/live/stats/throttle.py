"""Holds a consumer back to a pace of its own."""

import math
import threading
import time
from collections.abc import Callable

SLICE_SECONDS = 0.05
"""Records that are due within this are taken together: it is waited for them 20 times a second at most."""


class Throttle:
    """Says how many records are due, at most so many a second and evenly. Any thread may ask."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._pace: float | None = None
        self._due = 0.0
        """When the slice in hand is due."""
        self._left = 0
        """Records of it that have not been taken."""

    @property
    def pace(self) -> float | None:
        """Records a second at most; 0 for none at all, None for as many as can be."""
        return self._pace

    def set(self, pace: float | None) -> None:
        """Go on at another pace; the first slice of it is due now."""
        with self._lock:
            self._pace = pace
            self._due = self._clock()
            self._left = self._slice()

    @property
    def due(self) -> int | None:
        """How many records may be taken now; None for as many as there are."""
        with self._lock:
            if self._pace is None:
                return None
            return self._left if self._clock() >= self._due else 0

    @property
    def wait(self) -> float | None:
        """Seconds until records are due, 0 where some are; None for never at this pace."""
        with self._lock:
            if self._pace is None:
                return 0.0
            return max(self._due - self._clock(), 0.0) if self._pace else None

    def took(self, records: int) -> None:
        """So many of them were taken."""
        with self._lock:
            self._left -= records
            if self._pace and self._left <= 0:
                self._left = self._slice()
                # What came late is made up for by one slice, and not with a flood.
                self._due = max(self._due, self._clock() - SLICE_SECONDS) + self._left / self._pace

    def _slice(self) -> int:
        return math.ceil((self._pace or 0.0) * SLICE_SECONDS)
