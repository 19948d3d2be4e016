"""What part of a topic to read: what the user asked for, and the offsets that this means."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from engine.broker.log import Log
from engine.broker.topics import OffsetRange, Topic
from engine.errors import DamagedBatchError

WAIT_SECONDS = 10.0
"""How long to wait for records that are there, where they have to be counted."""
SAMPLE_RECORDS = 2_000
"""How many of the newest records tell about how many of the offsets before them have one."""


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

    def resolve(self, log: Log, topic: Topic, held: Mapping[int, OffsetRange]) -> dict[int, int]:
        """The first offset to read of each partition, from what it holds; an `ZERO` one may be after that."""
        if self.origin is Origin.TIME:
            found = log.offset_at(topic.name, self.count, {p: offsets.start for p, offsets in held.items()})
            return {p: min(found[p], offsets.end) for p, offsets in held.items()}
        return {p: self._within(log, topic, p, offsets) for p, offsets in held.items()}

    def _within(self, log: Log, topic: Topic, partition: int, held: OffsetRange) -> int:
        if self.origin is Origin.ZERO:
            return max(self.count, held.start)
        if self.origin is Origin.BEGINNING:
            if held.exact or not self.count:
                return min(held.start + self.count, held.end)
            return _after(log, topic, partition, held, self.count)
        if held.exact or not self.count:
            return max(held.end - self.count, held.start)
        return _before(log, topic, partition, held, self.count)


def _after(log: Log, topic: Topic, partition: int, held: OffsetRange, count: int) -> int:
    """The offset after the first `count` records."""
    position = held.start
    with log.open(topic, {partition: position}, ends={partition: held.end}) as reader:
        while position < held.end and (batch := reader.read(WAIT_SECONDS)) is not None:
            if len(batch) >= count:
                return batch.slice(0, count).next_offset
            count -= len(batch)
            position = batch.next_offset
    return position


def _before(log: Log, topic: Topic, partition: int, held: OffsetRange, count: int) -> int:
    """The offset of the first of the last `count` records."""
    position = held.end
    while count and len(batch := log.page(topic.name, partition, position, count)):
        count -= len(batch)
        position = batch.first_offset
    return max(position, held.start) if count == 0 else held.start


def about_last(log: Log, topic: Topic, held: Mapping[int, OffsetRange], count: int) -> dict[int, int]:
    """About where the last `count` records of each partition begin.

    To find it exactly, all of them would have to be read where there may be gaps: what is guessed from the
    newest records begins in a large topic as fast as in a small one.
    """
    found = {}
    for partition, offsets in held.items():
        last = min(count, SAMPLE_RECORDS)
        start = Start(Origin.END, last).resolve(log, topic, {partition: offsets})[partition]
        found[partition] = max(offsets.end - (offsets.end - start) * count // max(last, 1), offsets.start)
    return found


def earliest_first(
    log: Log, topic: Topic, positions: Mapping[int, int], held: Mapping[int, OffsetRange]
) -> dict[int, int]:
    """The same positions, in the order of their records' timestamps."""
    if len(positions) < 2:
        return dict(positions)
    times = {p: timestamp_from(log, topic, p, offset, held[p].end) for p, offset in positions.items()}
    return dict(sorted(positions.items(), key=lambda position: times[position[0]]))


def timestamp_from(log: Log, topic: Topic, partition: int, position: int, end: int) -> float:
    """That of the first record from a position on; infinite if it cannot be read."""
    with log.open(topic, {partition: position}, ends={partition: end}, max_records=1) as reader:
        try:
            while position < end and (batch := reader.read(WAIT_SECONDS)) is not None:
                if len(batch):
                    return batch.record(0).timestamp
                position = batch.next_offset
        except DamagedBatchError:
            return math.inf
    return math.inf


@dataclass(frozen=True, slots=True)
class ReadRange:
    """From where to where to read each partition."""

    start: Start
    last: int | None = None
    """The last offset to read; None for no such limit."""
    to_end: bool = False
    """Whether to stop at the end as it is now."""
    until: int | None = None
    """A time in the past, in milliseconds since the epoch: stop before the first record after it, or at the
    end as it is now."""

    @property
    def bounded(self) -> bool:
        """Whether reading stops at the end as it is now, if not before."""
        return self.to_end or self.until is not None

    @property
    def ends(self) -> bool:
        """Whether reading stops anywhere."""
        return self.bounded or self.last is not None

    def resolve(
        self, log: Log, topic: Topic, held: Mapping[int, OffsetRange]
    ) -> tuple[dict[int, int], dict[int, int]]:
        """The first offset to read of each partition, and, if reading ends, the offset after the last one."""
        positions = self.start.resolve(log, topic, held)
        ends: dict[int, int] = {}
        if self.bounded:
            ends = {p: offsets.end for p, offsets in held.items()}
        if self.until is not None:
            found = log.offset_at(topic.name, self.until + 1, positions)
            ends = {p: min(end, found[p]) for p, end in ends.items()}
        if self.last is not None:
            ends = {p: min(ends.get(p, self.last + 1), self.last + 1) for p in held}
        return positions, ends
