"""A comparison at one instant, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.live.snapshots import WorkbenchSnapshot
from engine.live.stats.counters import NO_FAULTS
from engine.live.versions.changes import Change, Results
from engine.live.versions.fold import Fold
from engine.live.window.snapshot import WindowSnapshot
from engine.records.faults import Fault
from engine.regression.trial import Trial


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """How the new side differs from the old one, as far as that is known."""

    old: str
    """What the sides are called."""
    new: str
    consumer: int
    """The one of the new side."""
    share: float = 0.0
    """How much is evaluated, from 0 to 1."""
    problem: str = ""
    """Why it ended early; or empty."""
    change: Change | None = None
    """None until all is compared."""
    results: Results = field(default_factory=Results)
    """Of the new side."""
    faults: Mapping[int, Fault] = field(default_factory=lambda: NO_FAULTS)
    """Of the new side, by row; bounded."""
    window: WindowSnapshot | None = None
    """The records of cases; None if the sides were compared on the topic's window."""

    fold: Fold | None = None
    """Of the new side, if it is an aggregate."""
    cases: Path | None = None
    """The file of the old side, if it is one."""
    trials: tuple[Trial, ...] = ()
    """Of the cases, in the order of their rows."""

    @property
    def ended(self) -> bool:
        return self.change is not None or bool(self.problem)

    def shown(self, snapshot: WorkbenchSnapshot) -> WorkbenchSnapshot:
        """A snapshot whose consumer has made what the new side has, and changed what differs."""
        one = snapshot.consumer(self.consumer)
        if one is None:
            return snapshot
        compared = replace(
            one,
            first_row=self.results.first_row,
            verdicts=self.results.verdicts,
            outputs=self.results.outputs,
            faults=self.faults,
            fold=self.fold,
            change=self.change,
        )
        if self.window is not None:
            # What other consumers made is known of the topic's rows only.
            return replace(snapshot, window=self.window, consumers=(compared,), scrollback=None)
        others = tuple(compared if other is one else other for other in snapshot.consumers)
        # What was made of older rows is known of the pane only.
        return replace(snapshot, consumers=others, scrollback=None)
