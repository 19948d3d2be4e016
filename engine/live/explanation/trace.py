"""What one step made of one record, and the state that the step began with."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.consumer.module_version import ModuleVersion
from engine.records.batch import Batch, Record
from engine.records.faults import Fault, Read
from engine.records.verdicts import Verdict
from engine.runtime.config import ModuleConfig


@dataclass(frozen=True, kw_only=True)
class TracedStep:
    """A module of one step, and what it continues from."""

    module: ModuleVersion
    config: ModuleConfig
    stored: Sequence[Batch] = ()
    """For its look-back."""
    accumulator: bytes | None = None
    """Of an aggregate, before the record; None if it begins with it, or that is not known."""


@dataclass(frozen=True, kw_only=True)
class StepTrace:
    """What one step did with one record, or with what the steps before made of it."""

    reports_reads: bool = False
    """False for modules that do not say what they read."""
    reads: tuple[Read, ...] = ()
    printed: tuple[str, ...] = ()
    verdict: Verdict = Verdict.PENDING
    """Of its inputs taken together: PASS if there is an output, otherwise that of the last one."""
    fault: Fault | None = None
    outputs: tuple[Record, ...] = ()
    problem: str = ""
    """Why it could not be evaluated."""
