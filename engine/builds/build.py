"""Builds of a SmartStream: one that is under way, and one that ended."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path

from engine.builds.diagnostic import Diagnostic
from engine.builds.source_text import Sources
from engine.errors import EngineError


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One build of an inline SmartStream, or one version of a stored one, which only has to be read."""

    version: int
    """1, 2, 3 … for one SmartStream in this session; a superseded build leaves a gap."""
    path: Path
    """The source or the stored module, absolute."""
    trigger: str
    """As shown: `opened`, `asked for`, `sf1.rs saved`, `sf1.rs gone`, `sf1 replaced`."""
    started: float
    """Seconds since the epoch."""
    saved: float | None = None
    """When the file that triggered it was saved, in seconds since the epoch; None if none was."""
    foreign: bool = False
    """The module was not built here, and may come from others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest(Build):
    """A build that begins, or continues."""

    doing: str = ""
    """What it waits for or does before the file is compiled, as shown; empty once it is."""

    def ended(
        self,
        *,
        wasm: bytes | None = None,
        diagnostics: tuple[Diagnostic, ...] = (),
        error: EngineError | None = None,
        sources: Sources = (),
    ) -> "BuildResult":
        seconds = time.time() - self.started
        own = {field.name: getattr(self, field.name) for field in fields(Build)}
        return BuildResult(
            **own, seconds=seconds, wasm=wasm, diagnostics=diagnostics, error=error, sources=sources
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult(Build):
    """A build that ended: ready with a module, or failed."""

    seconds: float
    wasm: bytes | None = field(default=None, repr=False)
    diagnostics: tuple[Diagnostic, ...] = ()
    """What the compiler said, errors first; a build that is ready may have warnings."""
    error: EngineError | None = None
    """Why nothing could be compiled or loaded."""
    refused: bool = False
    """It was built, but what came of it could not be loaded."""
    sources: Sources = field(default=(), repr=False)
    """What was built; empty if that is not known, as of a module."""

    @property
    def ready(self) -> bool:
        return self.wasm is not None


OnBuild = Callable[[BuildRequest | BuildResult], None]


class Builds(ABC):
    """Delivers the builds of one SmartStream: each when it begins, says what it does, and has ended."""

    @abstractmethod
    def start(self) -> None:
        """Begin to deliver, from other threads."""

    @abstractmethod
    def rebuild(self) -> None:
        """Deliver a new build although nothing changed."""

    @abstractmethod
    def close(self) -> None:
        """End what is under way, and deliver no more. May be called again."""
