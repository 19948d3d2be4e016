"""Pins a record as a test case of a filter, with its present verdict."""

from engine import units
from engine.errors import EngineError
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.records.batch import Record
from engine.records.verdicts import Verdict
from engine.regression.expectations import expectations_of, pin_case
from engine.regression.trial import Case, Outputs
from tui.dashboard.present.signs import VERDICT_WORDS


class PinError(EngineError):
    """The record cannot be a test case of that filter."""


def pin(record: Record, row: int, consumer: ConsumerSnapshot) -> str:
    """Write the test case, and return a message about it; `EngineError` if it cannot be written."""
    if consumer.path is None:
        raise PinError(
            f"{consumer.name} is a stored SmartStream: there is no file of its own to pin to",
            "'fluvio-tui smartstream test --record FILE' writes its test cases",
        )
    if len(consumer.steps) > 1:
        raise PinError(
            f"{consumer.name} is a chain: there is no file of its own to pin to",
            "'fluvio-tui smartstream test FILE.yaml --record FILE' writes its test cases",
        )
    verdict = consumer.verdict(row)
    if verdict is Verdict.PENDING:
        raise PinError(f"{consumer.name} has not evaluated this record yet")
    fault = consumer.faults.get(row)
    file = expectations_of(consumer.path)
    params = consumer.steps[0].params if consumer.steps else {}
    case = Case(record, verdict, outputs=_outputs(consumer, row), params=params)
    cases = pin_case(file, case, fault.message if fault else "")
    return f"pinned as {VERDICT_WORDS[verdict]} in {file}, {units.plural(cases, 'case')}"


def _outputs(consumer: ConsumerSnapshot, row: int) -> Outputs | None:
    """The outputs of a kind that makes records; those of an aggregate depend on the records before."""
    if consumer.outputs is None or consumer.fold is not None:
        return None
    found = consumer.outputs.find(row)
    records = [] if found is None else [found[0].record(index) for index in found[1]]
    return tuple((record.key, record.value) for record in records)
