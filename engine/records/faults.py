"""What a SmartStream left behind about single records: faults, and lines that it printed."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import overload

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
class Call:
    """A function of the user's source on the way to a fault, and where it called the next one, or failed."""

    function: str
    location: Location


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
    stack: tuple[Call, ...] = ()
    """The calls that it came through, the innermost first; empty if that is one, or not known."""


class Faults(Sequence[Fault]):
    """Faults that are made when they are asked for, a part at a time."""

    def __init__(self, parts: Iterable[tuple[int, Callable[[], Sequence[Fault]]]]) -> None:
        """Each part is how many faults it has, at least one, and what makes them."""
        self._parts = tuple(parts)
        self._ends = tuple(accumulate(count for count, _ in self._parts))
        self._made: dict[int, Sequence[Fault]] = {}

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, key: int) -> Fault: ...

    @overload
    def __getitem__(self, key: slice) -> Sequence[Fault]: ...

    def __getitem__(self, key: int | slice) -> Fault | Sequence[Fault]:
        if isinstance(key, slice):
            return tuple(self[at] for at in range(len(self))[key])
        at: int = range(len(self))[key]
        part = bisect_right(self._ends, at)
        if part not in self._made:
            self._made[part] = self._parts[part][1]()
        return self._made[part][at - self._ends[part]]


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line that a SmartStream printed while it evaluated a record."""

    index: int
    """The record's index in the batch."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Something that a SmartStream read while it evaluated a record."""

    what: str
    """The call, as it is written: `json("customer.city")`."""
    found: str | None
    """The beginning of what it found; None if there is nothing of the kind."""
    location: Location | None
    """Where the call is."""
