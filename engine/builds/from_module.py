"""A compiled module in a file, which is only read."""

from collections.abc import Callable
from pathlib import Path

from engine.broker.module_store import LARGEST, check_size
from engine.builds.source import BuildSource, Compiled, OnTrigger
from engine.errors import EngineError
from engine.file_watcher import FileChange, FileWatcher
from engine.folder_watcher import FolderWatch
from engine.process.job import Job


class ModuleFileError(EngineError):
    """A module cannot be read."""


class ModuleSource(BuildSource):
    """A file of WebAssembly."""

    foreign = True

    def __init__(self, path: Path, folder_watch: FolderWatch | None = None) -> None:
        """`folder_watch` may be shared."""
        self.path = path.absolute()
        self._folder_watch = folder_watch

    def build(self, job: Job) -> Compiled:
        job.check()
        try:
            with self.path.open("rb") as file:
                wasm = file.read(LARGEST + 1)
        except OSError as error:
            raise ModuleFileError(f"cannot read module {self.path}: {error.strerror or error}") from error
        check_size(wasm, str(self.path))
        return Compiled(wasm=wasm)

    def watch(self, on_trigger: OnTrigger) -> Callable[[], None]:

        def on_change(change: FileChange) -> None:
            on_trigger(f"{change.path.name} {'gone' if change.saved is None else 'replaced'}", change.saved)

        watcher = FileWatcher(on_change, self._folder_watch)
        watcher.watch([self.path])
        watcher.start()
        return watcher.close

    def watch_files_of(self, compiled: Compiled, since: float) -> None:
        """A module includes nothing."""
