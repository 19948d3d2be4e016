"""A consumer over a window, whose SmartStream is replaced whenever a new version is built."""

from collections.abc import Callable
from pathlib import Path

from engine.builds.build import BuildRequest, BuildResult, Builds, OnBuild
from engine.consumer.live_module import LiveModule, ModuleListener
from engine.consumer.module_version import ModuleVersion
from engine.errors import EngineError
from engine.live.evaluation.live_consumer import LiveConsumer
from engine.live.evaluation.loop import EvaluationLoop
from engine.live.evaluation.mailbox import Resume, Seek, UseModule
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.window.window import Window
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream


class FilterConsumer(LiveConsumer, ModuleListener):
    """Evaluates a window's rows in order with the newest version of a filter that builds.

    A new version evaluates the whole window again, and is shown once it has, or after `REPLAY_PATIENCE`.
    With a rate limit, that is at once what was evaluated before, and the rest within the limit.
    """

    def __init__(
        self,
        identity: int,
        name: str,
        path: Path | None,
        builds: Callable[[OnBuild], Builds],
        window: Window,
        config: ModuleConfig,
        wake: Callable[[], None],
    ) -> None:
        """`path` is the file that you may edit, if there is one."""
        self.id = identity
        self._name = name
        self._path = path
        self._window = window
        self._wake = wake
        self._loop = EvaluationLoop(f"{identity} {name}", window, wake)
        self._progress = self._loop.progress
        self._module = LiveModule(builds, self, config=config)

    def start(self) -> None:
        self._loop.start()
        self._module.start()

    def rebuild(self) -> None:
        stopped = self._progress.stopped
        if stopped is not None and stopped.resumable:
            self._loop.post(Resume())
        else:
            self._module.rebuild()

    def use(self, version: int) -> None:
        self._module.choose(self._progress.module(version))

    def set_rate_limit(self, per_second: float | None) -> None:
        self._loop.set_rate_limit(per_second)

    def seek(self, row: int | None) -> None:
        self._loop.post(Seek(self._window.end_row if row is None else row))

    def close(self) -> None:
        self._module.close()
        self._loop.close()

    def module_version(self) -> ModuleVersion | None:
        """What evaluated the verdicts that are shown; None if there are none, or its module is not kept."""
        return self._progress.shown_module()

    def snapshot(self) -> ConsumerSnapshot:
        return self._progress.snapshot(self.id, self._name, self._path, self._loop.cursor)

    def on_building(self, request: BuildRequest) -> None:
        self._progress.building(request)
        self._wake()

    def on_built(self, result: BuildResult, module: SmartStream | None) -> None:
        if module is None:
            self._progress.failed(result)
            self._wake()
        else:
            self._loop.post(UseModule(result.version, module, result))

    def on_reloaded(self, version: ModuleVersion, loaded: SmartStream | EngineError) -> None:
        if isinstance(loaded, EngineError):
            self._progress.reload_failed(
                f"version {version.version} cannot be loaded again: {loaded.message}"
            )
            self._wake()
        else:
            self._loop.post(UseModule(version.version, loaded, None))
