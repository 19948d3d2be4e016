"""Where in a window a consumer evaluates, and how fast."""

import math

from engine.live.window.snapshot import Chunk
from engine.live.window.window import Window
from engine.rate_limiter import RateLimiter


class EvaluationCursor:
    """Finds the records to evaluate next. Belongs to the evaluating thread, but for the rate limit."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._limiter = RateLimiter()
        self._first_row = 0
        self._catch_up_row = 0
        """Rows below this were evaluated by the version before: the running one does so without a limit."""

    @property
    def rate_limit(self) -> float | None:
        """Records per second at most: 0 while it is held, None for no limit."""
        return self._limiter.per_second

    @rate_limit.setter
    def rate_limit(self, per_second: float | None) -> None:
        self._limiter.set(per_second)

    @property
    def first_row(self) -> int:
        """The row that a version begins at."""
        return max(self._first_row, self._window.first_row)

    @property
    def replay_end(self) -> int:
        """The row that a version evaluates up to without a limit, before it is shown."""
        return self._window.end_row if self.rate_limit is None else self._catch_up_row

    def catch_up(self, end_row: int) -> None:
        """Another version follows one that had evaluated up to `end_row`."""
        self._catch_up_row = max(self._catch_up_row, end_row)

    def seek(self, row: int) -> None:
        """Begin at a row, as if nothing had been evaluated."""
        self._first_row = self._catch_up_row = min(row, self._window.end_row)

    def evaluates_in(self, row: int) -> float:
        """Seconds until there is something to evaluate from `row` on; infinity if that is unknown."""
        row = max(row, self._window.first_row)
        if row >= self._window.end_row:
            return math.inf
        wait = 0.0 if row < self._catch_up_row else self._limiter.wait
        return math.inf if wait is None else wait

    def chunk(self, row: int) -> Chunk | None:
        """The records to evaluate now, from `row` on."""
        chunk = next(self._window.snapshot().batches(row), None)
        if chunk is None:
            return None
        due = self._limiter.due
        if due is not None and chunk.first_row < self._catch_up_row:
            due = self._catch_up_row - chunk.first_row
        return chunk if due is None else chunk.first(due)

    def evaluated(self, chunk: Chunk, records: int) -> None:
        """Count the first records of a chunk."""
        if chunk.first_row >= self._catch_up_row:
            self._limiter.take(records)

    def passed_over(self, row: int) -> int:
        """Records after `row` that left the window while the rate limit held them back."""
        return 0 if self.rate_limit is None else max(self._window.first_row - row, 0)
