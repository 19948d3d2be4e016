"""Versions of a chain that runs beside a broker's log."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from engine.broker.remote_evaluation import Accumulators, RemoteStep
from engine.builds.build import BuildRequest, BuildResult, Builds, OnBuild
from engine.consumer.live_module import LiveModule, ModuleListener
from engine.consumer.module_version import ModuleVersion
from engine.errors import EngineError, SmartStreamError
from engine.process.job import Job
from engine.records.batch import Batch
from engine.records.transform import Transform
from engine.records.verdicts import Verdict
from engine.runtime.chain import Chain
from engine.runtime.config import ModuleConfig
from engine.runtime.loading.wasm_sections import exported_names
from engine.runtime.smartstream import SmartStream

_AGGREGATE, _ARRAY_MAP, _FILTER = "aggregate", "array_map", "filter"
_TRIAL_SECONDS = 1.0


class NotRemoteError(SmartStreamError, code="not-remote"):
    """A chain cannot run beside the log; the message says why. The subject is the SmartStream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteChain:
    """One version of a chain: for the broker, and for what the broker cannot evaluate."""

    version: int
    steps: Sequence[RemoteStep]
    here: Transform
    """It belongs to the consumer that runs the chain."""
    fold: Transform | None = None
    """The last step of `here`, if that is an aggregate."""
    initial: bytes = b""
    """The accumulator that it begins with, in each partition."""
    build: BuildResult | None = None
    """What made this version of it."""
    kinds: Sequence[str] = ()
    """Of its steps."""

    @property
    def makes_records(self) -> bool:
        """Whether outputs may be other records than those of the topic."""
        return any(kind != _FILTER for kind in self.kinds)

    def accumulators(self, partitions: Iterable[int]) -> Accumulators:
        """Of partitions whose evaluation begins."""
        return {} if self.fold is None else dict.fromkeys(partitions, self.initial)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepModules:
    """Where the modules of a step come from: a module, or builds of one that may change."""

    name: str
    config: ModuleConfig
    module: ModuleVersion | None = None
    builds: Callable[[OnBuild], Builds] | None = None


@dataclass(slots=True, kw_only=True)
class _Step:
    source: StepModules
    module: ModuleVersion | None
    live: LiveModule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReports:
    """Called for builds, by other threads."""

    on_failed: Callable[[BuildResult, int], None]
    """Gets also the version of the chain that continues, or 0."""
    on_building: Callable[[BuildRequest], None] = field(default=lambda _: None)


