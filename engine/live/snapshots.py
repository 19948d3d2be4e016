"""What a dashboard draws: the state of a workbench at one instant, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.builds.build import Build
from engine.live.stats.printed_lines import NOTHING_PRINTED, Printed
from engine.live.window.window import WindowSnapshot
from engine.records.faults import Fault
from engine.records.verdicts import Verdict, VerdictArray

if TYPE_CHECKING:
    from engine.live.scrollback.reader import ScrollbackSnapshot

GLANCE_SECONDS = 30
"""The newest seconds of a history, which are seen at a glance beside the rate of now."""
NO_FAULTS: Mapping[int, Fault] = MappingProxyType({})


class ConsumerState(Enum):
    """What a consumer's SmartStream is doing."""

    BUILDING = "building"
    """The first build is under way: nothing runs yet."""
    LIVE = "live"
    """The newest save is running."""
    EARLIER = "earlier"
    """A person went back to an earlier version: a newer one is good, and does not run."""
    STALE = "STALE"
    """The newest save does not build: an older version is still running."""
    FAILED = "failed"
    """The newest save does not build, and nothing older runs."""
    STOPPED = "stopped"
    """The version was stopped (it broke the guest contract, or failed on too many records in a row); its
    records stay pending."""


@dataclass(frozen=True, slots=True)
class Counters:
    """What a version has evaluated so far, the window's reevaluated records included."""

    passed: int = 0
    dropped: int = 0
    errors: int = 0
    traps: int = 0
    timeouts: int = 0
    skipped: int = 0
    """Records that left the window before this consumer came to evaluate them."""
    seconds: float = 0.0
    """Time spent evaluating."""
    bytes: int = 0
    """Of the keys and values of the records evaluated."""
    cost_p50: float = 0.0
    """Seconds that half of the records took at most each, to about 4 %; 0 where none was evaluated."""
    cost_p99: float = 0.0
    """Seconds that 99 of 100 records took at most each."""
    memory: int = 0
    """Bytes of memory that its instance had last."""

    @property
    def evaluated(self) -> int:
        """Records with a verdict."""
        return self.passed + self.dropped + self.faults

    @property
    def faults(self) -> int:
        """Records with an error, a trap or a timeout."""
        return self.errors + self.traps + self.timeouts

    @property
    def pass_rate(self) -> float:
        """The part of evaluated records that passed, 0 to 1; 0 where none was evaluated."""
        return self.passed / self.evaluated if self.evaluated else 0.0

    @property
    def cost(self) -> float:
        """Seconds a record, on average; 0 where none was evaluated."""
        return self.seconds / self.evaluated if self.evaluated else 0.0


@dataclass(frozen=True, slots=True)
class Throughput:
    """How fast records come."""

    per_second: float = 0.0
    """Over the last second or two."""
    history: tuple[float, ...] = ()
    """Records per second of the last ten minutes, oldest first."""
    until: int = 0
    """The second after the last one in `history`, by a clock that all have in common."""

    @property
    def at_rest(self) -> bool:
        """Whether nothing has come for so long that none of it is seen at a glance any more."""
        return not self.per_second and not any(self.history[-GLANCE_SECONDS:])


@dataclass(frozen=True, slots=True)
class Difference:
    """How many records a reload changed."""

    changed: int
    """Those with another verdict, faults included."""
    now_pass: int
    now_drop: int
    compared: int
    """Records that both versions evaluated."""


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What a reload changed in the records that both versions evaluated."""

    first_row: int
    """The row that `before[0]` is about."""
    before: VerdictArray
    """The verdict before, on every row that has another one now, faults included; PENDING on all others."""
    now_pass: int
    now_drop: int
    compared: int
    """Records that both versions evaluated."""

    def __len__(self) -> int:
        """How many rows have another verdict."""
        return int(np.count_nonzero(self.before != Verdict.PENDING))

    @property
    def difference(self) -> Difference:
        """The numbers alone."""
        return Difference(len(self), self.now_pass, self.now_drop, self.compared)

    def was(self, row: int) -> Verdict | None:
        """The verdict before on a row that has another one now; None for any other row."""
        index = row - self.first_row
        verdict = self.before[index] if 0 <= index < len(self.before) else Verdict.PENDING
        return None if verdict == Verdict.PENDING else Verdict(verdict)

    def rows(self) -> npt.NDArray[np.intp]:
        """The rows with another verdict, ascending."""
        return np.flatnonzero(self.before != Verdict.PENDING) + self.first_row


@dataclass(frozen=True, slots=True)
class TakenOver:
    """When one version took the place of another."""

    second: int
    """By the clock of `Throughput.until`."""
    version: int


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One build of a filter in this session, and what came of it."""

    version: int
    trigger: str
    """What set it off, for a person; see `Build.trigger`."""
    started: float
    """Seconds since the epoch."""
    seconds: float | None
    """How long it took."""
    module_size: int | None
    """Bytes of the module; None where it failed."""
    kept: bool = False
    """Whether the module is kept: `LiveConsumer.use` can have it take over."""
    counters: Counters = Counters()
    """What it has evaluated since it took over the last time."""
    difference: Difference | None = None
    """What its taking over changed the last time, where there was something to compare with."""
    problem: str = ""
    """Why it failed, or was stopped, in one line; or empty."""


