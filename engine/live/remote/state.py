"""What has happened to the versions of a chain that a broker runs."""

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.broker.remote_evaluation import RemoteRefusedError
from engine.builds.build import BuildRequest, BuildResult
from engine.consumer.remote_chain import RemoteChain
from engine.consumer.step import Step, chain_name, inline_path
from engine.live.evaluation.snapshot import BuildProgress, ConsumerSnapshot
from engine.live.evaluation.status import Building, Failed, Live, Stale, Status, Stopped
from engine.live.versions.build_history import ENTRIES, HistoryEntry, entry_of


@dataclass(slots=True, kw_only=True)
class RemoteState:
    """Not locked: its owner is."""

    building: BuildRequest | None = None
    running: RemoteChain | None = None
    stopped: str = ""
    """Why nothing runs any more."""
    _version: int = 0
    _newest: int = 0
    _result: BuildResult | None = None
    _reload_seconds: float | None = None
    _history: deque[HistoryEntry] = field(default_factory=lambda: deque(maxlen=ENTRIES))
    """Newest first."""

    def failed(self, result: BuildResult) -> None:
        """A build failed; what runs continues."""
        self._newest += 1
        self._result = replace(result, version=self._newest)
        self.building = None
        self._history.appendleft(entry_of(self._result, kept=False))

    def ended(self, chain: RemoteChain, refused: RemoteRefusedError | None) -> None:
        """A build was sent to the broker, which runs it from now on, or does not."""
        build = chain.build or _loaded(chain)
        if refused is not None:
            if self.running is chain:
                self.running = None
            self.failed(replace(build, wasm=None, error=refused, refused=True))
            return
        self._newest += 1
        self._version, self.running, self.building, self.stopped = self._newest, chain, None, ""
        self._result = replace(build, version=self._newest)
        self._history.appendleft(entry_of(self._result, kept=False))
        self._reload_seconds = None if build.saved is None else max(time.time() - build.saved, 0.0)

    @property
    def folds(self) -> bool:
        return self.running is not None and self.running.fold is not None

    def snapshot(self, identity: int, steps: Sequence[Step]) -> ConsumerSnapshot:
        """Without what happened to records."""
        running, building, result = self.running, self.building, self._result
        progress = None
        if building is not None:
            seconds = max(time.time() - building.started, 0)
            progress = BuildProgress(seconds=seconds, doing=building.doing)
        return ConsumerSnapshot(
            id=identity,
            name=chain_name(steps),
            path=inline_path(steps, None if result is None else result.path),
            steps=tuple(steps),
            status=self._status(),
            building=progress,
            version=0 if running is None else self._version,
            build=result,
            reload_seconds=self._reload_seconds,
            kind="" if running is None else " → ".join(running.kinds),
            history=tuple(self._history),
            remote=True,
        )

    def _status(self) -> Status:
        if self.stopped:
            return Stopped(self.stopped)
        failed = self._result is not None and not self._result.ready
        if self.running is None:
            return Failed() if failed else Building()
        return Stale() if failed else Live()


def _loaded(chain: RemoteChain) -> BuildResult:
    """For a chain of modules that were not built here."""
    return BuildResult(
        version=0,
        path=Path(chain.steps[-1].name),
        trigger="opened",
        started=time.time(),
        seconds=0.0,
        foreign=True,
        wasm=chain.steps[-1].wasm,
    )
