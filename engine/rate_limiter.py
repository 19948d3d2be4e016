"""Limits a stream of records to a rate."""

import math
import threading
import time
from collections.abc import Callable

SLICE_SECONDS = 0.05
"""Records that are due within this are taken together, so there are at most 20 waits per second."""


class RateLimiter:
    """Says how many records are due, evenly over time. Any thread may ask."""

    def __init__(self, per_second: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.set(per_second)

    @property
    def per_second(self) -> float | None:
        """Records per second at most: 0 for none at all, None for no limit."""
        return self._per_second

    def set(self, per_second: float | None) -> None:
        """Change the rate; its first slice is due now."""
        with self._lock:
            self._per_second = per_second
            self._due_at = self._clock()
            self._left = self._slice()

    @property
    def due(self) -> int | None:
        """How many records may be taken now; None for no limit."""
        with self._lock:
            if self._per_second is None:
                return None
            return self._left if self._clock() >= self._due_at else 0

    @property
    def wait(self) -> float | None:
        """Seconds until records are due, 0 if some are; None for never at this rate."""
        with self._lock:
            if self._per_second is None:
                return 0.0
            return max(self._due_at - self._clock(), 0.0) if self._per_second else None

    def take(self, records: int) -> None:
        with self._lock:
            self._left -= records
            if self._per_second and self._left <= 0:
                self._left = self._slice()
                # After a delay, one slice is made up for, so there is no flood.
                earliest = self._clock() - SLICE_SECONDS
                self._due_at = max(self._due_at, earliest) + self._left / self._per_second

    def _slice(self) -> int:
        """Records of one slice, at least one at any rate above 0."""
        return math.ceil((self._per_second or 0.0) * SLICE_SECONDS)
