"""Where in a window a consumer evaluates, and how fast."""

import math

from engine.live.window.snapshot import Chunk
from engine.live.window.window import Window
from engine.rate_limiter import RateLimiter


class EvaluationCursor:
    """Finds the records to evaluate next. Belongs to the evaluating thread, but for the rate limit."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.limiter = RateLimiter()
        self._first_row = 0
        self._catch_up_row = 0
        """Rows below this were evaluated by the version before: the running one does so without a limit."""

    @property
    def first_row(self) -> int:
        return max(self._first_row, self._window.first_row)

    @property
    def replay_end(self) -> int:
        """The row that a version evaluates up to without a limit, before it is shown."""
        return self._window.end_row if self.limiter.per_second is None else self._catch_up_row

    def catch_up(self, end_row: int) -> None:
        """Another version follows one that had evaluated up to `end_row`."""
        self._catch_up_row = max(self._catch_up_row, end_row)

    def seek(self, row: int) -> None:
        self._first_row = self._catch_up_row = min(row, self._window.end_row)

    def evaluates_in(self, row: int) -> float:
        """Seconds until there is something to evaluate from `row` on; infinity if that is unknown."""
        row = max(row, self._window.first_row)
        if row >= self._window.end_row:
            return math.inf
        wait = 0.0 if row < self._catch_up_row else self.limiter.wait
        return math.inf if wait is None else wait

    def chunk(self, row: int) -> Chunk | None:
        chunk = next(self._window.snapshot().batches(row), None)
        if chunk is None:
            return None
        due = self.limiter.due
        if due is not None and chunk.first_row < self._catch_up_row:
            due = self._catch_up_row - chunk.first_row
        return chunk if due is None else chunk.first(due)

    def evaluated(self, chunk: Chunk, records: int) -> None:
        if chunk.first_row >= self._catch_up_row:
            self.limiter.take(records)

    def skipped(self, row: int, until: int) -> int:
        """Records from `row` to before `until` that newer ones pushed out of the window.

        Those that a replay dropped are read again.
        """
        return max(until - max(row, self._window.cleared_row), 0)

    def held_back(self, row: int) -> int:
        """Records from `row` on that were skipped because of the rate limit."""
        return 0 if self.limiter.per_second is None else self.skipped(row, self._window.first_row)
