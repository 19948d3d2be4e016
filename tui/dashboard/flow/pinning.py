"""Pins a record as a test case of a filter or a chain, with its current verdict and outputs."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from engine import units
from engine.consumer.chain_file import read_chain_file
from engine.consumer.step import ModuleFile, Step, StoredName
from engine.errors import EngineError
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.versions.fold import accumulator_before
from engine.records.batch import Record
from engine.records.verdicts import Verdict
from engine.regression.expectations import expectations_of, pin_case, pin_cases
from engine.regression.trial import Case, Outputs, Trial
from tui.dashboard.present.signs import VERDICT_WORDS


class PinError(EngineError):
    """The record cannot be a test case of that filter."""


def pin(record: Record, row: int, consumer: ConsumerSnapshot) -> str:
    """Write the test case, and return a message about it; `EngineError` if it cannot be written."""
    file = expectations_of(_described_by(consumer))
    case, message = _case(record, row, consumer)
    cases = pin_case(file, case, message)
    return f"pinned as {VERDICT_WORDS[consumer.verdict(row)]} in {file}, {units.plural(cases, 'case')}"


def pin_several(records: Sequence[tuple[Record, int]], consumer: ConsumerSnapshot) -> str:
    """As `pin`, for records with their rows."""
    file = expectations_of(_described_by(consumer))
    cases = pin_cases(file, [_case(record, row, consumer) for record, row in records])
    return f"{units.plural(len(records), 'record')} pinned in {file}, {units.plural(cases, 'case')}"


def accept(trials: Sequence[Trial], file: Path) -> str:
    """Expect in a file what was made of its cases, and return a message about it; as `pin`."""
    accepted = [
        (
            replace(
                trial.case,
                expected=trial.verdict,
                outputs=None if trial.case.outputs is None else trial.made,
            ),
            trial.fault.message if trial.fault else "",
        )
        for trial in trials
    ]
    pin_cases(file, accepted)
    return f"{units.plural(len(trials), 'case')} of {file} changed to what is now"


def _case(record: Record, row: int, consumer: ConsumerSnapshot) -> tuple[Case, str]:
    verdict = consumer.verdict(row)
    if verdict is Verdict.PENDING:
        raise PinError(f"{consumer.name} has not evaluated this record yet")
    fault = consumer.faults.get(row)
    single = consumer.steps[0] if len(consumer.steps) == 1 else None
    folds = consumer.fold is not None and single is not None
    case = Case(
        record,
        verdict,
        outputs=_outputs(consumer, row),
        params={} if single is None else single.params,
        accumulator=_accumulator(consumer, record, row) if folds else None,
    )
    return case, fault.message if fault else ""


def _described_by(consumer: ConsumerSnapshot) -> Path:
    """The source file of a SmartStream, or the transforms file of a chain."""
    if len(consumer.steps) > 1:
        return _chain_of(consumer)
    source = consumer.steps[0].source if consumer.steps else None
    if isinstance(source, ModuleFile):
        return source.path
    if consumer.path is None:
        raise PinError(
            f"{consumer.name} has no source file to pin to",
            "'fluvio-tui smartstream test --record FILE' writes its test cases",
        )
    return consumer.path


def _chain_of(consumer: ConsumerSnapshot) -> Path:
    chain = consumer.steps[0].chain
    if chain is None:
        raise PinError(
            f"{consumer.name} has no transforms file to pin to",
            "write its steps into a file, and open that with 'fluvio-tui watch --chain FILE.yaml'",
        )
    try:
        described = read_chain_file(chain)
    except OSError as error:
        raise PinError(f"cannot read {chain}: {error.strerror or error}") from error
    if _settings(described) != _settings(consumer.steps):
        raise PinError(
            f"{consumer.name} runs with other steps or parameters than {chain} has",
            "write these into the file, and open it again",
        )
    return chain


def _settings(steps: Sequence[Step]) -> list[tuple[object, ...]]:
    return [
        (
            step.source.name if isinstance(step.source, StoredName) else step.source.path.absolute(),
            dict(step.params),
            step.look_back,
            step.aggregate_initial,
        )
        for step in steps
    ]


def _accumulator(consumer: ConsumerSnapshot, record: Record, row: int) -> bytes:
    assert consumer.fold is not None
    if consumer.fold.offsets.get(record.partition) == record.offset:
        return consumer.steps[0].aggregate_initial
    found = accumulator_before(consumer.outputs, record.partition, row)
    if found is None:
        raise PinError(
            f"{consumer.name}: the accumulator before this record is no longer kept",
            "pin a newer record",
        )
    return found


def _outputs(consumer: ConsumerSnapshot, row: int) -> Outputs | None:
    """The outputs of a kind that makes records; those of a chain with an aggregate depend on others."""
    if consumer.outputs is None or (consumer.fold is not None and len(consumer.steps) > 1):
        return None
    found = consumer.outputs.find(row)
    records = [] if found is None else [found[0].record(index) for index in found[1]]
    return tuple((record.key, record.value) for record in records)


def expectations_beside(consumer: ConsumerSnapshot) -> Path | None:
    """The file that records of a consumer are pinned in; None if there is none."""
    try:
        file = expectations_of(_described_by(consumer))
    except EngineError:
        return None
    return file if file.is_file() else None
