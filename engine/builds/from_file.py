"""An inline SmartStream: a source file that is built."""

import os
from collections.abc import Mapping
from pathlib import Path

from engine.builds.languages import language_of
from engine.builds.source import BuildSource, Compiled, OnTrigger, SourceWatch
from engine.file_watcher import FileChange, FileWatcher
from engine.folder_watcher import FolderWatch
from engine.process import Job


class InlineSource(BuildSource):
    """A source file, in the language that its suffix names."""

    foreign = False

    def __init__(
        self,
        path: Path,
        *,
        folder_watch: FolderWatch | None = None,
        cache: Path | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """`folder_watch` may be shared. `cache` is the folder to build in; None for the default."""
        self.path = path.absolute()
        self._folder_watch = folder_watch
        self._builder = language_of(path).builder(self.path, cache=cache, environ=environ)

    def build(self, job: Job) -> Compiled:
        return self._builder.build(job)

    def watch(self, on_trigger: OnTrigger) -> SourceWatch:

        def on_change(change: FileChange) -> None:
            on_trigger(f"{change.path.name} {'gone' if change.saved is None else 'saved'}", change.saved)

        return _InlineSourceWatch(self.path, FileWatcher(on_change, self._folder_watch))


class _InlineSourceWatch(SourceWatch):
    def __init__(self, path: Path, watcher: FileWatcher) -> None:
        self._path = path
        self._watcher = watcher
        watcher.watch([path])
        watcher.start()

    def update(self, compiled: Compiled, since: float) -> None:
        files = {self._path, *compiled.files}
        if compiled.wasm is None:
            files |= self._watcher.files()
        self._watcher.watch(files, since=since)

    def close(self) -> None:
        self._watcher.close()
