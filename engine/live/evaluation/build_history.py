"""The builds of one filter in this session: what came of each, and the modules to go back to."""

from dataclasses import dataclass, replace

from engine.builds.build import Build, BuildState
from engine.live.evaluation.difference import Difference
from engine.live.evaluation.running_version import RunningVersion
from engine.live.stats.counters import NOTHING_COUNTED, Counters

ENTRIES = 50
"""The newest builds that are remembered."""
MODULES = 20
MODULE_BYTES = 32 << 20
"""How many modules of theirs are kept, and how many bytes of them; the newest one always is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One build of a filter in this session, and what came of it."""

    version: int
    trigger: str
    """See `Build.trigger`."""
    started: float
    """Seconds since the epoch."""
    seconds: float | None
    """How long it took."""
    module_size: int | None
    """Bytes; None if the build failed."""
    kept: bool = False
    """Whether the module is kept, so that you can switch to this build."""
    counters: Counters = NOTHING_COUNTED
    """What it has evaluated since it went live the last time."""
    difference: Difference | None = None
    """What changed when it went live the last time, if there was a version to compare with."""
    problem: str = ""
    """Why it failed, or was stopped, in one line; or empty."""


class History:
    """Remembers builds, the newest of them with their modules. Not locked: its owner is."""

    def __init__(self) -> None:
        self.newest = 0
        """The newest version that could be loaded; 0 before there is one."""
        self._entries: dict[int, HistoryEntry] = {}
        self._builds: dict[int, Build] = {}
        """Those whose modules are kept."""

    def add(self, build: Build, running: RunningVersion | None) -> None:
        """Remember a build that ended; `running` is what evaluated until then."""
        if running is not None:
            self.keep(running)
        self._entries[build.version] = _entry(build)
        if build.state is BuildState.READY:
            self.newest = build.version
            self._builds[build.version] = build
        self._forget(0 if running is None else running.number)

    def keep(self, version: RunningVersion) -> None:
        """Remember what a version has come to."""
        entry = self._entries.get(version.number)
        if entry is not None:
            self._entries[version.number] = _with(entry, version)

    def build(self, version: int) -> Build | None:
        """A build with its module; None where that is not kept, or never was."""
        return self._builds.get(version)

    def entries(self, running: RunningVersion | None) -> tuple[HistoryEntry, ...]:
        """Every build that is remembered, the newest first, and how far the running one has come."""
        entries = tuple(reversed(self._entries.values()))
        if running is None:
            return entries
        return tuple(_with(one, running) if one.version == running.number else one for one in entries)

    def _forget(self, running: int) -> None:
        while len(self._entries) > ENTRIES:
            oldest = next(number for number in self._entries if number != running)
            del self._entries[oldest]
            self._builds.pop(oldest, None)
        room = MODULE_BYTES
        for place, (number, build) in enumerate(reversed(list(self._builds.items()))):
            room -= len(build.wasm or b"")
            if place and (place >= MODULES or room < 0):
                del self._builds[number]
                self._entries[number] = replace(self._entries[number], kept=False)


def _entry(build: Build) -> HistoryEntry:
    failed = build.state is BuildState.FAILED
    return HistoryEntry(
        version=build.version,
        trigger=build.trigger,
        started=build.started,
        seconds=build.seconds,
        module_size=None if failed or build.wasm is None else len(build.wasm),
        kept=not failed,
        problem=_problem(build) if failed else "",
    )


def _with(entry: HistoryEntry, version: RunningVersion) -> HistoryEntry:
    change = version.change
    return replace(
        entry,
        counters=version.counters,
        difference=None if change is None else change.difference,
        problem=version.stopped,
    )


def _problem(build: Build) -> str:
    """Why a build failed, in one line."""
    error = next((diagnostic for diagnostic in build.diagnostics if diagnostic.is_error), None)
    if error is not None:
        place = "" if error.location is None else f"{error.location.line}:{error.location.column} "
        said = place + error.message
    else:
        said = "it does not build" if build.error is None else build.error.message
    return said.partition("\n")[0]
