"""An inline SmartStream: a source file that is built."""

import os
from collections.abc import Mapping
from pathlib import Path

from engine.builds.languages import language_of
from engine.builds.source import BuildSource, Compiled
from engine.file_watcher import FileChange
from engine.process import Job


class InlineSource(BuildSource):
    """A source file, in the language that its suffix names."""

    foreign = False

    def __init__(
        self, path: Path, *, cache: Path | None = None, environ: Mapping[str, str] = os.environ
    ) -> None:
        """`cache` is the folder to build in, if not the default one."""
        self.path = path.absolute()
        self._builder = language_of(path).builder(self.path, cache=cache, environ=environ)

    def build(self, job: Job) -> Compiled:
        """Compile the file."""
        return self._builder.build(job)

    def trigger(self, change: FileChange) -> str:
        """The name of the file, and what happened to it."""
        return f"{change.path.name} {'gone' if change.saved is None else 'saved'}"
