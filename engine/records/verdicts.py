"""What a SmartStream says of a record, and what it says of a whole batch."""

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import numpy.typing as npt

VerdictArray = npt.NDArray[np.uint8]
"""One `Verdict` a record, as bytes, in record order."""


class Verdict(IntEnum):
    """What a SmartStream said of one record; DROP, PASS and ERROR are the bytes a guest writes."""

    DROP = 0
    PASS = 1
    ERROR = 2
    """It returned `Err`."""
    TRAP = 3
    """It crashed on this record."""
    TIMEOUT = 4
    """It took longer than a record may."""
    PENDING = 255
    """Not evaluated yet."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a person's source; `line` and `column` count from 1."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one record was not evaluated: the text of an error, a trap or a timeout."""

    index: int
    """The record's place in the batch, from 0."""
    verdict: Verdict
    message: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """A line that a SmartStream printed while it evaluated a record."""

    index: int
    text: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a SmartStream said of a batch."""

    verdicts: VerdictArray
    """One a record; PENDING stands where evaluating stopped early."""
    faults: tuple[Fault, ...] = ()
    outputs: tuple[Output, ...] = ()
    seconds: float = 0.0
    """Time spent evaluating, copies included."""
    evaluated: int = 0
    """Leading records that have a verdict; those after them are PENDING."""
    lost: int = 0
    """Texts and lines that the SmartStream wrote for one record beyond what there is room for."""
    version: int = 1
    """The number of the version that evaluated."""

    @classmethod
    def none(cls, count: int) -> "Evaluation":
        """Nothing said yet of any of `count` records."""
        return cls(np.full(count, Verdict.PENDING, np.uint8))

    def first(self, count: int) -> "Evaluation":
        """What was said of the first `count` records."""
        return replace(
            self,
            verdicts=self.verdicts[:count],
            faults=tuple(fault for fault in self.faults if fault.index < count),
            outputs=tuple(output for output in self.outputs if output.index < count),
            evaluated=min(self.evaluated, count),
        )
