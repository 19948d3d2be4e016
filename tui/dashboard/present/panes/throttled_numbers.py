"""Numbers that are easy to read: they change only a few times per second."""

from dataclasses import replace

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.present.refresh_limiter import RefreshLimiter

READINGS_PER_SECOND = 3


class Readings:
    """Gives snapshots the rates, counters and newest fault of the last reading until the next one is due.

    A new version and its first fault do not wait.
    """

    def __init__(self) -> None:
        self._limiter = RefreshLimiter(READINGS_PER_SECOND)
        self._read: WorkbenchSnapshot | None = None

    def settle(self, snapshot: WorkbenchSnapshot) -> WorkbenchSnapshot:
        if self._read is None or self._limiter.due:
            self._limiter.drew()
            self._read = snapshot
            return snapshot
        read = {consumer.id: consumer for consumer in self._read.consumers}
        return replace(
            snapshot,
            throughput=self._read.throughput,
            consumers=tuple(_settle(read.get(consumer.id), consumer) for consumer in snapshot.consumers),
        )


def _settle(read: ConsumerSnapshot | None, now: ConsumerSnapshot) -> ConsumerSnapshot:
    if read is None or read.version != now.version:
        return now
    if read.last_fault is None and now.last_fault is not None:
        return now
    return replace(
        now,
        throughput=read.throughput,
        evaluated=read.evaluated,
        counters=read.counters,
        faults=read.faults,
        last_fault=read.last_fault,
        printed=read.printed,
        history=read.history if read.build is now.build else now.history,
    )
