"""Versions of a SmartStream that replace each other between batches."""

import threading
from collections.abc import Callable, MutableMapping
from contextlib import AbstractContextManager
from dataclasses import replace

from engine.builds.build import BuildRequest, BuildResult, Builds, OnBuild
from engine.consumer.live_module import LiveModule, ModuleListener, StoredRecords
from engine.consumer.module_version import ModuleVersion
from engine.errors import ContractError, EngineError, SmartStreamError, StartError, TooManyFaultsError
from engine.records.batch import Batch
from engine.records.evaluation import Evaluation
from engine.records.transform import Transform
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream


class Succession(Transform, AbstractContextManager["Succession"]):
    """Evaluates each batch with the newest version that it was given.

    `evaluate`, `memory` and `close` belong to one thread, the other methods to any.
    """

    def __init__(
        self,
        on_stopped: Callable[[SmartStreamError], None] | None = None,
        *,
        keeps_accumulators: bool = False,
    ) -> None:
        """`on_stopped` is called within `evaluate` if a version breaks its contract or fails too often.

        Without it, `evaluate` raises the error. If it `keeps_accumulators`, an aggregate continues from those
        of the aggregate before it, or of what is set before there is one.
        """
        self._on_stopped = on_stopped
        self._keeps_accumulators = keeps_accumulators
        self._accumulators: dict[int, bytes] = {}
        """While no version evaluates."""
        self._changed = threading.Condition()
        self._next: tuple[int, SmartStream] | None = None
        self._running: tuple[int, SmartStream] | None = None
        self._closed = False

    def __exit__(self, *_: object) -> None:
        self.close()

    def hand_over(self, version: int, module: SmartStream) -> None:
        """Evaluate with a newer version from the next batch on; it is closed when it is replaced."""
        with self._changed:
            unused, self._next = self._next, (version, module)
            if self._closed:
                unused, self._next = self._next, None
            self._changed.notify_all()
        if unused is not None:
            unused[1].close()

    @property
    def version(self) -> int:
        """The newest version; 0 if there is none to evaluate with."""
        with self._changed:
            newest = self._next or self._running
            return newest[0] if newest else 0

    @property
    def accumulators(self) -> MutableMapping[int, bytes]:
        """Those of the version that evaluates."""
        return self._running[1].accumulators if self._running else self._accumulators

    @property
    def folds(self) -> bool:
        with self._changed:
            newest = self._next or self._running
            return newest is not None and newest[1].folds

    @property
    def memory(self) -> int:
        return self._running[1].memory if self._running else 0

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until there is a version to evaluate with; False if none came. None waits without end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._next or self._running, seconds)
            return not self._closed and bool(self._next or self._running)

    def evaluate(self, batch: Batch, *, budget: float | None = None) -> Evaluation:
        """Evaluate as `SmartStream.evaluate` does, with the newest version.

        Waits for one as long as the budget allows; without one, or if it stops, every record stays pending.
        """
        self.wait(budget)
        newest = self._newest()
        if newest is None:
            return Evaluation.pending(len(batch))
        version, module = newest
        try:
            return replace(module.evaluate(batch, budget=budget), version=version)
        except (ContractError, StartError, TooManyFaultsError) as error:
            self._running = None
            self._keep(module)
            module.close()
            if self._on_stopped is None:
                raise
            self._on_stopped(error)
            return Evaluation.pending(len(batch))

    def interrupt(self) -> None:
        running = self._running
        if running is not None:
            running[1].interrupt()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            left, self._next, self._running = (self._next, self._running), None, None
        for _, module in filter(None, left):
            module.close()

    def _newest(self) -> tuple[int, SmartStream] | None:
        with self._changed:
            if self._closed:
                raise SmartStreamError("the SmartStream is closed")
            following, self._next = self._next, None
            if following is None:
                return self._running
            before, self._running = self._running, following
        if before is not None:
            self._keep(before[1])
            before[1].close()
        if following[1].folds:
            following[1].accumulators.update(self._accumulators)
        return following

    def _keep(self, module: SmartStream) -> None:
        if self._keeps_accumulators and module.folds:
            self._accumulators = dict(module.accumulators)


class LiveSmartStream(Succession, ModuleListener):
    """Evaluates with the newest module that builds deliver; a failed build changes nothing."""

    def __init__(
        self,
        builds: Callable[[OnBuild], Builds],
        *,
        on_build: Callable[[BuildResult, int], None],
        on_building: Callable[[BuildRequest], None] = lambda _: None,
        on_stopped: Callable[[SmartStreamError], None] | None = None,
        config: ModuleConfig | None = None,
        stored: StoredRecords | None = None,
        keeps_accumulators: bool = False,
    ) -> None:
        """Begin to build; `stored` as for `LiveModule`, `keeps_accumulators` as for `Succession`.

        `on_build` gets, from another thread, each build that ended, and the version that evaluates the next
        batch, 0 if none does; `on_building` gets each that begins, or does something else now.
        """
        super().__init__(on_stopped, keeps_accumulators=keeps_accumulators)
        self._report_building = on_building
        self._report = on_build
        self._module = LiveModule(builds, self, config=config or ModuleConfig(), stored=stored)
        self._module.start()

    def on_building(self, request: BuildRequest) -> None:
        self._report_building(request)

    def on_built(self, result: BuildResult, module: SmartStream | None) -> None:
        if module is not None:
            self.hand_over(result.version, module)
        self._report(result, self.version)

    def on_reloaded(self, version: ModuleVersion, loaded: SmartStream | EngineError) -> None:
        """Never called: no version is chosen here."""

    def close(self) -> None:
        self._module.close()
        super().close()
