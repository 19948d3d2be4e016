"""Where the modules of a SmartStream come from."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from engine.builds.diagnostic import Diagnostic
from engine.process.job import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What came of a source."""

    wasm: bytes | None = field(default=None, repr=False)
    diagnostics: tuple[Diagnostic, ...] = ()
    files: frozenset[Path] = frozenset()
    """The files that it depends on, some of which may not exist yet."""


OnTrigger = Callable[[str, float | None], None]
"""Gets what triggers a build, as shown, and when it was saved, in seconds since the epoch, if it was."""


class BuildSource(ABC):
    """A source file, or a module in the library. `build` belongs to one thread."""

    path: Path
    """The file, absolute; or the name of the module with a suffix."""
    foreign: bool
    """Whether its modules were not built here, and may come from others."""

    @abstractmethod
    def build(self, job: Job) -> Compiled:
        """Make a module of the file as it is now.

        `EngineError` if nothing can be compiled, `SupersededError` if `job` is cancelled.
        """

    def files_of(self, compiled: Compiled) -> Iterable[Path]:  # noqa: ARG002 - for source files
        """The source files of a compilation, the one that is built first; none of a module."""
        return ()

    @abstractmethod
    def watch(self, on_trigger: OnTrigger) -> Callable[[], None]:
        """Call `on_trigger` from another thread whenever the source changes.

        Returns what ends that: `on_trigger` is not called again. May be called again.
        """

    @abstractmethod
    def watch_files_of(self, compiled: Compiled, since: float) -> None:
        """Watch what a compilation depends on, too; it began at `since`, in seconds since the epoch."""