class RemoteVersions:
    """Makes a version of a chain whenever one of its steps has another module."""

    def __init__(
        self,
        steps: Sequence[StepModules],
        reports: BuildReports,
        *,
        sample: Callable[[], Sequence[Batch]] = tuple,
    ) -> None:
        """Begin to build. Each version first evaluates a `sample` here."""
        self._steps = [_Step(source=step, module=step.module) for step in steps]
        self._reports = reports
        self._sample = sample
        self._changed = threading.Condition()
        self._next: RemoteChain | None = None
        self._version = 0
        self._error: EngineError | None = None
        self._closed = False
        for number, step in enumerate(self._steps):
            if step.source.builds is not None:
                listener = _Listener(partial(self._built, number), reports.on_building)
                step.live = LiveModule(step.source.builds, listener, config=step.source.config)
        if all(step.module for step in self._steps):
            self._next = self._chain(None, None, None)
        for step in self._steps:
            if step.live is not None:
                step.live.start()

    def first(self, seconds: float) -> RemoteChain | None:
        """The first version; None if there is none within `seconds`.

        `NotRemoteError`, or `EngineError` of a module in a store.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._next or self._error, seconds)
            if self._next is None and self._error is not None:
                raise self._error
            return self._take()

    def newer(self) -> RemoteChain | None:
        """The newest version that was not taken yet; it belongs to the caller."""
        with self._changed:
            return self._take()

    def close(self) -> None:
        """Build no more. May be called again."""
        with self._changed:
            self._closed = True
        for step in self._steps:
            if step.live is not None:
                step.live.close()
        with self._changed:
            unused = self._take()
        if unused is not None:
            unused.here.close()

    def _take(self) -> RemoteChain | None:
        found, self._next = self._next, None
        return found

    def _built(self, number: int, result: BuildResult, module: SmartStream | None) -> None:
        """Of a step, from its own thread."""
        if module is None or result.wasm is None:
            self._failed(result)
            return
        before, version = self._steps[number].module, ModuleVersion.of(result, result.wasm)
        self._steps[number].module = version
        if not all(step.module for step in self._steps):
            module.close()
            return
        try:
            chain = self._chain(number, module, result)
        except EngineError as error:
            self._steps[number].module = before
            module.close()
            self._failed(replace(result, wasm=None, error=error))
            return
        with self._changed:
            unused, self._next = self._next, None if self._closed else chain
            self._changed.notify_all()
        if unused is not None:
            unused.here.close()
        if self._closed:
            chain.here.close()

    def _failed(self, result: BuildResult) -> None:
        with self._changed:
            running = self._version
            fatal = not running and (result.foreign or isinstance(result.error, NotRemoteError))
            if fatal:
                self._error = result.error
                self._changed.notify_all()
        if not fatal:
            self._reports.on_failed(result, running)

    def _chain(
        self, number: int | None, module: SmartStream | None, build: BuildResult | None
    ) -> RemoteChain:
        """The modules of all steps; that of one of them may be loaded already."""
        loaded: list[SmartStream] = []
        try:
            for index, step in enumerate(self._steps):
                if index == number and module is not None:
                    loaded.append(module)
                    continue
                assert step.module is not None
                loaded.append(step.module.load(step.source.config, Job()))
            _check(self._steps, loaded)
            self._try(loaded)
        except BaseException:
            for stream in loaded:
                if stream is not module:
                    stream.close()
            raise
        self._version += 1
        last = loaded[-1]
        return RemoteChain(
            version=self._version,
            steps=[_remote(step) for step in self._steps],
            here=loaded[0] if len(loaded) == 1 else Chain(loaded),
            fold=last if last.kind == _AGGREGATE else None,
            initial=self._steps[-1].source.config.aggregate_initial,
            build=build,
            kinds=[stream.kind for stream in loaded],
        )

    def _try(self, streams: Sequence[SmartStream]) -> None:
        """`SmartStreamError` if a record takes too long: an SPU would evaluate it without end."""
        chain = Chain(streams)
        for batch in self._sample():
            evaluation = chain.evaluate(batch, budget=_TRIAL_SECONDS)
            late = next((fault for fault in evaluation.faults if fault.verdict is Verdict.TIMEOUT), None)
            if late is not None:
                place = f"offset {batch.offset(late.index)} of partition {batch.partition}"
                raise SmartStreamError(
                    f"not sent to the SPUs, since a trial here failed at {place}: {late.message}"
                )
        for stream in streams:
            # As before the trial: nothing is evaluated yet.
            stream.accumulators.clear()
            stream.look_back(())


class _Listener(ModuleListener):
    """Receives the builds of one step."""

    def __init__(
        self,
        on_built: Callable[[BuildResult, SmartStream | None], None],
        on_building: Callable[[BuildRequest], None],
    ) -> None:
        self._on_built = on_built
        self._on_building = on_building

    def on_building(self, request: BuildRequest) -> None:
        self._on_building(request)

    def on_built(self, result: BuildResult, module: SmartStream | None) -> None:
        self._on_built(result, module)

    def on_reloaded(self, version: ModuleVersion, loaded: SmartStream | EngineError) -> None:
        """Never called: no version is chosen here."""


def _remote(step: _Step) -> RemoteStep:
    assert step.module is not None
    return RemoteStep(wasm=step.module.wasm, name=step.source.name, params=step.source.config.params)


def _check(steps: Sequence[_Step], streams: Sequence[SmartStream]) -> None:
    """`NotRemoteError` if what came out would not be known to be right."""
    for number, (step, stream) in enumerate(zip(steps, streams, strict=True)):
        assert step.module is not None
        name, exports = step.source.name, exported_names(step.module.wasm)
        if "alloc" not in exports:
            raise NotRemoteError(
                f"{name} was not built for Fluvio",
                "build it again: fluvio-tui smartstream build FILE.rs -o FILE.wasm --target fluvio",
                subject=name,
            )
        if stream.looks_back and step.source.config.look_back is not None:
            raise NotRemoteError(
                f"{name} looks back, and an SPU would begin that at the newest record of each partition",
                subject=name,
            )
        if stream.kind == _AGGREGATE and number < len(steps) - 1:
            raise NotRemoteError(
                f"{name} is an aggregate before other steps, whose state would be lost at the first error",
                subject=name,
            )
        if stream.kind == _ARRAY_MAP and f"smartstream_{_ARRAY_MAP}" not in exports:
            raise NotRemoteError(
                f"{name} is an array_map of Fluvio's SDK, which does not say what its outputs come from",
                subject=name,
            )
