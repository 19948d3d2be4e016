"""How far a filter is behind the stream, if that deserves attention."""

import time
from collections.abc import Callable

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import ConsumerState
from engine.live.window.snapshot import WindowSnapshot
from tui.dashboard.present.panes import throttled_numbers
from tui.dashboard.present.refresh_limiter import RefreshLimiter

PATIENCE = 1.0
"""Seconds that a row may wait to be evaluated. A filter that keeps up is always a few rows behind."""
LEAST_ROWS = 1_000
"""Rows that count as behind without that patience, if they are half the window."""


class Backlog:
    """Watches one consumer; its number changes as rarely as other `throttled_numbers`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._limiter = RefreshLimiter(throttled_numbers.READINGS_PER_SECOND, clock)
        self._mark: tuple[int, float] | None = None
        """A row that waits to be evaluated, and since when."""
        self._read = 0

    def observe(self, consumer: ConsumerSnapshot, window: WindowSnapshot) -> int:
        """The rows still to evaluate; 0 if they are too few or too new to mention.

        With a rate limit all of them count: the user asked for them.
        """
        pending = to_evaluate(consumer, window)
        evaluated_end = window.end_row - pending
        if self._mark is None or evaluated_end >= self._mark[0]:
            self._mark = (window.end_row, self._clock()) if pending else None
        late = self._mark is not None and self._clock() - self._mark[1] > PATIENCE
        limited = consumer.rate_limit is not None
        behind = pending if limited or late or pending > max(LEAST_ROWS, len(window) // 2) else 0
        if self._limiter.due or not (behind or limited):
            self._limiter.drew()
            self._read = behind
        return self._read


def to_evaluate(consumer: ConsumerSnapshot, window: WindowSnapshot) -> int:
    """The rows of a window that a running consumer has not evaluated yet."""
    if not consumer.version or consumer.state is ConsumerState.STOPPED:
        return 0
    return max(window.end_row - max(consumer.position, window.first_row), 0)
