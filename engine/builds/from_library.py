"""A stored SmartStream as a source of builds: delivered as it is, and again whenever it is replaced."""

import threading
import time
from collections.abc import Callable

from engine.builds.build import Build, BuildState, Compiled, finished
from engine.builds.file_watcher import Change, FileWatcher
from engine.builds.folder_watcher import FolderWatch
from engine.errors import InternalError, SmartStreamError
from engine.library.store import SmartStreamStore


class StoredSmartStream:
    """Watches a stored module, and delivers a `Build` of each version of it that was not built here."""

    def __init__(
        self,
        store: SmartStreamStore,
        name: str,
        on_build: Callable[[Build], None],
        *,
        folder_watch: FolderWatch | None = None,
    ) -> None:
        """`on_build` gets a build when it begins, and at once when it is ready, or failed where there is no
        such module any more. `folder_watch` is one that is shared with others.
        """
        self._store = store
        self._name = name
        self._path = store.path(name)
        self._on_build = on_build
        self._lock = threading.Lock()
        self._version = 0
        self._watcher = FileWatcher(self._on_change, folder_watch)

    def start(self) -> None:
        """Deliver the module, and go on with every other one that takes its place."""
        # Watched first, so that none is missed.
        self._watcher.watch([self._path])
        self._deliver("opened")
        self._watcher.start()

    def rebuild(self) -> None:
        """Deliver the module again."""
        self._deliver("asked for")

    def close(self) -> None:
        """Stop watching; no thread is left."""
        self._watcher.close()

    def _on_change(self, change: Change) -> None:
        verb = "removed" if change.saved is None else "replaced"
        self._deliver(f"{self._name} {verb}", change.saved)

    def _deliver(self, trigger: str, saved: float | None = None) -> None:
        with self._lock:
            self._version += 1
            now = time.time()
            build = Build(self._version, self._path, BuildState.BUILDING, trigger, now, saved, foreign=True)
            # Loading it takes a moment: it is compiled in a process of its own.
            self._on_build(build)
            try:
                loaded = Compiled(self._store.load(self._name))
            except SmartStreamError as error:
                loaded = Compiled(error=error)
            except Exception as error:  # noqa: BLE001 - the watching thread would end, and no pane say why
                loaded = Compiled(error=InternalError(error))
            self._on_build(finished(build, loaded))
