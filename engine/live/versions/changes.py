"""How the verdicts and outputs of one version differ from those of the version before."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.live.versions.changed_outputs import different_rows, outputs_at
from engine.live.versions.output_log import KeptOutputs
from engine.live.versions.verdict_log import VerdictLog
from engine.records.verdict_arrays import VerdictArray, count, where
from engine.records.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCounts:
    """How many records have another verdict, or other outputs, after a switch."""

    changed: int
    """Faults included."""
    now_pass: int
    now_drop: int
    outputs: int = 0
    """Records that passed before and now, with other outputs."""
    compared: int
    """Records that both versions evaluated."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Results:
    """What one version made of some rows."""

    first_row: int = 0
    """The row of `verdicts[0]`."""
    verdicts: VerdictArray = field(default_factory=lambda: np.zeros(0, np.uint8))
    outputs: KeptOutputs | None = None
    """Of a kind that makes records."""

    @classmethod
    def of(cls, verdicts: VerdictLog, outputs: KeptOutputs | None = None) -> "Results":
        return cls(first_row=verdicts.first_row, verdicts=verdicts.snapshot(), outputs=outputs)

    @property
    def end_row(self) -> int:
        return self.first_row + len(self.verdicts)


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Which of the records that both versions evaluated have another verdict, or other outputs."""

    first_row: int
    """The row of `before[0]`."""
    before: VerdictArray
    """The former verdict of each changed row, faults included; PENDING elsewhere."""
    now_pass: int
    now_drop: int
    compared: int
    """Records that both versions evaluated."""
    outputs: int = 0
    """Records that passed before and now, with other outputs."""
    old: KeptOutputs | None = None
    """The former outputs of changed rows, of a kind that makes records."""

    @classmethod
    def between(cls, old: Results, new: Results) -> "Change":
        old_outputs, new_outputs = old.outputs, new.outputs
        first = max(old.first_row, new.first_row)
        end = max(min(old.end_row, new.end_row), first)
        before = old.verdicts[first - old.first_row : end - old.first_row]
        after = new.verdicts[first - new.first_row : end - new.first_row]
        evaluated = ~(where(before, Verdict.PENDING) | where(after, Verdict.PENDING))
        changed = evaluated & (before != after)
        passed = np.flatnonzero(where(before, Verdict.PASS) & where(after, Verdict.PASS)) + first
        others = passed[:0]
        if old_outputs is not None and new_outputs is not None:
            others = different_rows(old_outputs, new_outputs, passed)
        elif old_outputs is not None or new_outputs is not None:
            # One makes records and the other is a filter.
            others = passed
        changed[others - first] = True
        return cls(
            first,
            np.where(changed, before, np.uint8(Verdict.PENDING)),
            now_pass=int(np.count_nonzero(changed & where(after, Verdict.PASS))) - len(others),
            now_drop=int(np.count_nonzero(changed & where(after, Verdict.DROP))),
            compared=int(np.count_nonzero(evaluated)),
            outputs=len(others),
            old=None if old_outputs is None else outputs_at(old_outputs, np.flatnonzero(changed) + first),
        )

    def __len__(self) -> int:
        return len(self.before) - count(self.before, Verdict.PENDING)

    @property
    def counts(self) -> ChangeCounts:
        return ChangeCounts(
            changed=len(self),
            now_pass=self.now_pass,
            now_drop=self.now_drop,
            outputs=self.outputs,
            compared=self.compared,
        )

    def was(self, row: int) -> Verdict | None:
        """The former verdict of a changed row; None for any other row."""
        index = row - self.first_row
        verdict = self.before[index] if 0 <= index < len(self.before) else Verdict.PENDING
        return None if verdict == Verdict.PENDING else Verdict(verdict)

    def rows(self) -> npt.NDArray[np.intp]:
        return np.flatnonzero(~where(self.before, Verdict.PENDING)) + self.first_row
