"""Rates over the last half minute, for heads and sparklines."""

import time
from collections import deque
from collections.abc import Callable

from engine.snapshots import Throughput

HISTORY = 30
"""Whole seconds that are remembered."""


class RateMeter:
    """Counts records by the second. Not locked: its owner is."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._second = int(clock())
        self._count = 0
        self._history: deque[float] = deque(maxlen=HISTORY)

    def add(self, count: int) -> None:
        """Count records that came now."""
        self._advance(self._clock())
        self._count += count

    def throughput(self) -> Throughput:
        """The rate now, over a sliding second, and the seconds before."""
        now = self._clock()
        self._advance(now)
        last = self._history[-1] if self._history else 0.0
        return Throughput(self._count + last * (1 - now % 1), tuple(self._history))

    def _advance(self, now: float) -> None:
        passed = int(now) - self._second
        if passed:
            self._history.append(self._count)
            self._history.extend([0.0] * min(passed - 1, HISTORY))
            self._second, self._count = int(now), 0
