"""Holds records back to a rate."""

import time
from collections.abc import Callable, Iterator

from engine.producer.sources.record_makers import Made

TICK_SECONDS = 0.05
"""Records that are due within this go together."""


class Pacer:
    """Hands records on at most so many a second, evenly."""

    def __init__(self, rate: float, pause: Callable[[float], bool]) -> None:
        """`rate` is in records a second; `pause` waits so many seconds, and says whether to go on."""
        self._rate = rate
        self._pause = pause
        self._due = time.monotonic()

    def slices(self, made: Made) -> Iterator[Made]:
        """The records in slices, each when it is due; none any more once `pause` says so."""
        step = max(1, int(self._rate * TICK_SECONDS))
        for start in range(0, made.records.num_rows, step):
            if not self._pause(max(0.0, self._due - time.monotonic())):
                return
            records = made.records.slice(start, step)
            wanted = None if made.partitions is None else made.partitions[start : start + step]
            yield Made(records, wanted)
            # What came late is not made up for with a flood.
            self._due = max(self._due, time.monotonic() - TICK_SECONDS) + records.num_rows / self._rate
