"""Rates over the last minutes, for pane headers, sparklines and plots."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

HISTORY = 600
GLANCE_SECONDS = 30
"""The newest seconds of a history, shown beside the current rate."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """Records per second, now and before."""

    per_second: float = 0.0
    """Over the last second or two."""
    history: tuple[float, ...] = ()
    """Records per second of the last ten minutes, oldest first."""
    until: int = 0
    """The second after the last one in `history`, by a clock that all share."""

    @property
    def at_rest(self) -> bool:
        """Whether nothing came in the last `GLANCE_SECONDS`."""
        return not self.per_second and not any(self.history[-GLANCE_SECONDS:])


NO_RECORDS = Throughput()


class RateMeter:
    """Counts records by the second. Not locked: its owner is."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._second = int(clock())
        self._count = 0
        self._history: deque[float] = deque(maxlen=HISTORY)
        self._past: tuple[float, ...] = ()
        """The history as a tuple, for snapshots many times per second."""

    def add(self, count: int, now: float | None = None) -> None:
        """Count records that came now; meters that count the same ones share `now`."""
        self._advance(self._clock() if now is None else now)
        self._count += count

    def throughput(self, now: float | None = None) -> Throughput:
        """The rate now, over a sliding second, and the seconds before; meters that are compared share it."""
        now = self._clock() if now is None else now
        self._advance(now)
        last = self._history[-1] if self._history else 0.0
        return Throughput(self._count + last * (1 - now % 1), self._past, self._second)

    def _advance(self, now: float) -> None:
        passed = int(now) - self._second
        # Another thread may have come first with a later time: what is late counts for its second.
        if passed > 0:
            self._history.append(self._count)
            self._history.extend([0.0] * min(passed - 1, HISTORY))
            self._second, self._count = int(now), 0
            self._past = tuple(self._history)
