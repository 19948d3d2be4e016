"""A stored SmartStream: a module that is only read."""

from collections.abc import Callable
from pathlib import Path

from engine.broker.module_store import ModuleStore
from engine.builds.source import BuildSource, Compiled, OnTrigger
from engine.process.job import Job


class StoredSource(BuildSource):
    """A module in a store."""

    foreign = True

    def __init__(self, store: ModuleStore, name: str) -> None:
        self.path = Path(f"{name}.wasm")
        self._store = store
        self._name = name

    def build(self, job: Job) -> Compiled:
        job.check()
        return Compiled(wasm=self._store.load(self._name))

    def watch(self, on_trigger: OnTrigger) -> Callable[[], None]:
        """`SmartStreamError` if a module cannot have that name."""

        def on_change(saved: float | None) -> None:
            on_trigger(f"{self._name} {'removed' if saved is None else 'replaced'}", saved)

        return self._store.watch(self._name, on_change).close

    def watch_files_of(self, compiled: Compiled, since: float) -> None:
        """A module includes nothing."""
