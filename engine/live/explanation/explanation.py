"""What is asked about a record, and the answer, as data."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.live.explanation.trace import StepTrace, TracedStep
from engine.records.batch import Record


@dataclass(frozen=True, slots=True)
class Question:
    """A record, and the versions that evaluate it now: an answer is good for these alone."""

    row: int
    record: Record
    versions: tuple[tuple[int, int], ...]
    """By consumer."""


@dataclass(frozen=True, kw_only=True)
class Inquiry:
    """What a consumer has for one record."""

    consumer: int
    steps: Sequence[TracedStep]
    """Of the version that is shown."""
    earlier: Sequence[tuple[int, TracedStep]] = ()
    """The other builds that are kept, newest first; none of a chain."""


@dataclass(frozen=True, kw_only=True)
class Reasons:
    """Why one consumer has the verdict that it has."""

    consumer: int
    steps: tuple[StepTrace, ...]
    """Of a chain, up to the one that ended the record."""
    earlier: tuple[tuple[int, StepTrace], ...] = ()
    """What other kept builds make of the record, newest first; those that were evaluated so far."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The answer, which grows while it is worked on."""

    question: Question
    reasons: tuple[Reasons, ...] = ()
    complete: bool = False
    problem: str = ""
    """Why there is no more of it."""

    def of(self, consumer: int) -> Reasons | None:
        return next((one for one in self.reasons if one.consumer == consumer), None)
