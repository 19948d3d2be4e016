"""What a SmartStream left behind about single records: faults, and lines that it printed."""

from dataclasses import dataclass

from engine.records.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Location:
    """A place in the user's source; `line` and `column` count from 1."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Fault:
    """The text of an error, a trap or a timeout of one record."""

    index: int
    """The record's index in the batch."""
    verdict: Verdict
    message: str
    location: Location | None = None
    step: int = 0
    """The step of a chain that it happened in."""


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line that a SmartStream printed while it evaluated a record."""

    index: int
    """The record's index in the batch."""
    text: str
