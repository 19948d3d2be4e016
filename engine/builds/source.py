"""Where the modules of a SmartStream come from."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path

from engine.builds.diagnostic import Diagnostic
from engine.file_watcher import FileChange
from engine.process import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What came of a source."""

    wasm: bytes | None = field(default=None, repr=False)
    """The module; None if it does not compile."""
    diagnostics: tuple[Diagnostic, ...] = ()
    files: frozenset[Path] = frozenset()
    """The files that it depends on, some of which may not exist yet."""


class BuildSource(ABC):
    """A source file, or a module in the library. `build` belongs to one thread."""

    path: Path
    """The file to watch, absolute."""
    foreign: bool
    """Whether its modules were not built here, and may come from others."""

    @abstractmethod
    def build(self, job: Job) -> Compiled:
        """Make a module of the file as it is now.

        `EngineError` if nothing can be compiled, `SupersededError` if `job` is cancelled.
        """

    @abstractmethod
    def trigger(self, change: FileChange) -> str:
        """What triggers a build, as shown."""
