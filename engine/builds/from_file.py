"""An inline SmartStream: a source file that is built."""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from engine.builds.language import Target
from engine.builds.languages import language_of
from engine.builds.source import BuildSource, Compiled, OnTrigger
from engine.file_watcher import FileChange, FileWatcher
from engine.folder_watcher import FolderWatch
from engine.process.job import Job
from engine.runtime.limits import Limits


class InlineSource(BuildSource):
    """A source file, in the language that its suffix names."""

    foreign = False

    def __init__(
        self,
        path: Path,
        *,
        limits: Limits | None = None,
        folder_watch: FolderWatch | None = None,
        cache: Path | None = None,
        environ: Mapping[str, str] = os.environ,
        target: Target = Target.FLUVIO_TUI,
    ) -> None:
        """`folder_watch` may be shared. `cache` is the folder to build in; None for the default."""
        self.path = path.absolute()
        self._folder_watch = folder_watch
        self._watcher: FileWatcher | None = None
        self._builder = language_of(path).builder(
            self.path,
            limits=limits or Limits(),
            cache=cache,
            environ=environ,
            target=target,
        )

    def build(self, job: Job) -> Compiled:
        return self._builder.build(job)

    def files_of(self, compiled: Compiled) -> Iterable[Path]:
        return (self.path, *sorted(compiled.files))

    def watch(self, on_trigger: OnTrigger) -> Callable[[], None]:

        def on_change(change: FileChange) -> None:
            on_trigger(f"{change.path.name} {'gone' if change.saved is None else 'saved'}", change.saved)

        self._watcher = FileWatcher(on_change, self._folder_watch)
        self._watcher.watch([self.path])
        self._watcher.start()
        return self._watcher.close

    def watch_files_of(self, compiled: Compiled, since: float) -> None:
        if self._watcher is not None:
            before = self._watcher.files() if compiled.wasm is None else set()
            self._watcher.watch({self.path, *compiled.files, *before}, since=since)
