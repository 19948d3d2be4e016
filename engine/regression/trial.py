"""Runs a SmartStream on single records, for the verdict and cost of each."""

from dataclasses import dataclass

from engine.records.batch import Batch, Record, record_batch
from engine.records.faults import Fault
from engine.records.transform import Transform
from engine.records.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Case:
    """A record, and its expected verdict, if any."""

    record: Record
    expected: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What a SmartStream made of a case."""

    case: Case
    verdict: Verdict
    fault: Fault | None
    printed: tuple[str, ...]
    seconds: float
    """The cost, a call included; in a batch, all records share that of the call."""
    lost: int = 0
    """Lines that it printed beyond the limit."""

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the expected one; if none is expected, whether there is no fault."""
        if self.case.expected is None:
            return self.verdict in (Verdict.PASS, Verdict.DROP)
        return self.verdict is self.case.expected


def try_case(smartstream: Transform, case: Case) -> Trial:
    """Evaluate one record; `ContractError` if the SmartStream breaks its contract."""
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
