"""About how many records of a whole log fall into each span of time, by offsets: it reads no records."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.broker.log import Log
from engine.broker.read_range import timestamp_from
from engine.broker.topics import OffsetRange, Topic
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.time_histogram import Counts, TimeHistogram, bucket_width, counted, within_calendar


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogTimes:
    """Records by their timestamps, in buckets of equal width.

    Counts are differences of offsets: more than there are records where offsets have gaps, and of another
    bucket where timestamps do not rise with offsets.
    """

    start: int
    """Of the first bucket, in milliseconds since the epoch: a multiple of the width."""
    width: int
    """Milliseconds."""
    counts: Counts


def count_log(log: Log, topic: Topic, most: int, stopped: Callable[[], bool]) -> LogTimes | None:
    """Count in at most `most` buckets; None without records, or once it is `stopped`. Waits for the log."""
    held = {p: offsets for p, offsets in log.offsets(topic.name).items() if offsets.end > offsets.start}
    times = [time for p, offsets in held.items() for time in _span(log, topic, p, offsets)]
    if not times:
        return None
    first, last = (within_calendar(time) for time in (min(times), max(times)))
    width = bucket_width(first, last, most)
    start, buckets = first // width * width, last // width - first // width + 1
    edges: dict[int, Mapping[int, int]] = {
        0: {p: offsets.start for p, offsets in held.items()},
        buckets: {p: offsets.end for p, offsets in held.items()},
    }
    spans = [(0, buckets)]
    while spans and not stopped():
        low, high = spans.pop()
        middle = (low + high) // 2
        if middle == low:
            continue
        before, after = edges[low], edges[high]
        if before == after:
            # No record is between them: most of a log with pauses is counted so.
            edges[middle] = before
        else:
            found = log.offset_at(topic.name, start + middle * width, before)
            edges[middle] = {p: min(offset, after[p]) for p, offset in found.items()}
        spans += [(low, middle), (middle, high)]
    if stopped():
        return None
    sums = np.array([sum(edges[edge].values()) for edge in range(buckets + 1)], np.int64)
    return LogTimes(start=start, width=width, counts=np.diff(sums))


def _span(log: Log, topic: Topic, partition: int, held: OffsetRange) -> list[int]:
    """The timestamps of the first and the last record of a partition, as far as they can be read."""
    first = timestamp_from(log, topic, partition, held.start, held.end)
    batch = log.page(topic.name, partition, held.end, 1)
    last = [batch.record(len(batch) - 1).timestamp] if len(batch) else []
    return last if math.isinf(first) else [int(first), *last]


def over_log(
    log: LogTimes, stamps: Counts, first_row: int, consumer: ConsumerSnapshot | None
) -> TimeHistogram:
    """The same buckets, by what a consumer made of the rows in memory; the others are not evaluated."""
    known = counted(stamps, first_row, consumer, log.start, log.width, len(log.counts))
    others = np.maximum(log.counts - known.totals, 0)
    if consumer is None:
        return replace(known, passed=known.passed + others)
    return replace(known, pending=known.pending + others)
