"""A consumer over a window, whose SmartStreams are replaced whenever new versions are built."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engine.builds.build import BuildRequest, BuildResult, Builds, OnBuild
from engine.consumer.live_module import LiveModule, ModuleListener, StoredRecords
from engine.consumer.module_version import ModuleVersion
from engine.consumer.step import Step, chain_name
from engine.errors import EngineError
from engine.live.evaluation.loop import EvaluationLoop
from engine.live.evaluation.mailbox import Resume, Seek, UseModule
from engine.live.evaluation.pane_consumer import PaneConsumer
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.explanation.explanation import Inquiry
from engine.live.explanation.trace import TracedStep
from engine.live.versions.fold import accumulator_before
from engine.live.window.window import Window
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream

MakesBuilds = Callable[[OnBuild], Builds]


class FilterConsumer(PaneConsumer):
    """Evaluates a window's rows in order with the newest version of each of its steps.

    A new version evaluates the whole window again, and is shown once it has, or after `REPLAY_PATIENCE`.
    With a rate limit, that is at once what was evaluated before, and the rest within the limit.
    """

    def __init__(
        self,
        identity: int,
        steps: Sequence[Step],
        builds: Sequence[MakesBuilds],
        window: Window,
        config: ModuleConfig,
        wake: Callable[[], None],
        stored: StoredRecords | None = None,
        keep_sources: Callable[[BuildResult], None] = lambda _: None,
    ) -> None:
        """At least one step, and what builds each.

        `stored` is what they look back at.
        """
        self.id = identity
        self._steps = tuple(steps)
        self._config = config
        self._window = window
        self._stored = stored
        self._wake = wake
        self._keep_sources = keep_sources
        self._loop = EvaluationLoop(f"{identity} {chain_name(steps)}", window, wake, len(steps))
        self._progress = self._loop.progress
        self._numbers = threading.Lock()
        self._number = 0
        """The newest version."""
        self._modules = [
            LiveModule(build, _Step(self, number), config=step.config(config), stored=stored)
            for number, (step, build) in enumerate(zip(steps, builds, strict=True))
        ]

    def start(self) -> None:
        self._loop.start()
        for module in self._modules:
            module.start()

    def rebuild(self) -> None:
        stopped = self._progress.stopped
        if stopped is not None and stopped.resumable:
            self._loop.post(Resume())
        else:
            for module in self._modules:
                module.rebuild()

    def use(self, version: int) -> None:
        found = self._progress.module(version)
        if found is None:
            for module in self._modules:
                module.choose(None)
            return
        self._modules[found.step].choose(found)
        if found.config is not None:
            self._note(found.step, found.config.params)

    def set_params(self, step: int, params: Mapping[str, str]) -> None:
        trigger = " ".join(f"{name}={value}" for name, value in params.items()) or "no parameters"
        self._note(step, params)
        self._modules[step].configure(self._steps[step].config(self._config), trigger)

    def set_rate_limit(self, per_second: float | None) -> None:
        self._loop.set_rate_limit(per_second)

    def seek(self, row: int | None) -> None:
        self._loop.post(Seek(self._window.end_row if row is None else row))

    def close(self) -> None:
        for module in self._modules:
            module.close()
        self._loop.close()

    def module_versions(self) -> tuple[ModuleVersion, ...]:
        """What evaluated the verdicts that are shown, by step; empty if there are none."""
        return self._progress.shown_modules()

    def inquiry(self, row: int, partition: int) -> Inquiry:
        """What explains the verdict on a row."""
        shown, snapshot = self.module_versions(), self.snapshot()
        outputs = (*snapshot.between, snapshot.outputs)
        steps = [
            self._traced(module, accumulator_before(kept, partition, row))
            for module, kept in zip(shown, outputs, strict=False)
        ]
        earlier: list[tuple[int, TracedStep]] = []
        if len(self._steps) == 1:
            before = steps[0].accumulator if steps else None
            kept_modules = self._progress.kept_modules()
            earlier = [(one.version, self._traced(one, before)) for one in kept_modules if one not in shown]
        return Inquiry(consumer=self.id, steps=steps, earlier=earlier)

    def _traced(self, module: ModuleVersion, accumulator: bytes | None) -> TracedStep:
        config = module.config or self._steps[module.step].config(self._config)
        look_back = config.look_back
        stored = () if look_back is None or self._stored is None else self._stored(look_back)
        return TracedStep(module=module, config=config, stored=stored, accumulator=accumulator)

    def modules_with(self, version: int) -> tuple[ModuleVersion, ...]:
        """The modules of `module_versions`, with another version of one step; empty if that is not kept."""
        return self._progress.modules_with(version)

    def snapshot(self) -> ConsumerSnapshot:
        return self._progress.snapshot(self.id, chain_name(self._steps), self._steps, self._loop.cursor)

    def _note(self, step: int, params: Mapping[str, str]) -> None:
        changed = replace(self._steps[step], params=dict(params))
        self._steps = (*self._steps[:step], changed, *self._steps[step + 1 :])

    # What the steps tell, from threads of their own.

    def building(self, step: int, request: BuildRequest) -> None:
        self._progress.building(request, step)
        self._wake()

    def built(self, step: int, result: BuildResult, module: SmartStream | None) -> None:
        """A step has a new module, or none because its build failed."""
        # One at a time, so that versions are counted as they are handed over.
        built = result.version
        with self._numbers:
            self._number = max(self._number + 1, result.version)
            result = replace(result, version=self._number)
            if module is not None and result.wasm is not None:
                version = ModuleVersion.of(result, result.wasm, step=step, config=module.config)
                self._loop.post(UseModule(version, module, result, built))
        if module is None:
            self._progress.failed(result, step, built)
            self._wake()
        self._keep_sources(result)

    def reloaded(self, step: int, version: ModuleVersion, loaded: SmartStream | EngineError) -> None:
        """A step has a former module again."""
        if isinstance(loaded, EngineError):
            self._progress.reload_failed(
                f"version {version.version} cannot be loaded again: {loaded.message}"
            )
            self._wake()
        elif len(self._steps) == 1:
            self._loop.post(UseModule(version, loaded, None))
        else:
            # With the current versions of the other steps, this is a version that there was not before.
            self.built(step, self._again(step, version), loaded)

    def _again(self, step: int, version: ModuleVersion) -> BuildResult:
        source = self._steps[step].source
        return BuildResult(
            version=0,
            path=Path(self._steps[step].name) if version.foreign else Path(str(source)).absolute(),
            trigger=f"{source} v{version.version} again",
            started=time.time(),
            seconds=0.0,
            foreign=version.foreign,
            sources=self._progress.sources(version.version),
            wasm=version.wasm,
        )


class _Step(ModuleListener):
    """Tells a consumer which of its steps it was."""

    def __init__(self, consumer: FilterConsumer, step: int) -> None:
        self._consumer = consumer
        self._step = step

    def on_building(self, request: BuildRequest) -> None:
        self._consumer.building(self._step, request)

    def on_built(self, result: BuildResult, module: SmartStream | None) -> None:
        self._consumer.built(self._step, result, module)

    def on_reloaded(self, version: ModuleVersion, loaded: SmartStream | EngineError) -> None:
        self._consumer.reloaded(self._step, version, loaded)
