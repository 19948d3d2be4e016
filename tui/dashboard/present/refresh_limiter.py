"""Limits how often something is drawn."""

import time
from collections.abc import Callable


class RefreshLimiter:
    """Says whether something is due to be drawn again."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = 1 / per_second
        self._clock = clock
        self._drawn = float("-inf")

    @property
    def wait(self) -> float:
        """Seconds until it is due; 0 if it is now."""
        return max(self._drawn + self._interval - self._clock(), 0.0)

    @property
    def due(self) -> bool:
        return not self.wait

    def drew(self) -> None:
        self._drawn = self._clock()
