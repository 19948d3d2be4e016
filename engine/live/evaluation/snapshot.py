"""What a dashboard draws of one consumer, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.builds.build import BuildResult
from engine.consumer.step import InlineFile, Step
from engine.live.evaluation.status import ConsumerState, Status
from engine.live.stats.counters import NO_FAULTS, NOTHING_COUNTED, Counters
from engine.live.stats.printed_lines import NOTHING_PRINTED, Printed
from engine.live.stats.rates import NO_RECORDS, Throughput
from engine.live.stats.values import NO_VALUES, ValueHistory
from engine.live.versions.build_history import HistoryEntry
from engine.live.versions.changes import Change
from engine.live.versions.fold import Fold
from engine.live.versions.output_log import KeptOutputs
from engine.live.versions.switch import Switch
from engine.records.faults import Fault
from engine.records.verdict_arrays import VerdictArray
from engine.records.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildProgress:
    """A build that is under way."""

    seconds: float
    """Since it began."""
    doing: str = ""
    """As `BuildRequest.doing`."""


@dataclass(frozen=True, slots=True, eq=False)
class ConsumerSnapshot:
    """One filtered consumer at one instant."""

    id: int
    name: str
    """The file's stem, or the name that it is stored as."""
    path: Path | None
    """The source, of a chain the one that was built last; None without an inline SmartStream."""
    status: Status
    building: BuildProgress | None = None
    """The build that is under way, if one is (with an older version running, if it is live or stale)."""
    version: int = 0
    """The version that evaluates; 0 before the first."""
    newer: int = 0
    """The newest good version, if an earlier one runs; otherwise 0."""
    build: BuildResult | None = None
    reload_seconds: float | None = None
    """From the save to the first new verdict."""
    first_row: int = 0
    """The row of `verdicts[0]`."""
    verdicts: VerdictArray = field(default_factory=lambda: np.zeros(0, np.uint8))
    outputs: KeptOutputs | None = None
    """Of a kind that makes records."""
    kind: str = ""
    """Of the version that evaluates; of a chain, those of its steps."""
    steps: tuple[Step, ...] = ()
    """With the parameters that were asked for last."""
    ended: tuple[int, ...] = ()
    """How many records each step of a chain dropped or failed on; last, how many came through."""
    ended_at: VerdictArray = field(default_factory=lambda: np.zeros(0, np.uint8))
    """Of a chain, the step at which each row from `ended_at_row` on ended; see `Evaluation.ended_at`."""
    ended_at_row: int = 0
    between: tuple[KeptOutputs | None, ...] = ()
    """The outputs of each step of a chain but the last; None where they are records of the topic."""
    fold: Fold | None = None
    """Of an aggregate that has evaluated a record."""
    counters: Counters = NOTHING_COUNTED
    throughput: Throughput = NO_RECORDS
    """Records that pass."""
    evaluated: Throughput = NO_RECORDS
    """Records that are evaluated as they come; those that a new version evaluates again do not count."""
    values: ValueHistory = NO_VALUES
    """The newest output over time, where outputs are numbers."""
    switches: tuple[Switch, ...] = ()
    """Oldest first; bounded."""
    faults: Mapping[int, Fault] = field(default_factory=lambda: NO_FAULTS)
    """The newest faults, by row; bounded."""
    last_fault: int | None = None
    printed: Printed = NOTHING_PRINTED
    change: Change | None = None
    folder: str = ""
    """The end of its file's folder, if that tells it apart from others of its name; or empty."""
    history: tuple[HistoryEntry, ...] = ()
    """The builds in this session, newest first; bounded."""
    rate_limit: float | None = None
    """Records per second at most: 0 while it is held, None for no limit."""
    remote: bool = False
    """Whether the broker evaluates it. Then a new version continues where the one before stopped."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """Its source files, `path` first."""
        others = (step.source.path for step in self.steps if isinstance(step.source, InlineFile))
        own = () if self.path is None else (self.path,)
        return (*own, *dict.fromkeys(path for path in others if path not in own))

    @property
    def state(self) -> ConsumerState:
        return self.status.state

    @property
    def position(self) -> int:
        """The row after the last evaluated one."""
        return self.first_row + len(self.verdicts)

    def steps_through(self, row: int) -> int:
        """How many steps of a chain a row went through, as far as that is known."""
        index = row - self.ended_at_row
        known = 0 <= index < len(self.ended_at) and self.verdict(row) is not Verdict.PENDING
        return int(self.ended_at[index]) if known else 0

    def verdict(self, row: int) -> Verdict:
        """The verdict on `row`; PENDING if there is none yet."""
        index = row - self.first_row
        return Verdict(self.verdicts[index]) if 0 <= index < len(self.verdicts) else Verdict.PENDING
