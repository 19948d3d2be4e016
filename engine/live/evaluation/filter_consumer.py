"""A consumer over a window, filtered by a SmartStream that is replaced whenever a new version is built."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from engine.builds.build import Build, BuildState
from engine.consumer.module_version import ModuleVersion
from engine.errors import ContractError, InternalError, SmartStreamError
from engine.live.evaluation.build_history import History
from engine.live.evaluation.live_consumer import LiveConsumer
from engine.live.evaluation.mailbox import Errand, Errands
from engine.live.evaluation.running_version import RunningVersion
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import ConsumerState
from engine.live.evaluation.switch import VersionSwitch
from engine.live.stats.counters import Counters
from engine.live.stats.rates import RateMeter
from engine.live.window.snapshot import Chunk
from engine.live.window.window import Window
from engine.process import Job, SupersededError
from engine.rate_limiter import RateLimiter
from engine.records.evaluation import Evaluation
from engine.records.verdicts import Verdict
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream

EVALUATION_BUDGET = 0.05
"""Seconds of evaluating between looks at what else there is to do."""

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


class FilterConsumer(LiveConsumer):
    """Evaluates a window's rows in order with the newest version of a filter that builds.

    One thread evaluates; the source's own watches and builds. A new version evaluates the whole window again,
    and takes over as soon as it has, or after `REPLAY_PATIENCE`. Where the consumer has a
    pace, that is at once what was evaluated before, and what comes after that at its pace.
    """

    def __init__(
        self,
        identity: int,
        name: str,
        path: Path | None,
        source: Callable[[OnBuild], BuildSource],
        window: Window,
        config: ModuleConfig,
        wake: Callable[[], None],
    ) -> None:
        """`path` is the file that a person may edit, where there is one."""
        self.id = identity
        self._name = name
        self._path = path
        self._window = window
        self._cursor = window.register()
        self._config = config
        self._wake = wake
        self._source = source(self._on_build)
        self._thread = threading.Thread(target=self._run, name=f"evaluate {name}", daemon=True)
        self._lock = threading.Lock()
        self._errands = Errands(window.changed)
        self._rate_limiter = RateLimiter()
        # Written by the evaluating thread, under the lock where a snapshot reads it.
        self._running: RunningVersion | None = None
        self._switch = VersionSwitch()
        self._first_row = 0
        """The row that it was last told to evaluate from."""
        self._stood = 0
        """The row that it had come to when the running version took over: up to there no pace counts."""
        self._history = History()
        self._build: Build | None = None
        self._building = 0
        self._state = ConsumerState.BUILDING
        self._notice = ""
        self._resumes = False
        self._rate = RateMeter()
        self._evaluated = RateMeter()

    def start(self) -> None:
        """Begin to watch, build and evaluate."""
        self._source.start()
        self._thread.start()

    def rebuild(self) -> None:
        """Build again, saved or not; where it was stopped for its faults, go on with the rest instead."""
        with self._lock:
            resumes = self._resumes
        if resumes:
            self._errands.resume()
        else:
            self._source.rebuild()

    def use(self, version: int) -> None:
        """Let the build of a version take over again; nothing happens where its module is not kept."""
        with self._lock:
            running = self._running
            runs = running is not None and running.number == version
            again = not runs or self._state is ConsumerState.STOPPED
            build = self._history.build(version) if again else None
        self._errands.choose(build)
        if running is not None and build is not None:
            running.stream.interrupt()

    def set_rate_limit(self, per_second: float | None) -> None:
        """Evaluate so many records a second at most: 0 for none, None for as many as can be."""
        self._rate_limiter.set(per_second)
        self._cursor.move(self.evaluated_row)
        self._errands.look_again()

    def seek(self, row: int | None) -> None:
        """Evaluate again from a row on, as if nothing had been evaluated; None: what comes from now on."""
        self._errands.seek(self._window.end_row if row is None else row)

    def close(self) -> None:
        """Stop building and evaluating, and let go of the SmartStream."""
        self._source.close()
        self._errands.close()
        running = self._running
        if running is not None:
            running.stream.interrupt()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def evaluated_row(self) -> int | None:
        """The row after the last one evaluated; None while stopped or held to a pace."""
        paced = self._rate_limiter.per_second is not None
        with self._lock:
            if self._running is None or self._state is ConsumerState.STOPPED or paced:
                return None
            return self._running.verdicts.end_row

    def module_version(self) -> ModuleVersion | None:
        """What it evaluates with that is shown; None where nothing is, or its module is not kept."""
        with self._lock:
            shown = self._switch.shown
            build = None if shown is None else self._history.build(shown.number)
        if build is None or build.wasm is None:
            return None
        return ModuleVersion(
            version=build.version, wasm=build.wasm, name=build.path.name, foreign=build.foreign
        )

    def snapshot(self) -> ConsumerSnapshot:
        """The state now."""
        with self._lock:
            shown, running = self._switch.shown, self._running
            earlier = running is not None and running.number < self._history.newest
            snapshot = ConsumerSnapshot(
                self.id,
                self._name,
                self._path,
                self._state,
                building=self._building > 0,
                build=self._build,
                newer=self._history.newest if earlier else 0,
                reload_seconds=self._switch.reload_seconds,
                throughput=self._rate.throughput(),
                evaluated=self._evaluated.throughput(),
                switches=self._switch.switches,
                notice=self._notice,
                history=self._history.entries(running),
                resumes=self._resumes,
                rate_limit=self._rate_limiter.per_second,
            )
            if shown is None:
                return snapshot
            return replace(
                snapshot,
                version=shown.number,
                first_row=shown.verdicts.first_row,
                verdicts=shown.verdicts.snapshot(),
                counters=self._counters(shown),
                faults=shown.faults,
                last_fault=shown.last_fault,
                printed=shown.printed.snapshot(),
                change=shown.change,
            )

    def _counters(self, shown: RunningVersion) -> Counters:
        """Where a pace holds it back, what has left the window in front of it is counted at once."""
        lost = self._window.first_row - shown.verdicts.end_row
        if lost <= 0 or self._rate_limiter.per_second is None or self._state is ConsumerState.STOPPED:
            return shown.counters
        return replace(shown.counters, skipped=shown.counters.skipped + lost)

    def _on_build(self, build: Build) -> None:
        if build.state is BuildState.BUILDING:
            with self._lock:
                self._building = build.version
        else:
            # Looked up before the evaluating thread can see the build: the new version must not be hit.
            running = self._running
            self._errands.deliver(build)
            if build.state is BuildState.READY and running is not None:
                # A failed build leaves the old version at work, and an interrupt would cost it its state.
                running.stream.interrupt()
        self._wake()

    def _run(self) -> None:
        try:
            while (errand := self._errands.wait(self._evaluating_in)) is not None:
                try:
                    self._do(errand)
                except SupersededError:
                    # Another build is there already.
                    continue
                except Exception as error:  # noqa: BLE001 - a pane that stands still would not say why
                    self._stop(InternalError(error).message)
                self._cursor.move(self.evaluated_row)
        finally:
            self._cursor.close()
            if self._running is not None:
                self._running.stream.close()

    def _do(self, errand: Errand) -> None:
        if errand.build is not None:
            take = self._take_again if errand.chosen else self._take
            take(errand.build, errand.job)
        elif errand.row is not None:
            self._go_to(errand.row)
        elif errand.resumes:
            self._resume()
        else:
            self._evaluate()

    def _evaluating_in(self) -> float | None:
        """Seconds until there is something to evaluate, 0 where there is now; None where nobody can say."""
        running = self._running
        if running is None or self._state is ConsumerState.STOPPED:
            return None
        row = max(running.verdicts.end_row, self._window.first_row)
        if row >= self._window.end_row:
            return None
        return 0.0 if row < self._stood else self._rate_limiter.wait

    def _take(self, build: Build, job: Job) -> None:
        stream: SmartStream | None = None
        if build.wasm is not None:
            try:
                stream = self._load(build, build.wasm, job)
            except SmartStreamError as error:
                build = replace(build, state=BuildState.FAILED, error=error)
        with self._lock:
            self._build = build
            if self._building <= build.version:
                self._building = 0
            self._history.add(build, self._running)
            if stream is not None:
                self._replace_running(build, stream, build.saved)
            elif self._state is ConsumerState.STOPPED:
                self._resumes = False
            else:
                self._state = self._state_of_running()
        self._show_when_replayed()
        if stream is None or self._evaluating_in() != 0:
            # Else the first verdicts wake the dashboard: a frame now would keep theirs waiting.
            self._wake()

    def _take_again(self, build: Build, job: Job) -> None:
        stream: SmartStream | None = None
        problem = ""
        try:
            stream = self._load(build, build.wasm or b"", job)
        except SmartStreamError as error:
            problem = f"version {build.version} cannot be loaded again: {error.message}"
        with self._lock:
            if stream is None:
                self._notice = problem
            else:
                if self._running is not None:
                    self._history.keep(self._running)
                self._replace_running(build, stream, None)
        self._show_when_replayed()
        self._wake()

    def _load(self, build: Build, wasm: bytes, job: Job) -> SmartStream:
        return SmartStream(wasm, config=self._config, name=build.path.name, foreign=build.foreign, job=job)

    def _replace_running(self, build: Build, stream: SmartStream, saved: float | None) -> None:
        _LOG.info("consumer %d, %s: version %d takes over", self.id, self._name, build.version)
        before, self._running = self._running, self._running_version(build.version, stream)
        if before is not None:
            before.stream.close()
            self._stood = max(self._stood, before.verdicts.end_row)
        self._go_on()
        self._switch.begin(self._replay_end(), saved)

    def _running_version(self, number: int, stream: SmartStream) -> RunningVersion:
        return RunningVersion(number, stream, max(self._first_row, self._window.first_row))

    def _replay_end(self) -> int:
        """The row up to which the running version evaluates as fast as it can."""
        return self._window.end_row if self._rate_limiter.per_second is None else self._stood

    def _go_to(self, row: int) -> None:
        """Evaluate from a row on with a fresh instance of the running version."""
        with self._lock:
            self._first_row = self._stood = min(row, self._window.end_row)
            running = self._running
            # What broke its contract is closed: the version after it begins there.
            if running is not None and (self._resumes or self._state is not ConsumerState.STOPPED):
                _LOG.info("consumer %d, %s, evaluates from row %d on", self.id, self._name, self._first_row)
                self._history.keep(running)
                running.stream.renew()
                self._running = self._running_version(running.number, running.stream)
                self._go_on()
                self._switch.begin_again(self._replay_end())
        self._show_when_replayed()
        self._wake()

    def _next_chunk(self, running: RunningVersion) -> Chunk | None:
        """The records to evaluate now."""
        chunk = next(self._window.snapshot().batches(running.verdicts.end_row), None)
        if chunk is None:
            return None
        due = self._rate_limiter.due
        if due is not None and chunk.first_row < self._stood:
            due = self._stood - chunk.first_row
        return chunk if due is None else chunk.first(due)

    def _evaluate(self) -> None:
        running = self._running
        chunk = self._next_chunk(running) if running else None
        if running is None or chunk is None or not len(chunk.batch):
            return
        try:
            evaluation = running.stream.evaluate(chunk.batch, budget=EVALUATION_BUDGET)
        except ContractError as error:
            self._stop(error.message)
            return
        if chunk.first_row >= self._stood:
            self._rate_limiter.take(evaluation.evaluated)
        with self._lock:
            running.record(chunk, evaluation)
            running.verdicts.trim(self._window.first_row)
            self._count_new(chunk, evaluation)
            if running.stream.restarts:
                self._notice = f"state lost to faults ×{running.stream.restarts:,}"
        stopped = running.stream.stopped
        if stopped is not None:
            self._stop(f"stopped after {stopped.faults:,} traps and timeouts in a row", resumes=True)
            return
        self._show_when_replayed()
        self._wake()

    def _state_of_running(self) -> ConsumerState:
        """What the state is unless it was stopped."""
        if self._running is None:
            return ConsumerState.FAILED
        if self._build is not None and self._build.state is BuildState.FAILED:
            return ConsumerState.STALE
        earlier = self._running.number < self._history.newest
        return ConsumerState.EARLIER if earlier else ConsumerState.LIVE

    def _go_on(self) -> None:
        self._state = self._state_of_running()
        self._notice = ""
        self._resumes = False

    def _resume(self) -> None:
        """Evaluate the records that were left pending by too many faults in a row."""
        with self._lock:
            # Another version may have taken its place meanwhile.
            if self._resumes and self._running is not None:
                self._running.stream.resume()
                self._running.stopped = ""
                self._go_on()
        self._wake()

    def _stop(self, why: str, *, resumes: bool = False) -> None:
        """Evaluate no more until there is a new version, or, where it `resumes`, until asked to."""
        _LOG.info("consumer %d, %s, stopped: %s", self.id, self._name, why)
        with self._lock:
            self._state = ConsumerState.STOPPED
            self._notice = why
            if self._running is not None:
                self._running.stopped = why
            self._resumes = resumes
        self._show_when_replayed()
        self._wake()

    def _count_new(self, chunk: Chunk, evaluation: Evaluation) -> None:
        old = max(self._switch.replay_end - chunk.first_row, 0)
        new = evaluation.verdicts[old : evaluation.evaluated]
        # At one moment: a second that counted only one of them would have no pass rate, or more than all.
        now = time.monotonic()
        self._rate.add(int((new == Verdict.PASS).sum()), now)
        self._evaluated.add(len(new), now)

    def _show_when_replayed(self) -> None:
        """Let the running version take over the pane, and say what it changed once that is known."""
        running = self._running
        if running is not None:
            with self._lock:
                self._switch.advance(running, waits=self._evaluating_in() != 0)
