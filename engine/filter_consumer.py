"""A consumer over a window, filtered by a SmartStream that is replaced whenever a new version is built."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from engine.build.build import Build, BuildState
from engine.build.job import Job, SupersededError
from engine.errors import ContractError, InternalError, SmartStreamError
from engine.generation import Generation
from engine.rates import RateMeter
from engine.smartstream.limits import Limits
from engine.smartstream.smartstream import SmartStream
from engine.snapshots import Change, ConsumerSnapshot, ConsumerState
from engine.verdict_log import VerdictLog
from engine.verdicts import Judgement, Verdict
from engine.window import Chunk, Window

JUDGING_BUDGET = 0.05
"""Seconds of judging between looks at what else there is to do."""
REPLAY_PATIENCE = 0.1
"""Seconds that a reload may judge the window unseen before its verdicts so far are shown."""

_LOG = logging.getLogger(__name__)

OnBuild = Callable[[Build], None]


class BuildSource(Protocol):
    """Where a consumer's builds come from; it was made with a callback that takes each `Build`."""

    def start(self) -> None:
        """Begin to deliver builds, from a thread of its own."""

    def rebuild(self) -> None:
        """Deliver a new build even though nothing changed."""

    def close(self) -> None:
        """Deliver no more, and end whatever is under way."""


