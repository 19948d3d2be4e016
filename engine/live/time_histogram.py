"""How many records fall into each span of time, and what happened to them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.window.snapshot import WindowSnapshot
from engine.records.verdicts import Verdict

Counts = npt.NDArray[np.int64]

_SECOND = 1_000
_MINUTE, _HOUR, _DAY = 60 * _SECOND, 3_600 * _SECOND, 86_400 * _SECOND
_WIDTHS = (
    *(1, 2, 5, 10, 20, 50, 100, 200, 500),
    *(number * _SECOND for number in (1, 2, 5, 10, 15, 30)),
    *(number * _MINUTE for number in (1, 2, 5, 10, 15, 30)),
    *(number * _HOUR for number in (1, 2, 3, 6, 12)),
    *(number * _DAY for number in (1, 2, 7, 14, 30, 60, 180, 360)),
)
"""Milliseconds of a bucket; beyond these, any multiple of the last."""

_NAMES = ("passed", "dropped", "failed", "pending")
_KINDS = np.full(256, 2)
"""By verdict, an index in `_NAMES`."""
_KINDS[[Verdict.PASS, Verdict.DROP, Verdict.PENDING]] = 0, 1, 3
_FARTHEST = 253_402_300_799_999
"""The end of the calendar, and as far back: times beyond count as that."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimeHistogram:
    """Records by their timestamps, in buckets of equal width."""

    start: int
    """Of the first bucket, in milliseconds since the epoch: a multiple of the width."""
    width: int
    """Milliseconds."""
    passed: Counts
    """Per bucket; without a SmartStream, all records."""
    dropped: Counts
    failed: Counts
    pending: Counts
    first_rows: Counts
    """The first row that arrived of each bucket; -1 without any."""

    def __len__(self) -> int:
        return len(self.passed)

    @property
    def totals(self) -> Counts:
        return self.passed + self.dropped + self.failed + self.pending

    def bucket(self, timestamp: float) -> int | None:
        """The bucket that a time falls into; None outside."""
        place = int((timestamp - self.start) // self.width)
        return place if 0 <= place < len(self) else None


def bucket_width(first: int, last: int, most: int) -> int:
    """The narrowest round width with which this many buckets hold both times."""
    for width in _WIDTHS:
        if last // width - first // width < most:
            return width
    return -(-(last - first + 1) // ((most - 1 or 1) * _WIDTHS[-1])) * _WIDTHS[-1]


def histogram(
    stamps: Counts, first_row: int, consumer: ConsumerSnapshot | None, most: int
) -> TimeHistogram | None:
    """At most this many buckets of the rows from `first_row` on, by what a consumer made of them.

    None without rows.
    """
    if not len(stamps):
        return None
    first, last = within_calendar(int(stamps.min())), within_calendar(int(stamps.max()))
    width = bucket_width(first, last, most)
    start, count = first // width * width, last // width - first // width + 1
    return counted(stamps, first_row, consumer, start, width, count)


def within_calendar(time: int) -> int:
    """A time, or the end of the calendar."""
    return min(max(time, -_FARTHEST), _FARTHEST)


def counted(
    stamps: Counts, first_row: int, consumer: ConsumerSnapshot | None, start: int, width: int, count: int
) -> TimeHistogram:
    """`count` buckets of the rows from `first_row` on; what is before or after them counts at their ends."""
    stamps = np.clip(stamps, start, start + count * width - 1)
    places = (stamps - start) // width
    kinds = _KINDS[_verdicts(consumer, first_row, len(stamps))]
    counts = np.bincount(places * len(_NAMES) + kinds, minlength=count * len(_NAMES))
    by_kind = counts.reshape(count, len(_NAMES)).T
    first_rows = np.full(count, -1, np.int64)
    # Of several rows of a bucket the last assignment stays.
    first_rows[places[::-1]] = np.arange(first_row + len(stamps) - 1, first_row - 1, -1)
    return TimeHistogram(
        start=start, width=width, first_rows=first_rows, **dict(zip(_NAMES, by_kind, strict=True))
    )


def _verdicts(consumer: ConsumerSnapshot | None, first_row: int, count: int) -> npt.NDArray[np.uint8]:
    """One for each row."""
    if consumer is None:
        return np.full(count, Verdict.PASS, np.uint8)
    found = np.full(count, Verdict.PENDING, np.uint8)
    skipped = max(first_row - consumer.first_row, 0)
    start = max(consumer.first_row - first_row, 0)
    known = consumer.verdicts[skipped : skipped + max(count - start, 0)]
    found[start : start + len(known)] = known
    return found


class WindowTimes:
    """The timestamps of a window; of the next snapshots only new batches are read. Not locked."""

    def __init__(self) -> None:
        self._first_row = 0
        self._stamps: Counts = np.zeros(0, np.int64)

    def of(self, window: WindowSnapshot) -> Counts:
        """Milliseconds since the epoch, one for each row in memory."""
        end = self._first_row + len(self._stamps)
        if not self._first_row <= window.start_row <= end <= window.end_row:
            self._first_row = end = window.start_row
            self._stamps = self._stamps[:0]
        kept = self._stamps[window.start_row - self._first_row :]
        self._first_row = window.start_row
        self._stamps = np.concatenate([kept, *_stamps(window, end)])
        return self._stamps


def _stamps(window: WindowSnapshot, row: int) -> Iterator[Counts]:
    for chunk in window.batches(row):
        yield chunk.batch.records.column("timestamp").to_numpy()
