"""How one version takes the place of another on the screen."""

import time
from dataclasses import dataclass

from engine.live.versions.changes import Change, Results
from engine.live.versions.running_version import RunningVersion

REPLAY_PATIENCE = 0.1
"""Seconds that a new version may evaluate the window unseen before its verdicts so far are shown."""
SWITCHES = 100


@dataclass(frozen=True, slots=True)
class Switch:
    """When one version took the place of another."""

    second: int
    """By the clock of `Throughput.until`."""
    version: int


class VersionSwitch:
    """Shows a version once it has evaluated the window. Not locked: its owner is."""

    def __init__(self) -> None:
        self.shown: RunningVersion | None = None
        """Its verdicts are shown; another version may evaluate for a moment."""
        self.reload_seconds: float | None = None
        """From the save to the first new verdict; None if nothing was saved."""
        self.replay_end = 0
        """The row that the newest version evaluates up to before it is shown."""
        self.switches: tuple[Switch, ...] = ()
        self._before: RunningVersion | None = None
        self._saved: float | None = None
        self._reloads = False
        """Whether the version that evaluates is a new one, and not shown yet."""
        self._started = 0.0

    def begin(self, replay_end: int, *, again: bool, saved: float | None) -> None:
        """A version evaluates from now on; `saved` is when its file was, in seconds since the epoch.

        `again` means the same module from another row on: there is nothing to compare it with.
        """
        self._before = None if again else self.shown
        self.replay_end = replay_end
        self._started = time.monotonic()
        if not again:
            self._saved, self._reloads = saved, True

    def compare(self, running: RunningVersion, *, idle: bool) -> Change | None:
        """What the version that evaluates changed, once that is due; only the evaluating thread may call.

        An `idle` one is stopped or limited: its results are compared as they are.
        """
        before = self._before
        if before is None or not (idle or running.verdicts.end_row >= self.replay_end):
            return None
        old, new = (Results.of(one.verdicts, one.outputs.snapshot()) for one in (before, running))
        return Change.between(old, new)

    def advance(self, running: RunningVersion, change: Change | None, *, idle: bool) -> None:
        """Show the version that evaluates, and its `change`, as soon as either is due."""
        replayed = idle or running.verdicts.end_row >= self.replay_end
        impatient = time.monotonic() - self._started > REPLAY_PATIENCE
        if running is not self.shown and (replayed or impatient):
            if self.shown is not None and self._reloads:
                switch = Switch(int(time.monotonic()), running.number)
                self.switches = (*self.switches, switch)[-SWITCHES:]
            self.shown = running
            if self._reloads:
                self.reload_seconds = None if self._saved is None else time.time() - self._saved
                self._reloads = False
        if change is not None:
            running.change = change
            self._before = None
