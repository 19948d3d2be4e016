"""The verdicts of one version on the rows of a window."""

import numpy as np

from engine.records.verdicts import Verdict, VerdictArray


class VerdictLog:
    """A byte a row, for consecutive rows; grows at its end and is trimmed at its start."""

    def __init__(self, first_row: int) -> None:
        self.first_row = first_row
        self._bytes = np.empty(4_096, np.uint8)
        self._count = 0

    @property
    def end_row(self) -> int:
        """The row after the last one evaluated."""
        return self.first_row + self._count

    def append(self, row: int, verdicts: VerdictArray) -> None:
        """Add the verdicts on `row` and the rows after it; rows passed over stay PENDING."""
        gap = row - self.end_row
        self._reserve(gap + len(verdicts))
        self._bytes[self._count : self._count + gap] = Verdict.PENDING
        self._bytes[self._count + gap : self._count + gap + len(verdicts)] = verdicts
        self._count += gap + len(verdicts)

    def trim(self, first_row: int) -> None:
        """Forget the rows before `first_row`."""
        drop = min(first_row - self.first_row, self._count)
        if drop > 0:
            self._bytes[: self._count - drop] = self._bytes[drop : self._count]
            self._count -= drop
            self.first_row += drop

    def snapshot(self) -> VerdictArray:
        """A copy of the verdicts, from `first_row` on."""
        return self._bytes[: self._count].copy()

    def _reserve(self, more: int) -> None:
        needed = self._count + more
        if needed > len(self._bytes):
            grown = np.empty(max(needed, 2 * len(self._bytes)), np.uint8)
            grown[: self._count] = self._bytes[: self._count]
            self._bytes = grown
