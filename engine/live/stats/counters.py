"""What a version has counted while it evaluated a window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from engine.records.faults import Fault
from engine.records.verdict_arrays import VerdictArray, count
from engine.records.verdicts import Verdict

FAULTS_KEPT = 1_000
"""The newest faults of a version are kept with their texts."""
NO_FAULTS: Mapping[int, Fault] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What a version has evaluated so far, records that it evaluated again on a switch included."""

    passed: int = 0
    dropped: int = 0
    errors: int = 0
    traps: int = 0
    timeouts: int = 0
    skipped: int = 0
    """Records that left the window before they were evaluated."""
    seconds: float = 0.0
    bytes: int = 0
    """Of the keys and values of the evaluated records."""
    cost_p50: float = 0.0
    """Seconds per record, median, to about 4 %."""
    cost_p99: float = 0.0
    """Seconds per record, 99th percentile."""
    memory: int = 0
    """Bytes of guest memory, as last seen."""

    @property
    def evaluated(self) -> int:
        return self.passed + self.dropped + self.faults

    @property
    def faults(self) -> int:
        return self.errors + self.traps + self.timeouts

    @property
    def pass_rate(self) -> float:
        """The share of evaluated records that passed, 0 to 1."""
        return self.passed / self.evaluated if self.evaluated else 0.0

    @property
    def cost(self) -> float:
        """Seconds per record, average."""
        return self.seconds / self.evaluated if self.evaluated else 0.0

    def adding(self, verdicts: VerdictArray, *, seconds: float, size: int, skipped: int) -> "Counters":
        # Counting one by one takes a tenth of `np.bincount`, which makes numbers of eight bytes of all.
        counts = {verdict: count(verdicts, verdict) for verdict in Verdict}
        return replace(
            self,
            passed=self.passed + counts[Verdict.PASS],
            dropped=self.dropped + counts[Verdict.DROP],
            errors=self.errors + counts[Verdict.ERROR],
            traps=self.traps + counts[Verdict.TRAP],
            timeouts=self.timeouts + counts[Verdict.TIMEOUT],
            skipped=self.skipped + skipped,
            seconds=self.seconds + seconds,
            bytes=self.bytes + size,
        )


NOTHING_COUNTED = Counters()


def newest_faults(
    before: Mapping[int, Fault], first_row: int, faults: Sequence[Fault]
) -> Mapping[int, Fault]:
    """The newest `FAULTS_KEPT` by row, with those of records whose first has a row."""
    if not faults:
        return before
    added = {first_row + fault.index: fault for fault in faults[-FAULTS_KEPT:]}
    return MappingProxyType(dict(list({**before, **added}.items())[-FAULTS_KEPT:]))
