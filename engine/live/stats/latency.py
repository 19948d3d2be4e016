"""Percentiles of the cost per record, from a histogram of a few hundred numbers."""

import math
from collections import Counter

_STEPS = 16
"""Steps per power of two: costs are exact to about 4 %."""


class Costs:
    """Counts records by cost. Not locked: its owner is."""

    def __init__(self) -> None:
        self._records: Counter[int] = Counter()
        """By the logarithm of the cost in nanoseconds."""

    def add(self, seconds: float, records: int) -> None:
        """Count records that were evaluated together, each at the same cost."""
        if records:
            nanoseconds = max(seconds / records * 1e9, 1)
            self._records[round(math.log2(nanoseconds) * _STEPS)] += records

    def percentile(self, share: float) -> float | None:
        """Seconds that a share of the records (0 to 1) took at most each; None without records."""
        left = share * self._records.total()
        for step, records in sorted(self._records.items()):
            left -= records
            if left <= 0:
                return float(2 ** (step / _STEPS) / 1e9)
        return None
