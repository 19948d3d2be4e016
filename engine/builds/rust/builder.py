"""Builds a filter's file with cargo."""

import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path

from engine.builds.language import Builder
from engine.builds.rust.cargo import run_cargo
from engine.builds.rust.crate import BuildCache, Crate
from engine.builds.rust.diagnostics import compiler_messages, mentioned_files, no_kind, read_diagnostics
from engine.builds.rust.paths import cache_folder, sdk_folder
from engine.builds.rust.toolchain import TARGET, Toolchain, find_toolchain
from engine.builds.source import Compiled
from engine.builds.source_file import read_source
from engine.errors import BuildError, CargoError, EngineError
from engine.process.job import Job, SupersededError
from engine.runtime.kinds.table import KINDS
from engine.runtime.wasm_sections import exported_names

_LOG = logging.getLogger(__name__)


class RustBuilder(Builder):
    """Builds one file as a crate of its own."""

    def __init__(
        self, path: Path, *, cache: Path | None = None, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._path = path
        self._cache = cache
        self._environ = environ
        self._tools: tuple[Toolchain, BuildCache] | None = None

    def build(self, job: Job) -> Compiled:
        _LOG.info("building %s", self._path)
        started = time.perf_counter()
        try:
            compiled = self._build(job)
        except (EngineError, SupersededError) as error:
            # The toolchain may be gone: look for one again next time.
            self._tools = self._tools if isinstance(error, SupersededError) else None
            _LOG.info("%s: %s", self._path, error or "superseded")
            raise
        said = "; ".join(diagnostic.message for diagnostic in compiled.diagnostics) or "no messages"
        outcome = "failed" if compiled.wasm is None else f"ready, {len(compiled.wasm)} bytes"
        _LOG.info("%s, %.3f s: %s, %s", self._path, time.perf_counter() - started, outcome, said)
        return compiled

    def _build(self, job: Job) -> Compiled:
        text = read_source(self._path)
        if self._tools is None:
            found = find_toolchain(self._environ)
            _LOG.debug("building with %s", found)
            self._tools = found, BuildCache(self._cache or cache_folder(self._environ), sdk_folder(), found)
        toolchain, cache = self._tools
        try:
            cache.prepare()
            crate = Crate(cache, self._path)
            with crate.locked(job):
                return _compile(job, toolchain, cache, crate, text)
        except OSError as error:
            problem = f"cannot build in {error.filename or 'the cache'}: {error.strerror}"
            raise BuildError(problem, "FLUVIO_TUI_CACHE names another folder to build in") from error


def _compile(job: Job, toolchain: Toolchain, cache: BuildCache, crate: Crate, text: str) -> Compiled:
    rustc_arguments = crate.write(text)
    arguments: list[str | Path] = [
        *("rustc", "--manifest-path", crate.manifest, "--release", "--offline", "--target", TARGET),
        *("--message-format=json-diagnostic-rendered-ansi", "--", *rustc_arguments),
    ]
    output = run_cargo(job, toolchain, arguments, cache.home, cache.target)
    messages = compiler_messages(output.messages, crate.name)
    diagnostics = read_diagnostics(messages, crate.original)
    files = frozenset(crate.dependencies() | mentioned_files(messages, crate.original))
    if not output.succeeded:
        if not any(diagnostic.is_error for diagnostic in diagnostics):
            lines = output.text.splitlines()
            errors = [line for line in lines if line.startswith("error")]
            said = "; ".join(errors or lines[-1:]) or "it was ended from outside"
            raise CargoError(f"{toolchain.cargo} failed: {said}")
        return Compiled(diagnostics=diagnostics, files=files)
    wasm = crate.wasm.read_bytes()
    if KINDS.keys().isdisjoint(exported_names(wasm)):
        return Compiled(diagnostics=(no_kind(crate.source, text), *diagnostics), files=files)
    return Compiled(wasm=wasm, diagnostics=diagnostics, files=files)
