"""A stored SmartStream: a module that is only read."""

from engine.builds.source import BuildSource, Compiled
from engine.file_watcher import FileChange
from engine.library.store import SmartStreamStore
from engine.process import Job


class StoredSource(BuildSource):
    """A module in the library."""

    foreign = True

    def __init__(self, store: SmartStreamStore, name: str) -> None:
        """`SmartStreamError` if `name` is not a name."""
        self.path = store.path(name)
        self._store = store
        self._name = name

    def build(self, job: Job) -> Compiled:
        """Read the module."""
        job.check()
        return Compiled(wasm=self._store.load(self._name))

    def trigger(self, change: FileChange) -> str:
        """The name of the SmartStream, and what happened to it."""
        return f"{self._name} {'removed' if change.saved is None else 'replaced'}"
