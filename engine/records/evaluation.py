"""What a SmartStream or a chain made of a batch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Required, TypedDict, Unpack

import numpy as np

from engine.records.faults import Fault, PrintedLine
from engine.records.outputs import Indices, Outputs, Produced, Selection, composed, joined_outputs
from engine.records.verdict_arrays import StatusArray, StepArray, VerdictArray
from engine.records.verdicts import Status, Verdict

# As plain numbers: NumPy converts a whole array to 64 bits to compare it with an enum, six times the cost.
_OK, _DROP, _PASS = int(Status.OK), int(Verdict.DROP), int(Verdict.PASS)


class Parts(TypedDict, total=False):
    """The fields of an `Evaluation` that do not depend on the kind."""

    evaluated: Required[int]
    faults: Sequence[Fault]
    printed: tuple[PrintedLine, ...]
    seconds: float
    lost_lines: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """A status per input record, and outputs."""

    status: StatusArray
    """One per input; PENDING from `evaluated` on."""
    outputs: Outputs
    faults: Sequence[Fault] = ()
    """Of inputs whose status is ERROR, TRAP or TIMEOUT; in their order."""
    printed: tuple[PrintedLine, ...] = ()
    evaluated: int
    """Leading inputs that have a status other than PENDING."""
    seconds: float = 0.0
    """Wall time of the evaluation, copies included."""
    lost_lines: int = 0
    """Texts and printed lines for which the SmartStream had no room."""
    version: int = 1
    steps: int = 1
    """How many steps evaluated the inputs."""
    step: StepArray | None = None
    """Of a chain, per input that is not pending: see `ended_at`. None for a single step."""
    between: tuple[Outputs, ...] = ()
    """Of a chain that keeps them: the outputs after each step but the last."""

    @classmethod
    def of_filter(cls, verdicts: VerdictArray, **parts: Unpack[Parts]) -> "Evaluation":
        """What a filter's verdict bytes say."""
        return cls.of_results(verdicts, None, **parts)

    @classmethod
    def of_results(
        cls, verdicts: VerdictArray, made: Produced | None, **parts: Unpack[Parts]
    ) -> "Evaluation":
        """What the verdict bytes say, and what was made of inputs that pass, unless they pass as they are."""
        outputs = made or Selection(verdicts == _PASS)
        # DROP (0) and PASS (1) are both OK (1), the other bytes are the same.
        return cls(status=verdicts | (verdicts == _DROP).view(np.uint8), outputs=outputs, **parts)

    @classmethod
    def pending(cls, count: int) -> "Evaluation":
        """Nothing evaluated yet of `count` records."""
        return cls.of_filter(np.full(count, Verdict.PENDING, np.uint8), evaluated=0)

    def __len__(self) -> int:
        return len(self.status)

    @cached_property
    def verdicts(self) -> VerdictArray:
        without = (self.status == _OK) & ~self.outputs.has_output(len(self))
        verdicts: VerdictArray = self.status ^ without.view(np.uint8)
        return verdicts

    @property
    def ended_at(self) -> StepArray:
        """Per input, the step that dropped it or failed on it; `steps` if an output came through."""
        if self.step is not None:
            return self.step
        passed: StepArray = ((self.status == _OK) & self.outputs.has_output(len(self))).view(np.uint8)
        return passed

    def head(self, count: int) -> "Evaluation":
        """What was made of the first `count` inputs."""
        if count >= len(self):
            return self
        return replace(
            self,
            status=self.status[:count],
            outputs=self.outputs.head(count),
            faults=tuple(fault for fault in self.faults if fault.index < count),
            printed=tuple(line for line in self.printed if line.index < count),
            evaluated=min(self.evaluated, count),
            step=None if self.step is None else self.step[:count],
            between=tuple(outputs.head(count) for outputs in self.between),
        )

    def concat(self, following: "Evaluation") -> "Evaluation":
        """This and the evaluation of the batch directly after it, as one."""
        if not len(self) or not len(following):
            return self if len(self) else following
        count = len(self)
        chain = self.step is not None or following.step is not None
        return replace(
            self,
            status=np.concatenate([self.status, following.status]),
            outputs=joined_outputs(self.outputs, following.outputs, count),
            faults=(*self.faults, *(replace(f, index=f.index + count) for f in following.faults)),
            printed=self.printed + tuple(replace(p, index=p.index + count) for p in following.printed),
            evaluated=self.evaluated + (following.evaluated if self.evaluated == count else 0),
            seconds=self.seconds + following.seconds,
            lost_lines=self.lost_lines + following.lost_lines,
            steps=max(self.steps, following.steps),
            step=np.concatenate([self.ended_at, following.ended_at]) if chain else None,
            between=_joined_between(self, following),
        )

    def then(self, following: "Evaluation") -> "Evaluation":
        """Two steps as one: `following` evaluated this one's outputs.

        An input that failed in neither has the status of its first output that is not OK. Inputs from the
        first one with a pending output on are pending.
        """
        source = self.outputs.source
        evaluated = self.evaluated
        if following.evaluated < len(following):
            evaluated = min(evaluated, int(source[following.evaluated]))
        complete = int(np.searchsorted(source, evaluated))
        first, second = self.head(evaluated), following.head(complete)
        status, step = _then(first, second, source[:complete])
        pending = len(self) - evaluated
        faults = (replace(f, index=int(source[f.index]), step=f.step + self.steps) for f in second.faults)
        printed = (replace(line, index=int(source[line.index])) for line in second.printed)
        return replace(
            self,
            status=np.append(status, np.full(pending, Status.PENDING, np.uint8)),
            outputs=composed(self.outputs, second.outputs, len(self)),
            faults=tuple(sorted([*first.faults, *faults], key=lambda fault: fault.index)),
            printed=tuple(sorted([*first.printed, *printed], key=lambda line: line.index)),
            evaluated=evaluated,
            seconds=self.seconds + following.seconds,
            lost_lines=self.lost_lines + following.lost_lines,
            steps=self.steps + following.steps,
            step=np.append(step, np.zeros(pending, np.uint8)),
        )


def _joined_between(first: Evaluation, second: Evaluation) -> tuple[Outputs, ...]:
    count = max(len(first.between), len(second.between))
    whole = (one.between or count * (Selection(np.zeros(len(one), np.bool_)),) for one in (first, second))
    return tuple(joined_outputs(a, b, len(first)) for a, b in zip(*whole, strict=True))


def _then(first: Evaluation, second: Evaluation, source: Indices) -> tuple[StatusArray, StepArray]:
    """The status of each input after a second step, and the step at which it ended.

    `source` has the input of each record that `second` evaluated.
    """
    status, step = first.status.copy(), first.ended_at.copy()
    if not len(source):
        return status, step
    ended_at = second.ended_at + np.uint8(first.steps)
    went_on = first.status[source] == _OK
    inputs, farthest, counts = source, ended_at, went_on
    starts = np.flatnonzero(np.diff(source, prepend=-1))
    if len(starts) < len(source):
        # The output of an input that got farthest counts.
        inputs, farthest, counts = source[starts], np.maximum.reduceat(ended_at, starts), went_on[starts]
    # An earlier failure stays.
    if counts.all():
        step[inputs] = farthest
    else:
        step[inputs[counts]] = farthest[counts]
    # In reverse, so that the first output of an input wins.
    failed = np.flatnonzero((second.status != _OK) & went_on)[::-1]
    status[source[failed]] = second.status[failed]
    step[source[failed]] = ended_at[failed]
    return status, step
