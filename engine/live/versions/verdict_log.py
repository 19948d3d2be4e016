"""The verdicts of one version on the rows of a window."""

import numpy as np

from engine.records.verdict_arrays import VerdictArray
from engine.records.verdicts import Verdict


class VerdictLog:
    """A byte a row, for consecutive rows; grows at its end and is trimmed at its start."""

    def __init__(self, first_row: int) -> None:
        self.first_row = first_row
        self._bytes = np.empty(4_096, np.uint8)
        self._count = 0

    @property
    def end_row(self) -> int:
        return self.first_row + self._count

    def append(self, row: int, verdicts: VerdictArray) -> None:
        """Add the verdicts on `row` and the rows after it; rows passed over stay PENDING."""
        start = row - self.first_row
        end = start + len(verdicts)
        if end > len(self._bytes):
            grown = np.empty(max(end, 2 * len(self._bytes)), np.uint8)
            grown[: self._count] = self._bytes[: self._count]
            self._bytes = grown
        self._bytes[self._count : start] = Verdict.PENDING
        self._bytes[start:end] = verdicts
        self._count = end

    def trim(self, first_row: int) -> None:
        drop = min(first_row - self.first_row, self._count)
        if drop > 0:
            self._bytes[: self._count - drop] = self._bytes[drop : self._count]
            self._count -= drop
            self.first_row += drop

    def snapshot(self) -> VerdictArray:
        """A copy of the verdicts, from `first_row` on."""
        return self._bytes[: self._count].copy()
