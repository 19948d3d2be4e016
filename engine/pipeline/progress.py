"""What a pipeline has done so far."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from engine.consumer.consumer import Consumer
from engine.consumer.delivery import Delivery
from engine.records.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Counts since the start, of what the broker has acknowledged."""

    read: int = 0
    """Records of the source."""
    written: int = 0
    """Outputs."""
    dropped: int = 0
    errors: int = 0
    traps: int = 0
    timeouts: int = 0
    dead_letters: int = 0
    lost: int = 0
    """Offsets that retention removed before they were read."""
    damaged: int = 0
    commits: int = 0
    lag: int = 0
    """Offsets between the position and the end of the source, of all partitions."""
    version: int = 0
    """The newest version of a SmartStream that is followed."""

    @property
    def failed(self) -> int:
        return self.errors + self.traps + self.timeouts


class Tally:
    """Counts of what is gathered; belongs to one thread."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        """Of what is written."""
        self._gathered: Counter[str] = Counter()
        self._verdicts = {
            Verdict.DROP: "dropped",
            Verdict.ERROR: "errors",
            Verdict.TRAP: "traps",
            Verdict.TIMEOUT: "timeouts",
        }
        self.version = 0

    def settle(self) -> None:
        """What was added is written now."""
        self.counts.update(self._gathered)
        self._gathered.clear()

    def forget(self) -> None:
        """What was added is not written, and will be read again."""
        self._gathered.clear()

    def close(self, consumer: Consumer) -> None:
        """Keep the counts of a consumer that is replaced."""
        self.counts.update(lost=consumer.lost, damaged=consumer.damaged)

    def progress(self, consumer: Consumer, lag: int) -> Progress:
        """All counts, those of the consumer included."""
        own = Counter(self.counts)
        own.update(lost=consumer.lost, damaged=consumer.damaged)
        return Progress(**own, lag=lag, version=self.version)

    def add(self, delivery: Delivery) -> None:
        self._gathered["read"] += len(delivery.batch)
        evaluation = delivery.evaluation
        if evaluation is None or not len(evaluation):
            return
        self.version = evaluation.version
        found = np.bincount(evaluation.verdicts, minlength=max(self._verdicts) + 1)
        self._gathered.update({name: int(found[verdict]) for verdict, name in self._verdicts.items()})
