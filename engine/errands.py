"""What a consumer's thread is to do next, in the order of what matters most."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from engine.build.build import Build, BuildState
from engine.build.job import Job


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to do: take a build, or else resume, or else judge."""

    build: Build | None
    job: Job
    """Cancelled once the build is not wanted any more."""
    chosen: bool = False
    """The build is an earlier one, and a person chose it."""
    resumes: bool = False


class Errands:
    """Gathers what other threads ask of one that judges. Any thread may ask."""

    def __init__(self, changed: threading.Condition) -> None:
        """`changed` guards this, and is notified also where there may be more to judge."""
        self._changed = changed
        self._closing = False
        self._build: Build | None = None
        self._chosen: Build | None = None
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

    def wait(self, unjudged: Callable[[], bool]) -> Errand | None:
        """Wait for the next thing to do; None once it is time to end."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closing or self._build or self._chosen or self._resumes or unjudged()
            )
            if self._closing:
                return None
            return self._next()

    def _next(self) -> Errand:
        resumes, self._resumes = self._resumes, False
        chosen = self._build is None
        build = self._chosen if chosen else self._build
        if build is None:
            return Errand(None, self._loading, resumes=resumes)
        if chosen:
            self._chosen = None
        else:
            self._build = None
        self._loading = Job()
        return Errand(build, self._loading, chosen)
