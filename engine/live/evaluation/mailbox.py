"""What a consumer's thread is to do next, in the order of what matters most."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from engine.builds.build import Build, BuildState
from engine.process import Job


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to do: take a build, or else go to a row, or else resume, or else evaluate."""

    build: Build | None
    job: Job
    """Cancelled once the build is not wanted any more."""
    chosen: bool = False
    """The build is an earlier one, and a person chose it."""
    row: int | None = None
    """The row to evaluate from again."""
    resumes: bool = False


class Errands:
    """Gathers what other threads ask of one that evaluates. Any thread may ask."""

    def __init__(self, changed: threading.Condition) -> None:
        """`changed` guards this, and is notified also where there may be more to evaluate."""
        self._changed = changed
        self._closing = False
        self._build: Build | None = None
        self._chosen: Build | None = None
        self._row: int | None = None
        self._resumes = False
        self._loading = Job()
        """The build that is being loaded."""

    def deliver(self, build: Build) -> None:
        """Take a build that has ended; one that is good is wanted more than any before it."""
        with self._changed:
            self._build = build
            if build.state is BuildState.READY:
                self._loading.cancel()
                self._chosen = None
            self._changed.notify_all()

    def choose(self, build: Build | None) -> None:
        """Take an earlier build again; with None, the one that was to be taken is not."""
        with self._changed:
            self._chosen = build
            self._changed.notify_all()

    def seek(self, row: int) -> None:
        """Evaluate again from a row on."""
        with self._changed:
            self._row = row
            self._changed.notify_all()

    def look_again(self) -> None:
        """There may be more to evaluate than when it was last asked, or sooner."""
        with self._changed:
            self._changed.notify_all()

    def resume(self) -> None:
        """Go on after too many faults in a row."""
        with self._changed:
            self._resumes = True
            self._changed.notify_all()

    def close(self) -> None:
        """Do nothing more."""
        with self._changed:
            self._closing = True
            self._loading.cancel()
            self._changed.notify_all()

    def wait(self, evaluating_in: Callable[[], float | None]) -> Errand | None:
        """Wait for the next thing to do; None once it is time to end.

        `evaluating_in` says in how many seconds there is something to evaluate; None where nobody can say.
        """
        with self._changed:
            while not self._asked and (seconds := evaluating_in()) != 0:
                self._changed.wait(seconds)
            return None if self._closing else self._next()

    @property
    def _asked(self) -> bool:
        wanted = self._build is not None or self._chosen is not None or self._row is not None
        return self._closing or wanted or self._resumes

    def _next(self) -> Errand:
        chosen = self._build is None
        build = self._chosen if chosen else self._build
        if build is None and self._row is not None:
            row, self._row = self._row, None
            return Errand(None, self._loading, row=row)
        resumes, self._resumes = self._resumes, False
        if build is None:
            return Errand(None, self._loading, resumes=resumes)
        if chosen:
            self._chosen = None
        else:
            self._build = None
        self._loading = Job()
        return Errand(build, self._loading, chosen)