class FilterConsumer:
    """Judges a window's rows in order with the newest version of a filter that builds.

    One thread judges; the source's own watches and builds. A new version judges the whole window again,
    and takes over as soon as it has, or after `REPLAY_PATIENCE`.
    """

    def __init__(
        self,
        identity: int,
        name: str,
        path: Path | None,
        source: Callable[[OnBuild], BuildSource],
        window: Window,
        limits: Limits,
        wake: Callable[[], None],
    ) -> None:
        """`path` is the file that a person may edit, where there is one."""
        self.id = identity
        self._name = name
        self._path = path
        self._window = window
        self._limits = limits
        self._wake = wake
        self._source = source(self._on_build)
        self._thread = threading.Thread(target=self._run, name=f"judge {name}", daemon=True)
        self._lock = threading.Lock()
        # Written under the window's condition, which the thread waits on.
        self._closing = False
        self._resuming = False
        self._next_build: Build | None = None
        self._loading = Job()
        """The build that is being loaded."""
        # Written by the judging thread, under the lock where a snapshot reads it.
        self._running: Generation | None = None
        self._shown: Generation | None = None
        self._build: Build | None = None
        self._building = 0
        self._state = ConsumerState.BUILDING
        self._before: VerdictLog | None = None
        self._replay_end = 0
        self._replay_started = 0.0
        self._reload_seconds: float | None = None
        self._notice = ""
        self._resumes = False
        self._change: Change | None = None
        self._rate = RateMeter()

    def start(self) -> None:
        """Begin to watch, build and judge."""
        self._source.start()
        self._thread.start()

    def rebuild(self) -> None:
        """Build again, saved or not; where it was stopped for its faults, go on with the rest instead."""
        with self._lock:
            resumes = self._resumes
        if not resumes:
            self._source.rebuild()
            return
        with self._window.changed:
            self._resuming = True
            self._window.changed.notify_all()

    def close(self) -> None:
        """Stop building and judging, and let go of the SmartStream."""
        self._source.close()
        with self._window.changed:
            self._closing = True
            self._loading.cancel()
            running = self._running
            self._window.changed.notify_all()
        if running is not None:
            running.stream.interrupt()
        if self._thread.is_alive():
            self._thread.join()

    def snapshot(self) -> ConsumerSnapshot:
        """The state now."""
        with self._lock:
            shown = self._shown
            snapshot = ConsumerSnapshot(
                self.id,
                self._name,
                self._path,
                self._state,
                building=self._building > 0,
                build=self._build,
                reload_seconds=self._reload_seconds,
                throughput=self._rate.throughput(),
                notice=self._notice,
                change=self._change,
                resumes=self._resumes,
            )
            if shown is None:
                return snapshot
            return replace(
                snapshot,
                generation=shown.number,
                first_row=shown.verdicts.first_row,
                verdicts=shown.verdicts.snapshot(),
                counters=shown.counters,
                faults=shown.faults,
                last_fault=shown.last_fault,
                printed=shown.printed.snapshot(),
            )

    def _on_build(self, build: Build) -> None:
        if build.state is BuildState.BUILDING:
            with self._lock:
                self._building = build.generation
        else:
            with self._window.changed:
                # Looked up before the judging thread can see the build: the new version must not be hit.
                running = self._running
                self._next_build = build
                if build.state is BuildState.READY:
                    self._loading.cancel()
                self._window.changed.notify_all()
            if build.state is BuildState.READY and running is not None:
                # A failed build leaves the old version at work, and an interrupt would cost it its state.
                running.stream.interrupt()
        self._wake()

    def _run(self) -> None:
        try:
            while (work := self._await_work()) is not None:
                try:
                    work()
                except Exception as error:  # noqa: BLE001 - a pane that stands still would not say why
                    self._stop(InternalError(error).message)
        finally:
            if self._running is not None:
                self._running.stream.close()

    def _await_work(self) -> Callable[[], None] | None:
        """What there is to do next; None once it is time to end."""
        with self._window.changed:
            self._window.changed.wait_for(
                lambda: self._closing or self._next_build or self._resuming or self._unjudged()
            )
            build, self._next_build = self._next_build, None
            resuming, self._resuming = self._resuming, False
            if self._closing:
                return None
            if build is None:
                return self._resume if resuming else self._judge
            self._loading = Job()
            return partial(self._take, build, self._loading)

    def _unjudged(self) -> bool:
        running = self._running
        return (
            running is not None
            and self._state is not ConsumerState.STOPPED
            and running.verdicts.end_row < self._window.end_row
        )

    def _take(self, build: Build, job: Job) -> None:
        stream: SmartStream | None = None
        if build.wasm is not None:
            try:
                stream = SmartStream(
                    build.wasm,
                    limits=self._limits,
                    name=build.path.name,
                    foreign=build.foreign,
                    job=job,
                )
            except SupersededError:
                # Another one is there already.
                return
            except SmartStreamError as error:
                build = replace(build, state=BuildState.FAILED, error=error)
        with self._lock:
            self._build = build
            if self._building <= build.generation:
                self._building = 0
            if stream is not None:
                self._replace_running(Generation(build.generation, stream, self._window.first_row))
            elif self._state is ConsumerState.STOPPED:
                self._resumes = False
            else:
                self._state = ConsumerState.STALE if self._running else ConsumerState.FAILED
        self._show_when_replayed()
        if stream is None or not self._unjudged():
            # Else the first verdicts wake the dashboard: a frame now would keep theirs waiting.
            self._wake()

    def _replace_running(self, generation: Generation) -> None:
        _LOG.info("consumer %d, %s: generation %d takes over", self.id, self._name, generation.number)
        if self._running is not None:
            self._running.stream.close()
        self._running = generation
        self._go_on()
        self._before = self._shown.verdicts if self._shown else None
        self._replay_end = self._window.end_row
        self._replay_started = time.monotonic()

    def _judge(self) -> None:
        running = self._running
        chunk = next(self._window.snapshot().batches(running.verdicts.end_row), None) if running else None
        if running is None or chunk is None:
            return
        try:
            judgement = running.stream.evaluate(chunk.batch, budget=JUDGING_BUDGET)
        except ContractError as error:
            self._stop(error.message)
            return
        with self._lock:
            running.record(chunk, judgement)
            running.verdicts.trim(self._window.first_row)
            self._count_new(chunk, judgement)
            if running.stream.restarts:
                self._notice = f"state lost to faults ×{running.stream.restarts:,}"
        stopped = running.stream.stopped
        if stopped is not None:
            self._stop(f"stopped after {stopped.faults:,} traps and timeouts in a row", resumes=True)
            return
        self._show_when_replayed()
        self._wake()

    def _go_on(self) -> None:
        self._state = ConsumerState.LIVE
        self._notice = ""
        self._resumes = False

    def _resume(self) -> None:
        """Judge the records that were left pending by too many faults in a row."""
        with self._lock:
            # Another version may have taken its place meanwhile.
            if self._resumes and self._running is not None:
                self._running.stream.resume()
                self._go_on()
        self._wake()

    def _stop(self, why: str, *, resumes: bool = False) -> None:
        """Judge no more until there is a new version, or, where it `resumes`, until asked to."""
        _LOG.info("consumer %d, %s, stopped: %s", self.id, self._name, why)
        with self._lock:
            self._state = ConsumerState.STOPPED
            self._notice = why
            self._resumes = resumes
        self._show_when_replayed()
        self._wake()

    def _count_new(self, chunk: Chunk, judgement: Judgement) -> None:
        old = max(self._replay_end - chunk.first_row, 0)
        self._rate.add(int((judgement.verdicts[old : judgement.judged] == Verdict.PASS).sum()))

    def _show_when_replayed(self) -> None:
        """Let the running generation take over the pane, and say what it changed once that is known."""
        running = self._running
        if running is None:
            return
        replayed = running.verdicts.end_row >= self._replay_end or self._state is ConsumerState.STOPPED
        impatient = time.monotonic() - self._replay_started > REPLAY_PATIENCE
        with self._lock:
            if running is not self._shown and (replayed or impatient):
                self._shown = running
                self._change = None
                saved = None if self._build is None else self._build.saved
                self._reload_seconds = None if saved is None else time.time() - saved
            if self._before is not None and replayed:
                self._change = running.change_from(self._before)
                self._before = None
