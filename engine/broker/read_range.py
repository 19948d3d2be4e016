"""From where to where a topic is read: what a person asked for, and the offsets that this means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from engine.broker.log import OffsetRange

FirstAt = Callable[[int, int, int], int]
"""`Broker.offset_at` of one topic: by partition, milliseconds since the epoch and offset to look from."""
Offsets = dict[int, int]
"""By partition."""


class Origin(Enum):
    """What a start is counted from."""

    BEGINNING = "beginning"
    END = "end"
    ZERO = "zero"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Start:
    """Where to begin in each partition."""

    origin: Origin
    count: int = 0
    """Records after the beginning, records before the end, an offset, or milliseconds since the epoch."""

    def within(self, partition: int, held: OffsetRange, first_at: FirstAt) -> int:
        """The first offset to read of what a partition holds; an offset named outright may be yet to come."""
        match self.origin:
            case Origin.BEGINNING:
                return min(held.start + self.count, held.end)
            case Origin.END:
                return max(held.end - self.count, held.start)
            case Origin.ZERO:
                return max(self.count, held.start)
            case Origin.TIME:
                return min(first_at(partition, self.count, held.start), held.end)


@dataclass(frozen=True, slots=True)
class Span:
    """From where to where to read each partition."""

    start: Start
    last: int | None = None
    """The last offset to read; None goes on for ever, or to the end."""
    to_end: bool = False
    """Whether to stop at the end as it is now."""
    until: int | None = None
    """A time gone by, in milliseconds since the epoch: stop before the first record that is later, or at
    the end as it is now where none is."""

    @property
    def bounded(self) -> bool:
        """Whether reading stops at the end as it is now, if not before."""
        return self.to_end or self.until is not None

    def resolve(self, held: Mapping[int, OffsetRange], first_at: FirstAt) -> tuple[Offsets, Offsets]:
        """The first offset to read of each partition, and the offset after the last one.

        Of the latter there are none where reading goes on for ever.
        """
        positions = {p: self.start.within(p, offsets, first_at) for p, offsets in held.items()}
        ends = {p: self._end(p, offsets, positions[p], first_at) for p, offsets in held.items()}
        return positions, {p: end for p, end in ends.items() if end is not None}

    def _end(self, partition: int, held: OffsetRange, position: int, first_at: FirstAt) -> int | None:
        ends = []
        if self.bounded:
            ends.append(held.end)
        if self.until is not None:
            ends.append(first_at(partition, self.until + 1, position))
        if self.last is not None:
            ends.append(self.last + 1)
        return min(ends, default=None)
