"""One compilation of an inline SmartStream, as data."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from engine.build.diagnostics import Diagnostic
from engine.errors import EngineError


class BuildState(Enum):
    """How far a build has come."""

    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Build:
    """One compilation of an inline SmartStream."""

    generation: int
    """1, 2, 3 …: each build of a file in this session has its own, whether it succeeds or not."""
    path: Path
    state: BuildState
    trigger: str
    """What made it start, for people: which file was saved, "opened", "asked for"."""
    started: float
    """Seconds since the epoch."""
    saved: float | None
    """When the file that triggered it was saved, in seconds since the epoch."""
    seconds: float | None
    """How long it took; None while it is under way."""
    wasm: bytes | None
    """The module, once READY."""
    diagnostics: tuple[Diagnostic, ...] = ()
    error: EngineError | None = None
    """Why it FAILED, where that is not in the source: no toolchain, no such file."""
