"""How the verdicts of one version differ from those of the version before."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.live.evaluation.verdict_log import VerdictLog
from engine.records.verdict_arrays import VerdictArray
from engine.records.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How many records have another verdict after a switch."""

    changed: int
    """Faults included."""
    now_pass: int
    now_drop: int
    compared: int
    """Records that both versions evaluated."""


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Which of the records that both versions evaluated have another verdict."""

    first_row: int
    """The row of `before[0]`."""
    before: VerdictArray
    """The former verdict of each row with another verdict now, faults included; PENDING elsewhere."""
    now_pass: int
    now_drop: int
    compared: int
    """Records that both versions evaluated."""

    @classmethod
    def between(cls, old: VerdictLog, new: VerdictLog) -> "Change":
        first = max(old.first_row, new.first_row)
        end = max(min(old.end_row, new.end_row), first)
        before = old.snapshot()[first - old.first_row : end - old.first_row]
        after = new.snapshot()[first - new.first_row : end - new.first_row]
        evaluated = (before != Verdict.PENDING) & (after != Verdict.PENDING)
        changed = evaluated & (before != after)
        return cls(
            first,
            np.where(changed, before, np.uint8(Verdict.PENDING)),
            now_pass=int(np.count_nonzero(changed & (after == Verdict.PASS))),
            now_drop=int(np.count_nonzero(changed & (after == Verdict.DROP))),
            compared=int(np.count_nonzero(evaluated)),
        )

    def __len__(self) -> int:
        return int(np.count_nonzero(self.before != Verdict.PENDING))

    @property
    def difference(self) -> Difference:
        return Difference(
            changed=len(self), now_pass=self.now_pass, now_drop=self.now_drop, compared=self.compared
        )

    def was(self, row: int) -> Verdict | None:
        """The former verdict of a row with another verdict now; None for any other row."""
        index = row - self.first_row
        verdict = self.before[index] if 0 <= index < len(self.before) else Verdict.PENDING
        return None if verdict == Verdict.PENDING else Verdict(verdict)

    def rows(self) -> npt.NDArray[np.intp]:
        return np.flatnonzero(self.before != Verdict.PENDING) + self.first_row
