"""Runs a SmartStream on single records, for the verdict and cost of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.records.batch import Batch, Record, record_batch
from engine.records.evaluation import Evaluation
from engine.records.faults import Fault
from engine.records.outputs import Selection
from engine.records.transform import Transform
from engine.records.verdicts import Verdict

Outputs = tuple[tuple[bytes | None, bytes | None], ...]
"""The key and the value of each output of a record."""


@dataclass(frozen=True, slots=True)
class Case:
    """A record, and what is expected of it, if anything."""

    record: Record
    expected: Verdict | None = None
    outputs: Outputs | None = None
    """The expected ones; None where only the verdict counts."""
    params: Mapping[str, str] = field(default_factory=dict)
    """What the SmartStream runs with; others where it is empty."""
    accumulator: bytes | None = None
    """What an aggregate continues from; None to continue from the case before."""


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
    outputs: Outputs | None = None
    """None if records pass as they are."""

    @property
    def as_expected(self) -> bool:
        """Whether verdict and outputs are the expected ones; without any, whether there is no fault."""
        if self.case.expected is None:
            return self.verdict in (Verdict.PASS, Verdict.DROP)
        return self.verdict is self.case.expected and self.case.outputs in (None, self.made)

    @property
    def made(self) -> Outputs:
        """The outputs; of a record that passes as it is, that."""
        if self.outputs is not None:
            return self.outputs
        record = self.case.record
        return ((record.key, record.value),) if self.verdict is Verdict.PASS else ()


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
    if case.accumulator is not None:
        smartstream.accumulators[record.partition] = case.accumulator
    evaluation = smartstream.evaluate(batch)
    return Trial(
        case,
        Verdict(evaluation.verdicts[0]),
        evaluation.faults[0] if evaluation.faults else None,
        tuple(output.text for output in evaluation.printed),
        evaluation.seconds,
        evaluation.lost_lines,
        _outputs(evaluation, batch),
    )


def _outputs(evaluation: Evaluation, batch: Batch) -> Outputs | None:
    if isinstance(evaluation.outputs, Selection):
        return None
    records = evaluation.outputs.records(batch.records)
    return tuple(zip(records.column("key").to_pylist(), records.column("value").to_pylist(), strict=True))
