"""From where to where a topic is read: what a person asked for, and the offsets that this means."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from engine.broker import OffsetRange


class Origin(Enum):
    """What a start is counted from."""

    BEGINNING = "beginning"
    END = "end"
    ZERO = "zero"


@dataclass(frozen=True, slots=True)
class Start:
    """Where to begin in each partition."""

    origin: Origin
    count: int = 0
    """Records after the beginning, records before the end, or an offset."""

    def within(self, held: OffsetRange) -> int:
        """The first offset to read of what a partition holds; an offset named outright may be yet to come."""
        match self.origin:
            case Origin.BEGINNING:
                return min(held.start + self.count, held.end)
            case Origin.END:
                return max(held.end - self.count, held.start)
            case Origin.ZERO:
                return max(self.count, held.start)


@dataclass(frozen=True, slots=True)
class Span:
    """From where to where to read each partition."""

    start: Start
    last: int | None = None
    """The last offset to read; None goes on for ever, or to the end."""
    to_end: bool = False
    """Whether to stop at the end as it is now."""

    def positions(self, held: Mapping[int, OffsetRange]) -> dict[int, int]:
        """The first offset to read of each partition."""
        return {partition: self.start.within(offsets) for partition, offsets in held.items()}

    def ends(self, held: Mapping[int, OffsetRange]) -> dict[int, int]:
        """The offset after the last one to read of each partition; empty where reading goes on for ever."""
        if self.last is None:
            return {partition: offsets.end for partition, offsets in held.items()} if self.to_end else {}
        stop = self.last + 1
        return {p: min(stop, offsets.end) if self.to_end else stop for p, offsets in held.items()}
