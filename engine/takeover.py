"""How one generation takes the place of another in what is shown of a consumer."""

import time

from engine.generation import Generation
from engine.snapshots import TakenOver
from engine.verdict_log import VerdictLog

REPLAY_PATIENCE = 0.1
"""Seconds that a new generation may judge the window unseen before its verdicts so far are shown."""
TAKEOVERS = 100
"""The newest that are remembered."""


class Takeover:
    """Shows a generation once it has judged what there was when it came. Not locked: its consumer is."""

    def __init__(self) -> None:
        self.shown: Generation | None = None
        """The generation whose verdicts are shown; the one that judges may be another for a moment."""
        self.reload_seconds: float | None = None
        """From the save to the first new verdict; None where nobody saved."""
        self.replay_end = 0
        """The row after the last one that there was when the newest generation came."""
        self.takeovers: tuple[TakenOver, ...] = ()
        """By which another generation came to be shown, oldest first."""
        self._before: VerdictLog | None = None
        self._saved: float | None = None
        self._started = 0.0

    def begin(self, end_row: int, saved: float | None) -> None:
        """A new generation judges from now on; `saved` is when its file was, in seconds since the epoch."""
        self._before = self.shown.verdicts if self.shown else None
        self._saved = saved
        self.replay_end = end_row
        self._started = time.monotonic()

    def advance(self, running: Generation, *, stopped: bool) -> None:
        """Show the generation that judges, and what it changed, as soon as either is due."""
        replayed = stopped or running.verdicts.end_row >= self.replay_end
        impatient = time.monotonic() - self._started > REPLAY_PATIENCE
        if running is not self.shown and (replayed or impatient):
            if self.shown is not None:
                taken = TakenOver(int(time.monotonic()), running.number)
                self.takeovers = (*self.takeovers, taken)[-TAKEOVERS:]
            self.shown = running
            self.reload_seconds = None if self._saved is None else time.time() - self._saved
        if self._before is not None and replayed:
            running.change = running.change_from(self._before)
            self._before = None
