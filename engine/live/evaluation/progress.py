"""What has happened to a consumer's SmartStream so far: builds, versions, verdicts and status."""

import threading
import time
from dataclasses import replace

from engine.builds.build import BuildRequest, BuildResult
from engine.builds.source_text import Sources
from engine.consumer.module_version import ModuleVersion
from engine.consumer.step import Step, inline_path
from engine.live.evaluation.cursor import EvaluationCursor
from engine.live.evaluation.snapshot import BuildProgress, ConsumerSnapshot
from engine.live.evaluation.status import Building, Earlier, Failed, Live, Stale, Status, Stopped
from engine.live.stats.rates import RateMeter
from engine.live.stats.values import ValueMeter
from engine.live.versions.build_history import BuildHistory
from engine.live.versions.running_version import RunningVersion
from engine.live.versions.switch import VersionSwitch
from engine.live.window.snapshot import Chunk
from engine.records.evaluation import Evaluation
from engine.records.verdict_arrays import count
from engine.records.verdicts import Verdict


class Progress:
    """Written by the evaluating thread, and by the one that reports builds; any thread may read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.running: RunningVersion | None = None
        """The version that evaluates. Only the evaluating thread replaces it."""
        self._switch = VersionSwitch()
        self._history = BuildHistory()
        self._results: dict[int, BuildResult] = {}
        """The newest of each step, the last one last."""
        self._building: dict[int, BuildRequest] = {}
        """By step."""
        self.stopped: Stopped | None = None
        """Why nothing is evaluated any more."""
        self._reload_problem = ""
        self._passed = RateMeter()
        self._evaluated = RateMeter()
        self._values = ValueMeter()

    @property
    def evaluated_row(self) -> int | None:
        """The row after the last evaluated one; None if nothing evaluates."""
        running = self.running
        return None if running is None or self.stopped else running.verdicts.end_row

    def building(self, request: BuildRequest, step: int = 0) -> None:
        with self._lock:
            self._building[step] = request

    def failed(self, result: BuildResult, step: int, built: int) -> None:
        """A build failed: the running version continues, or stays stopped until the next save.

        `built` is its version by the count of what builds.
        """
        with self._lock:
            self._ended(result, step, built)
            if self.stopped is not None:
                self.stopped = replace(self.stopped, resumable=False)

    def loaded(self, result: BuildResult, module: ModuleVersion, built: int) -> None:
        """A step of a chain is ready, and waits for others."""
        with self._lock:
            self._ended(result, module.step, built, module)

    def reload_failed(self, problem: str) -> None:
        with self._lock:
            self._reload_problem = problem

    def begin(
        self, version: RunningVersion, replay_end: int, result: BuildResult | None = None, built: int = 0
    ) -> None:
        """A version evaluates from now on, or from another row on; `result` is its build if that is new."""
        with self._lock:
            before = self.running
            if result is not None:
                module = next(one for one in version.made_of if one.version == version.number)
                self._ended(result, module.step, built, module)
            elif before is not None:
                self._history.keep(before)
            self.running = version
            self._go_on()
            again = before is not None and before.module is version.module
            self._switch.begin(replay_end, again=again, saved=None if result is None else result.saved)

    def resume(self, running: RunningVersion) -> None:
        with self._lock:
            running.stopped = ""
            self._go_on()

    def stop(self, stopped: Stopped) -> None:
        """Nothing is evaluated until there is a new version, or until asked to if it is resumable."""
        with self._lock:
            self.stopped = stopped
            if self.running is not None:
                self.running.stopped = stopped.notice

    def record(
        self,
        running: RunningVersion,
        chunk: Chunk,
        evaluation: Evaluation,
        *,
        skipped: int,
        first_row: int,
    ) -> None:
        """Keep what was made of a chunk, after `skipped` records; no verdicts on rows before `first_row`."""
        # Both rates at one moment: a second that counted only one would have a wrong pass rate.
        now = time.monotonic()
        with self._lock:
            running.record(chunk, evaluation, skipped=skipped)
            running.trim(first_row)
            old = max(self._switch.replay_end - chunk.first_row, 0)
            new = evaluation.verdicts[old : evaluation.evaluated]
            self._passed.add(count(new, Verdict.PASS), now)
            self._evaluated.add(len(new), now)
            self._values.add(chunk.batch, evaluation)

    def show(self, *, idle: bool) -> None:
        if self.running is not None:
            # Comparing outputs takes too long for the lock; only this thread changes what is compared.
            change = self._switch.compare(self.running, idle=idle)
            with self._lock:
                self._switch.advance(self.running, change, idle=idle)

    def shown_modules(self) -> tuple[ModuleVersion, ...]:
        """What evaluated the verdicts that are shown, by step; empty if there are none."""
        with self._lock:
            shown = self._switch.shown
            return () if shown is None else shown.made_of

    def modules_with(self, version: int) -> tuple[ModuleVersion, ...]:
        """The shown modules, but that of a version in its step; empty if that is not kept."""
        with self._lock:
            shown = () if self._switch.shown is None else self._switch.shown.made_of
            module = self._history.module(version)
            if module is None:
                return ()
            return tuple(module if one.step == module.step else one for one in shown)

    def sources(self, version: int) -> Sources:
        """What a version was built of; empty if that is not kept."""
        with self._lock:
            return self._history.sources(version)

    def kept_modules(self) -> tuple[ModuleVersion, ...]:
        """Those of all kept builds, newest first."""
        with self._lock:
            return self._history.modules()

    def module(self, version: int) -> ModuleVersion | None:
        """The module of a version to switch to; None if it evaluates already, or is not kept."""
        with self._lock:
            runs = self.running is not None and self.running.number == version
            return None if runs and self.stopped is None else self._history.module(version)

    def snapshot(
        self, identity: int, name: str, steps: tuple[Step, ...], cursor: EvaluationCursor
    ) -> ConsumerSnapshot:
        # As in `record`: at two moments, a history could have a second that the other lacks.
        now = time.monotonic()
        with self._lock:
            snapshot = ConsumerSnapshot(
                id=identity,
                name=name,
                path=inline_path(steps, None if self._result is None else self._result.path),
                steps=steps,
                status=self._status(),
                building=self._under_way(),
                build=self._result,
                newer=self._history.newest if self._runs_earlier else 0,
                reload_seconds=self._switch.reload_seconds,
                throughput=self._passed.throughput(now),
                evaluated=self._evaluated.throughput(now),
                values=self._values.values(),
                switches=self._switch.switches,
                history=self._history.entries(self.running),
                rate_limit=cursor.limiter.per_second,
            )
            shown = self._switch.shown
            if shown is None:
                return snapshot
            counters = shown.counters
            if self.stopped is None:
                # What leaves the window while a limit holds it back is counted at once.
                held_back = cursor.held_back(shown.verdicts.end_row)
                counters = replace(counters, skipped=counters.skipped + held_back)
            return replace(
                snapshot,
                version=shown.number,
                first_row=shown.verdicts.first_row,
                verdicts=shown.verdicts.snapshot(),
                outputs=shown.outputs.snapshot(),
                kind=shown.module.kind,
                fold=shown.fold,
                ended=tuple(shown.ended.tolist()),
                ended_at=shown.ended_at.snapshot(),
                ended_at_row=shown.ended_at.first_row,
                between=tuple(log.snapshot() for log in shown.between),
                counters=counters,
                faults=shown.faults,
                last_fault=shown.last_fault,
                printed=shown.printed.snapshot(),
                change=shown.change,
            )

    def _ended(self, result: BuildResult, step: int, built: int, module: ModuleVersion | None = None) -> None:
        before = self._results.get(step)
        if built or before is None or before.ready or before.refused:
            self._results[step] = result
        elif result.error is not None:
            # A former module with other parameters does not replace a save that does not build.
            self._reload_problem = result.error.message
        if step in self._building and self._building[step].version <= built:
            del self._building[step]
        self._history.add(result, self.running, module)

    def _under_way(self) -> BuildProgress | None:
        build = next(iter(self._building.values()), None)
        if build is None:
            return None
        return BuildProgress(seconds=max(time.time() - build.started, 0), doing=build.doing)

    @property
    def _result(self) -> BuildResult | None:
        """The newest build that failed, else the newest one."""
        return max(self._results.values(), key=lambda one: (not one.ready, one.version), default=None)

    def _go_on(self) -> None:
        self.stopped = None
        self._reload_problem = ""

    @property
    def _runs_earlier(self) -> bool:
        return self.running is not None and self.running.number < self._history.newest

    def _status(self) -> Status:
        if self.stopped is not None:
            return self.stopped
        failed = any(not result.ready for result in self._results.values())
        if self.running is None:
            return Failed() if failed else Building()
        notice = self.running.notice or self._reload_problem
        if failed:
            return Stale(notice)
        return Earlier(notice) if self._runs_earlier else Live(notice)
