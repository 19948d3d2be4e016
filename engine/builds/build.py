"""One build of an inline SmartStream, and what came of it."""

import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from engine.builds.rust.cargo import run_cargo
from engine.builds.rust.crate import Crate, Workshop
from engine.builds.rust.diagnostics import (
    Diagnostic,
    compiler_messages,
    mentioned_files,
    no_filter,
    read_diagnostics,
)
from engine.builds.rust.paths import cache_folder, sdk_folder
from engine.builds.rust.source import read_source
from engine.builds.rust.toolchain import TARGET, Toolchain, find_toolchain
from engine.errors import BuildError, CargoError, EngineError
from engine.process import Job, SupersededError
from engine.runtime.kinds.table import KINDS
from engine.runtime.wasm_sections import exported_names

_LOG = logging.getLogger(__name__)


class BuildState(Enum):
    """How far a build has come."""

    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Build:
    """One compilation of an inline SmartStream, or one version of a stored one, which is ready at once."""

    version: int
    """1, 2, 3 … for one SmartStream in this session; a build that was superseded leaves a gap."""
    path: Path
    """The file of the filter, or of the stored module, absolute."""
    state: BuildState
    trigger: str
    """What set it off, for a person: `opened`, `asked for`, `sf1.rs saved`, `sf1.rs gone`, `sf1 replaced`."""
    started: float
    """Seconds since the epoch."""
    saved: float | None = None
    """When the file that set it off was saved, in seconds since the epoch; None where none was."""
    seconds: float | None = None
    """How long it took, once it is done."""
    wasm: bytes | None = field(default=None, repr=False)
    """The module, where the build is ready."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What the compiler said, errors first; warnings also where the build is ready."""
    error: EngineError | None = None
    """Why there was nothing to compile, or nothing to compile it with."""
    foreign: bool = False
    """Whether the module was not built here, and may come from others."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """What came of a filter's file."""

    wasm: bytes | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    error: EngineError | None = None
    files: frozenset[Path] = frozenset()
    """The files that it depends on, some of which may not be there yet."""


class Builder:
    """Builds one filter's file as often as wanted, in one thread at a time."""

    def __init__(
        self, path: Path, *, cache: Path | None = None, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._path = path
        self._cache = cache
        self._environ = environ
        self._tools: tuple[Toolchain, Workshop] | None = None

    def build(self, job: Job) -> Compiled:
        """Build the file as it reads now; `SupersededError` where `job` was cancelled."""
        _LOG.info("building %s", self._path)
        started = time.perf_counter()
        try:
            compiled = self._build(job)
        except EngineError as error:
            # It may be the toolchain that has gone: look for one again next time.
            self._tools = None
            compiled = Compiled(error=error)
        except SupersededError:
            _LOG.info("gave up building %s: it is not wanted any more", self._path)
            raise
        _LOG.info("%s, %.3f s: %s", self._path, time.perf_counter() - started, _outcome(compiled))
        return compiled

    def _build(self, job: Job) -> Compiled:
        text = read_source(self._path)
        toolchain, workshop = self._tools = self._tools or self._find_tools()
        try:
            workshop.prepare()
            crate = Crate(workshop, self._path)
            with crate.locked(job):
                return _compile(job, toolchain, workshop, crate, text)
        except OSError as error:
            raise BuildError(
                f"cannot build in {error.filename or 'the cache'}: {error.strerror}",
                "FLUVIO_TUI_CACHE names another folder to build in",
            ) from error

    def _find_tools(self) -> tuple[Toolchain, Workshop]:
        toolchain = find_toolchain(self._environ)
        _LOG.debug("building with %s", toolchain)
        return toolchain, Workshop(self._cache or cache_folder(self._environ), sdk_folder(), toolchain)


def build_once(path: Path, *, cache: Path | None = None, environ: Mapping[str, str] = os.environ) -> Build:
    """Build a filter's file once: a `Build` that is ready or failed."""
    path = path.absolute()
    started = time.time()
    compiled = Builder(path, cache=cache, environ=environ).build(Job())
    return finished(Build(1, path, BuildState.BUILDING, "opened", started), compiled)


def finished(build: Build, compiled: Compiled) -> Build:
    """A build that was under way, with what came of it."""
    return Build(
        build.version,
        build.path,
        BuildState.FAILED if compiled.wasm is None else BuildState.READY,
        build.trigger,
        build.started,
        build.saved,
        time.time() - build.started,
        compiled.wasm,
        compiled.diagnostics,
        compiled.error,
        build.foreign,
    )


def _compile(job: Job, toolchain: Toolchain, workshop: Workshop, crate: Crate, text: str) -> Compiled:
    rustc_arguments = crate.write(text)
    arguments: list[str | Path] = [
        *("rustc", "--manifest-path", crate.manifest, "--release", "--offline", "--target", TARGET),
        *("--message-format=json-diagnostic-rendered-ansi", "--", *rustc_arguments),
    ]
    output = run_cargo(job, toolchain, arguments, workshop.home, workshop.target)
    messages = compiler_messages(output.messages, crate.name)
    diagnostics = read_diagnostics(messages, crate.original)
    files = frozenset(crate.dependencies() | mentioned_files(messages, crate.original))
    if not output.succeeded:
        if not any(diagnostic.is_error for diagnostic in diagnostics):
            raise _failure(toolchain, output.text)
        return Compiled(diagnostics=diagnostics, files=files)
    wasm = crate.wasm.read_bytes()
    if KINDS.keys().isdisjoint(exported_names(wasm)):
        return Compiled(diagnostics=(no_filter(crate.source, text), *diagnostics), files=files)
    return Compiled(wasm, diagnostics, files=files)


def _outcome(compiled: Compiled) -> str:
    if compiled.error is not None:
        return f"failed, {compiled.error}"
    said = "; ".join(diagnostic.message for diagnostic in compiled.diagnostics) or "nothing to say"
    return f"failed, {said}" if compiled.wasm is None else f"ready, {len(compiled.wasm)} bytes, {said}"


def _failure(toolchain: Toolchain, text: str) -> CargoError:
    """What cargo says where the compiler has nothing to say of the filter."""
    lines = [line for line in text.splitlines() if line.startswith("error")] or text.splitlines()[-1:]
    said = "; ".join(lines) or "it was ended from outside"
    return CargoError(f"{toolchain.cargo} failed: {said}")
