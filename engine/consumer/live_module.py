"""Hot reload: builds and stored modules become running versions here."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from engine.builds.build import BuildRequest, BuildResult, Builds, OnBuild
from engine.consumer.module_version import ModuleVersion
from engine.errors import EngineError, InternalError
from engine.process.job import Job, SupersededError
from engine.records.batch import Batch
from engine.runtime.config import LookBack, ModuleConfig
from engine.runtime.smartstream import SmartStream

StoredRecords = Callable[[LookBack], Sequence[Batch]]
"""Reads the records that a look-back asks for, oldest first."""


class ModuleListener(ABC):
    """Gets what becomes of builds, from the threads of a `LiveModule`. Modules that it gets are its own."""

    @abstractmethod
    def on_building(self, request: BuildRequest) -> None:
        """A build began, or does something else now."""

    @abstractmethod
    def on_built(self, result: BuildResult, module: SmartStream | None) -> None:
        """A build ended: with its module, or failed. A module that cannot be loaded is a failed build."""

    @abstractmethod
    def on_reloaded(self, version: ModuleVersion, loaded: SmartStream | EngineError) -> None:
        """A version is loaded again, or cannot be."""


class LiveModule:
    """Loads the newest build that is ready, on a thread of its own: compiling keeps no record waiting."""

    def __init__(
        self,
        builds: Callable[[OnBuild], Builds],
        listener: ModuleListener,
        *,
        config: ModuleConfig,
        stored: StoredRecords | None = None,
    ) -> None:
        """`stored` reads what the look-back in `config` asks for; without it, nothing is looked back at."""
        self._builds = builds(self._on_build)
        self._listener = listener
        self._config = config
        self._stored = stored
        self._changed = threading.Condition()
        self._results: list[BuildResult] = []
        """At most a good build, and a failed one after it."""
        self._ready: BuildResult | None = None
        """The newest good build."""
        self._chosen: ModuleVersion | None = None
        self._loading = Job()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="load modules", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._builds.start()

    def rebuild(self) -> None:
        self._builds.rebuild()

    def choose(self, version: ModuleVersion | None) -> None:
        """Load a version again, unless a newer build is ready first; None takes the last choice back."""
        with self._changed:
            self._chosen = version
            self._changed.notify_all()

    def configure(self, config: ModuleConfig, trigger: str) -> None:
        """Load the newest good build with other settings, and builds from now on; `trigger` is shown."""
        with self._changed:
            self._config = config
            if self._ready is None:
                return
            # No build: one that is under way continues.
            again = replace(
                self._ready, version=0, trigger=trigger, started=time.time(), saved=None, seconds=0.0
            )
            self._results = [result for result in self._results if not result.ready]
            self._results.insert(0, again)
            self._loading.cancel()
            self._changed.notify_all()

    def close(self) -> None:
        """Build and load no more; no thread is left. May be called again."""
        self._builds.close()
        with self._changed:
            self._closing = True
            self._loading.cancel()
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def _on_build(self, build: BuildRequest | BuildResult) -> None:
        if isinstance(build, BuildRequest):
            self._listener.on_building(build)
            return
        with self._changed:
            self._results = [result for result in self._results if result.ready and not build.ready]
            self._results.append(build)
            if build.ready:
                # A failed build leaves what is being loaded wanted.
                self._loading.cancel()
                self._chosen, self._ready = None, build
            self._changed.notify_all()

    def _run(self) -> None:
        while (wanted := self._next()) is not None:
            # A newer build may be ready, or this is closing.
            with suppress(SupersededError):
                if isinstance(wanted, ModuleVersion):
                    self._listener.on_reloaded(wanted, self._load(wanted))
                else:
                    self._listener.on_built(*self._loaded(wanted))

    def _next(self) -> BuildResult | ModuleVersion | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._results or self._chosen)
            if self._closing:
                return None
            self._loading = Job()
            if self._results:
                return self._results.pop(0)
            chosen, self._chosen = self._chosen, None
            if chosen is not None and chosen.config is not None:
                self._config = chosen.config
            return chosen

    def _loaded(self, result: BuildResult) -> tuple[BuildResult, SmartStream | None]:
        if result.wasm is None:
            return result, None
        loaded = self._load(ModuleVersion.of(result, result.wasm))
        if isinstance(loaded, EngineError):
            return replace(result, wasm=None, error=loaded, refused=True), None
        return result, loaded

    def _load(self, version: ModuleVersion) -> SmartStream | EngineError:
        try:
            return self._looked_back(version.load(self._config, self._loading))
        except SupersededError:
            raise
        except EngineError as error:
            return error
        except Exception as error:  # noqa: BLE001 - the thread would end, and no pane say why
            return InternalError(error)

    def _looked_back(self, module: SmartStream) -> SmartStream:
        look_back = self._config.look_back
        if look_back is not None and self._stored is not None and module.looks_back:
            try:
                module.look_back(self._stored(look_back))
            except BaseException:
                module.close()
                raise
        return module
