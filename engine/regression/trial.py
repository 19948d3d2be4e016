"""Trying a SmartStream on records one at a time, to see what it says of each and what that costs."""

from dataclasses import dataclass

from engine.records.batch import Batch, Record, record_batch
from engine.records.faults import Fault
from engine.records.transform import Transform
from engine.records.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Case:
    """A record, and what a SmartStream is expected to say of it, where that is known."""

    record: Record
    expected: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What a SmartStream said of a case."""

    case: Case
    verdict: Verdict
    fault: Fault | None
    """Why the record could not be evaluated, where it could not."""
    printed: tuple[str, ...]
    """Lines that the SmartStream printed."""
    seconds: float
    """The cost, that of a call included: in a batch, that is spread over all its records."""
    lost: int = 0
    """Lines that it printed beyond what there is room for."""

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the expected one; where none is expected, whether it is no fault."""
        if self.case.expected is None:
            return self.verdict in (Verdict.PASS, Verdict.DROP)
        return self.verdict is self.case.expected


def try_case(smartstream: Transform, case: Case) -> Trial:
    """Evaluate one record; `ContractError` where the SmartStream breaks its contract."""
    record = case.record
    batch = Batch.consecutive(
        record.partition,
        record.offset,
        record_batch(
            [record.value],
            keys=[record.key],
            timestamps=record.timestamp,
            headers=[record.headers] if record.headers else None,
        ),
    )
    evaluation = smartstream.evaluate(batch)
    return Trial(
        case,
        Verdict(evaluation.verdicts[0]),
        evaluation.faults[0] if evaluation.faults else None,
        tuple(output.text for output in evaluation.printed),
        evaluation.seconds,
        evaluation.lost_lines,
    )
