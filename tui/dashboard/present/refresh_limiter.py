"""Limits how often something is drawn."""

import time
from collections.abc import Callable


class RefreshLimiter:
    """Says whether something is due to be drawn again."""

    def __init__(
        self, per_second: float, clock: Callable[[], float] = time.monotonic, *, at_once: int = 1
    ) -> None:
        """`at_once` are drawn without a wait after a calm."""
        self._interval = 1 / per_second
        self._ahead = self._interval * (at_once - 1)
        self._clock = clock
        self._due = float("-inf")
        """When the next one would be due, were all drawn at equal intervals."""

    @property
    def wait(self) -> float:
        """Seconds until it is due; 0 if it is now."""
        return max(self._due - self._ahead - self._clock(), 0.0)

    @property
    def due(self) -> bool:
        return not self.wait

    def drew(self) -> None:
        """Once it was drawn too often, no more than one interval is owed."""
        now = self._clock()
        self._due = min(max(self._due, now), now + self._ahead) + self._interval
