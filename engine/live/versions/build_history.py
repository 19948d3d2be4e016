"""The builds of one filter in this session, and the modules that you can switch back to."""

from dataclasses import dataclass, field, replace

from engine.builds.build import BuildResult
from engine.builds.source_text import Sources
from engine.consumer.module_version import ModuleVersion
from engine.live.stats.counters import NOTHING_COUNTED, Counters
from engine.live.versions.changes import ChangeCounts
from engine.live.versions.running_version import RunningVersion

ENTRIES = 50
MODULES = 20
MODULE_BYTES = 32 << 20
"""Modules that are kept at most, and their bytes; the newest one always is."""
SOURCE_BYTES = 8 << 20
"""Of all source files that are kept; the newest ones always are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One build of a filter in this session, and what came of it."""

    version: int
    trigger: str
    started: float
    """Seconds since the epoch."""
    seconds: float | None
    module_size: int | None
    """Bytes; None if the build failed."""
    kept: bool = False
    """Whether the module is kept, so that you can switch to this build."""
    counters: Counters = NOTHING_COUNTED
    """What it has evaluated since it went live the last time."""
    changes: ChangeCounts | None = None
    """What changed when it first went live, if there was a version to compare with."""
    problem: str = ""
    """Why it failed, or was stopped, in one line; or empty."""
    sources: Sources = field(default=(), repr=False)
    """Empty if they are not known, or no longer kept."""


def entry_of(result: BuildResult, *, kept: bool) -> HistoryEntry:
    """A build that ended; whether its module is `kept`."""
    return HistoryEntry(
        version=result.version,
        trigger=result.trigger,
        started=result.started,
        seconds=result.seconds,
        module_size=None if result.wasm is None else len(result.wasm),
        kept=kept,
        problem="" if result.ready else _problem(result),
        sources=result.sources,
    )


class BuildHistory:
    """Remembers builds, the newest of them with their modules. Not locked: its owner is."""

    def __init__(self) -> None:
        self.newest = 0
        """The newest version that could be loaded; 0 before the first."""
        self._entries: dict[int, HistoryEntry] = {}
        self._modules: dict[int, ModuleVersion] = {}

    def add(
        self, result: BuildResult, running: RunningVersion | None, module: ModuleVersion | None = None
    ) -> None:
        """Remember a build that ended, and its module; `running` is what evaluated until then."""
        if running is not None:
            self.keep(running)
        self._entries[result.version] = entry_of(result, kept=result.ready)
        if result.wasm is not None:
            self.newest = result.version
            self._modules[result.version] = module or ModuleVersion.of(result, result.wasm)
        self._forget(0 if running is None else running.number)

    def keep(self, version: RunningVersion) -> None:
        entry = self._entries.get(version.number)
        if entry is not None:
            change = None if version.returned else version.change
            self._entries[version.number] = replace(
                entry,
                counters=version.counters,
                changes=entry.changes if change is None else change.counts,
                problem=version.stopped,
            )

    def sources(self, version: int) -> Sources:
        """What a version was built of; empty if that is not kept."""
        entry = self._entries.get(version)
        return () if entry is None else entry.sources

    def module(self, version: int) -> ModuleVersion | None:
        return self._modules.get(version)

    def modules(self) -> tuple[ModuleVersion, ...]:
        """Those that are kept, newest first."""
        return tuple(reversed(self._modules.values()))

    def entries(self, running: RunningVersion | None) -> tuple[HistoryEntry, ...]:
        """Newest first, with the current results of the running one."""
        if running is not None:
            self.keep(running)
        return tuple(reversed(self._entries.values()))

    def _forget(self, running: int) -> None:
        while len(self._entries) > ENTRIES:
            oldest = next(number for number in self._entries if number != running)
            del self._entries[oldest]
            self._modules.pop(oldest, None)
        source_room = SOURCE_BYTES
        for place, (number, entry) in enumerate(reversed(list(self._entries.items()))):
            source_room -= sum(len(one.text) for one in entry.sources)
            if place and source_room < 0:
                self._entries[number] = replace(entry, sources=())
        room = MODULE_BYTES
        for place, (number, module) in enumerate(reversed(list(self._modules.items()))):
            room -= len(module.wasm)
            if place and (place >= MODULES or room < 0):
                del self._modules[number]
                self._entries[number] = replace(self._entries[number], kept=False)


def _problem(result: BuildResult) -> str:
    error = next((diagnostic for diagnostic in result.diagnostics if diagnostic.is_error), None)
    if error is None:
        message = "it does not build" if result.error is None else result.error.message
    else:
        place = "" if error.location is None else f"{error.location.line}:{error.location.column} "
        message = place + error.message
    return message.partition("\n")[0]
