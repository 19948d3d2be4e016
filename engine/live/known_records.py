"""How many records a topic has, as far as its offsets tell, and what was read of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.broker.topics import OffsetRange


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCount:
    """Of a topic."""

    records: int
    exact: bool
    """Whether there are this many; otherwise there may be fewer."""


class KnownRecords:
    """Counts records where they were read, and offsets elsewhere, which may have gaps.

    One thread changes it; any thread may count.
    """

    def __init__(self, positions: Mapping[int, int], log: Mapping[int, OffsetRange]) -> None:
        """Reading begins at `positions`."""
        self.begin(positions, log)

    def begin(self, positions: Mapping[int, int], log: Mapping[int, OffsetRange]) -> None:
        """Read again from `positions`; what was read before does not count."""
        self._began = dict(positions)
        self._read = dict.fromkeys(positions, 0)
        self.log = log
        """What partitions hold, as it was looked up last."""

    def add_partitions(self, positions: Mapping[int, int]) -> None:
        self._began = {**self._began, **positions}
        self._read = {**self._read, **dict.fromkeys(positions, 0)}

    def add(self, partition: int, records: int) -> None:
        self._read[partition] += records

    def count(self, positions: Mapping[int, int], ends: Mapping[int, int]) -> RecordCount:
        """All records up to `ends`, or to the `positions` that were read up to."""
        counts = [self._count(p, position, ends[p]) for p, position in positions.items()]
        return RecordCount(records=sum(one.records for one in counts), exact=all(one.exact for one in counts))

    def _count(self, partition: int, position: int, end: int) -> RecordCount:
        held = self.log.get(partition, OffsetRange(0, 0))
        before = max(self._began[partition] - held.start, 0)
        after = max(end - position, 0)
        # Retention may have removed some of what was read.
        read = min(self._read[partition], max(position - held.start, 0))
        trimmed = held.start > self._began[partition]
        return RecordCount(
            records=before + read + after, exact=held.exact or not (before or after or trimmed)
        )
