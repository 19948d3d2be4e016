"""An inline SmartStream: one Rust file, built again on every save."""

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from engine.builds.build import Build, Builder, BuildState, Compiled, finished
from engine.builds.file_watcher import Change, FileWatcher
from engine.builds.folder_watcher import FolderWatch
from engine.errors import InternalError
from engine.process import Job, SupersededError


class InlineSmartStream:
    """Watches a filter's file, and what it includes, and builds it whenever that has changed."""

    def __init__(
        self,
        path: Path,
        on_build: Callable[[Build], None],
        *,
        cache: Path | None = None,
        environ: Mapping[str, str] = os.environ,
        folder_watch: FolderWatch | None = None,
    ) -> None:
        """`on_build` gets each build when it begins and, unless a newer one was begun, when it is done.

        It is called from the thread that builds, never for an older version than before. `cache` is the
        folder to build in, where it is not `cache_folder(environ)`. `folder_watch` is
        one that is shared with others.
        """
        self.path = path.absolute()
        self._on_build = on_build
        self._builder = Builder(self.path, cache=cache, environ=environ)
        self._watcher = FileWatcher(self._on_change, folder_watch)
        self._state = threading.Condition()
        self._version = 0
        self._wanted: Build | None = None
        """The build to begin next."""
        self._job = Job()
        """The one under way."""
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=f"build {path.name}", daemon=True)

    def start(self) -> None:
        """Build for the first time, and go on with every save."""
        self._watcher.watch([self.path])
        self._request("opened")
        self._thread.start()
        self._watcher.start()

    def rebuild(self) -> None:
        """Build again although nothing has changed."""
        self._request("asked for")

    def close(self) -> None:
        """Stop watching and building; no thread and no process is left, and `on_build` is not called again.

        May be called from any thread but the one that calls `on_build`, and more than once.
        """
        with self._state:
            self._closing = True
            self._job.cancel()
            self._state.notify_all()
        self._watcher.close()
        if self._thread.is_alive():
            self._thread.join()

    def _on_change(self, change: Change) -> None:
        verb = "gone" if change.saved is None else "saved"
        self._request(f"{change.path.name} {verb}", change.saved)

    def _request(self, trigger: str, saved: float | None = None) -> None:
        with self._state:
            self._version += 1
            self._wanted = Build(self._version, self.path, BuildState.BUILDING, trigger, time.time(), saved)
            self._job.cancel()
            self._state.notify_all()

    def _run(self) -> None:
        while (build := self._next()) is not None:
            self._on_build(build)
            try:
                compiled = self._builder.build(self._job)
                self._watch(compiled, build)
            except SupersededError:
                continue
            except Exception as error:  # noqa: BLE001 - the pane would say for ever that it is being built
                compiled = Compiled(error=InternalError(error))
            if self._is_newest(build):
                self._on_build(finished(build, compiled))

    def _next(self) -> Build | None:
        """Wait for the next build to begin; None on close."""
        with self._state:
            self._state.wait_for(lambda: self._closing or self._wanted is not None)
            build, self._wanted = self._wanted, None
            self._job = Job()
            return None if self._closing else build

    def _is_newest(self, build: Build) -> bool:
        with self._state:
            return not self._closing and self._version == build.version

    def _watch(self, compiled: Compiled, build: Build) -> None:
        """Watch what the file depends on, as far as this build could see."""
        files = {self.path, *compiled.files}
        if compiled.wasm is None:
            files |= self._watcher.files()
        self._watcher.watch(files, since=build.started)
