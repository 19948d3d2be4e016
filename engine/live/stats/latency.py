"""Percentiles of the cost per record, from a histogram of a few hundred numbers."""

import math

import numpy as np

_STEPS = 16
"""Steps per power of two: costs are exact to about 4 %."""
_POWERS = 40
"""Of nanoseconds, 18 minutes: what costs more is counted there."""


class Costs:
    """Counts records by cost. Not locked: its owner is."""

    def __init__(self) -> None:
        self._records = np.zeros(_STEPS * _POWERS, np.int64)
        """By the logarithm of the cost in nanoseconds."""

    def add(self, seconds: float, records: int) -> None:
        """Count records that were evaluated together, each at the same cost."""
        if records:
            step = round(math.log2(max(seconds / records * 1e9, 1)) * _STEPS)
            self._records[min(step, len(self._records) - 1)] += records

    def percentile(self, share: float) -> float | None:
        """Seconds that a share of the records (0 to 1) took at most each; None without records."""
        # Several per snapshot: 5 µs each, and not 80 for going through the numbers.
        up_to = self._records.cumsum()
        if not up_to[-1]:
            return None
        step = up_to.searchsorted(math.ceil(share * int(up_to[-1])))
        return float(2 ** (step / _STEPS) / 1e9)