@dataclass(frozen=True, slots=True, eq=False)
class ConsumerSnapshot:
    """One filtered consumer at one instant."""

    id: int
    """Names the consumer within its workbench; never reused."""
    name: str
    """The filter's name for people: the file's stem, or what it is stored as."""
    path: Path | None
    """The source; None where the SmartStream is a stored one."""
    state: ConsumerState
    building: bool = False
    """A build is under way (with an older version running, if `state` is LIVE or STALE)."""
    version: int = 0
    """The version that evaluates; 0 before the first."""
    newer: int = 0
    """The newest good version, where a person went back to an earlier one; 0 elsewhere."""
    build: Build | None = None
    """The newest build that ended: its trigger, diagnostics, error."""
    reload_seconds: float | None = None
    """From the save to the first new verdict."""
    first_row: int = 0
    """The row that `verdicts[0]` is about."""
    verdicts: VerdictArray = field(default_factory=lambda: np.zeros(0, np.uint8))
    counters: Counters = Counters()
    throughput: Throughput = Throughput()
    """Records that pass."""
    evaluated: Throughput = Throughput()
    """Records that are evaluated as they come; those that a new version evaluates again do not count."""
    takeovers: tuple[TakenOver, ...] = ()
    """By which the version changed, oldest first; bounded."""
    faults: Mapping[int, Fault] = field(default_factory=lambda: NO_FAULTS)
    """The newest faults, by row; bounded."""
    last_fault: int | None = None
    """The row of the newest fault."""
    printed: Printed = NOTHING_PRINTED
    """What this version has printed."""
    notice: str = ""
    """One line about this consumer: why it stopped, that state was lost; or empty."""
    change: Change | None = None
    history: tuple[HistoryEntry, ...] = ()
    """The filter's builds in this session, the newest first; bounded."""
    resumes: bool = False
    """It was stopped for its faults: asked to rebuild, it goes on with the records that are pending."""
    pace: float | None = None
    """The most records per second that it evaluates: 0 while it is held, None without a limit."""

    @property
    def position(self) -> int:
        """The row after the last one that it has come to."""
        return self.first_row + len(self.verdicts)

    def verdict(self, row: int) -> Verdict:
        """The verdict on `row`; PENDING where there is none yet."""
        index = row - self.first_row
        return Verdict(self.verdicts[index]) if 0 <= index < len(self.verdicts) else Verdict.PENDING


@dataclass(frozen=True, slots=True)
class Replay:
    """How far a topic has been read again, from where a person asked for up to its end at that time."""

    read: int
    """Offsets."""
    total: int
    """Offsets."""


@dataclass(frozen=True, slots=True, eq=False)
class WorkbenchSnapshot:
    """A topic's window and its consumers at one instant."""

    topic: str
    window: WindowSnapshot
    consumers: tuple[ConsumerSnapshot, ...] = ()
    records: int = 0
    """Records in the topic."""
    throughput: Throughput = Throughput()
    lost: int = 0
    """Records that were removed from the log before this workbench read them, or that are damaged."""
    problem: str = ""
    """Why no more records come (the topic is gone, the disk failed); or empty."""
    replay: Replay | None = None
    """None where no replay is under way."""
    scrollback: "ScrollbackSnapshot | None" = None
    """What came before the window; None while nobody scrolls back."""

    @property
    def at_rest(self) -> bool:
        """Whether time alone changes nothing: no rate is falling."""
        return self.throughput.at_rest and all(one.throughput.at_rest for one in self.consumers)
