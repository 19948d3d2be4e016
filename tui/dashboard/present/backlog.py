"""How far a filter is behind the stream, said only where it deserves a person's attention."""

import time
from collections.abc import Callable

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import ConsumerState
from engine.live.window.snapshot import WindowSnapshot
from tui.dashboard.present import throttled_numbers
from tui.dashboard.present.refresh_limiter import RefreshLimiter

PATIENCE = 1.0
"""Seconds that a row may wait to be evaluated. A filter that keeps up is always a few rows behind."""
LEAST_ROWS = 1_000
"""Rows to be behind before it is said without that patience, and then only where they are half the window."""


class Backlog:
    """Watches one consumer; its number changes as seldom as other throttled_numbers."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pace = RefreshLimiter(throttled_numbers.READINGS_PER_SECOND, clock)
        self._mark: tuple[int, float] | None = None
        """A row that was there to be evaluated at a time, and is not evaluated yet."""
        self._read = 0

    def observe(self, consumer: ConsumerSnapshot, window: WindowSnapshot) -> int:
        """The rows still to evaluate; 0 where they are too few or too new to be worth a word.

        Where a pace holds the filter back, all of them are: they are what a person asked for.
        """
        pending = to_evaluate(consumer, window)
        evaluated_end = window.end_row - pending
        if self._mark is None or evaluated_end >= self._mark[0]:
            self._mark = (window.end_row, self._clock()) if pending else None
        late = self._mark is not None and self._clock() - self._mark[1] > PATIENCE
        paced = consumer.rate_limit is not None
        behind = pending if paced or late or pending > max(LEAST_ROWS, len(window) // 2) else 0
        if self._pace.due or not (behind or paced):
            self._pace.drew()
            self._read = behind
        return self._read


def to_evaluate(consumer: ConsumerSnapshot, window: WindowSnapshot) -> int:
    """The rows of a window that a consumer at work has not come to yet."""
    if not consumer.version or consumer.state is ConsumerState.STOPPED:
        return 0
    return max(window.end_row - max(consumer.position, window.first_row), 0)
