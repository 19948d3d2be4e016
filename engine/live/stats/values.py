"""The newest value of a SmartStream that makes numbers, second by second, for plots."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, nan

from engine.live.stats.rates import HISTORY
from engine.records.batch import Batch
from engine.records.evaluation import Evaluation
from engine.records.outputs import Produced

LONGEST = 64
"""Bytes of a number: longer values are none."""


@dataclass(frozen=True, slots=True)
class ValueHistory:
    """The value at the end of each second; not a number before the first."""

    history: tuple[float, ...] = ()
    """Oldest first."""
    until: int = 0
    """The second after the last one in `history`, by the clock of `Throughput.until`."""


NO_VALUES = ValueHistory()


class ValueMeter:
    """Keeps the last output of each second. Not locked: its owner is.

    Of several partitions it is the first one that has an output: each has a running value of its own.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._second = int(clock())
        self._value = nan
        self._partition: int | None = None
        self._history: deque[float] = deque(maxlen=HISTORY)

    def add(self, batch: Batch, evaluation: Evaluation) -> None:
        """Note the last output of an evaluation, if that is a number."""
        outputs = evaluation.outputs
        if not isinstance(outputs, Produced) or not len(outputs.sources):
            return
        if self._partition is None:
            self._partition = batch.partition
        if batch.partition == self._partition:
            self._advance()
            self._value = number_in(outputs.produced.column(1)[-1].as_py())

    def values(self) -> ValueHistory:
        """Up to now; `NO_VALUES` if none was a number."""
        if self._partition is None:
            return NO_VALUES
        self._advance()
        return ValueHistory((*self._history, self._value), self._second + 1)

    def _advance(self) -> None:
        passed = int(self._clock()) - self._second
        self._history.extend([self._value] * min(passed, HISTORY))
        self._second += passed


def number_in(value: bytes | None) -> float:
    """The number that a value is; not a number if it is none."""
    try:
        found = nan if value is None or len(value) > LONGEST else float(value)
    except ValueError:
        return nan
    return found if isfinite(found) else nan
