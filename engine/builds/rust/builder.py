"""Builds a filter's file with rustc."""

import logging
import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.builds.language import Builder, Target
from engine.builds.rust.build_cache import BuildCache
from engine.builds.rust.compiler import Compiler, CompilerOutput
from engine.builds.rust.crate import Crate, crate_name
from engine.builds.rust.crates.crate_set import CrateSet
from engine.builds.rust.crates.front_matter import FrontMatter, FrontMatterError, blanked, read_front_matter
from engine.builds.rust.diagnostics import compiler_messages, mentioned_files, no_kind, read_diagnostics
from engine.builds.rust.flags import module_flags
from engine.builds.rust.libraries import SDK_NAMES, Libraries, sdk_set
from engine.builds.rust.paths import sdk_folder
from engine.builds.rust.prelinking.layout import LEAST_MEMORY, UnlinkableError
from engine.builds.rust.prelinking.prelinking import LinkedCrates, Prelinking
from engine.builds.rust.toolchain import find_toolchain
from engine.builds.rust.workplace import Workplace, workplace
from engine.builds.source import Compiled
from engine.builds.source_file import read_source
from engine.builds.turns import take_turn
from engine.errors import BuildError, EngineError
from engine.process.job import Job, SupersededError
from engine.resources import cache_folder
from engine.runtime.kinds.table import KINDS
from engine.runtime.limits import Limits
from engine.runtime.loading.wasm_sections import exported_names

_LOG = logging.getLogger(__name__)
_FAILED_LINK = re.compile("linking with|linker|could not exec the linker")
"""How messages begin that are of the linker, or of rustc about it."""
_RUST_SOURCE = Path("/rustc")
"""Rust's own folder in messages of the compiler."""


class RustBuilder(Builder):
    """Builds one file as a crate of its own."""

    def __init__(
        self,
        path: Path,
        *,
        limits: Limits,
        cache: Path | None = None,
        environ: Mapping[str, str] = os.environ,
        target: Target = Target.FLUVIO_TUI,
    ) -> None:
        self._path = path
        self._limits = limits
        self._cache = cache
        # The SDK's attributes write what the target asks for.
        self._environ = {**environ, "SMARTSTREAM_TARGET": target}
        self._target = target
        self._tools: tuple[Compiler, BuildCache] | None = None
        self._prelinking: Prelinking | None = None

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
        try:
            front = read_front_matter(text)
            compiler, cache = self._tools = self._tools or self._find_tools()
            cache.prepare()
            libraries = [sdk_set(cache, compiler).compiled(job, SDK_NAMES)]
            if front.dependencies:
                libraries.append(CrateSet(cache, compiler, self._path, front).compiled(job))
            with workplace(cache, crate_name(self._path), with_crates=bool(front.dependencies)) as place:
                return self._build_in(place, job, text, front, libraries)
        except FrontMatterError as error:
            return Compiled(diagnostics=(error.diagnostic(self._path),))
        except OSError as error:
            problem = f"cannot build in {error.filename or 'the cache'}: {error.strerror}"
            raise BuildError(problem, "FLUVIO_TUI_CACHE names another folder to build in") from error

    def _build_in(
        self, place: Workplace, job: Job, text: str, front: FrontMatter, libraries: Sequence[Libraries]
    ) -> Compiled:
        compiler, cache = self._known_tools()
        foreign = (cache.folder, cache.crates_home, cache.rust_library, _RUST_SOURCE)
        crate = Crate(self._path, place.folder, foreign)
        text = blanked(text, front.end)
        arguments = [
            *crate.write(text, front.end),
            *module_flags(compiler.toolchain, self._limits.wraps, front.edition),
            *place.arguments,
            *(argument for of_set in libraries for argument in of_set.arguments()),
            *("--error-format=json", "--json=diagnostic-rendered-ansi"),
        ]
        linked = self._linked_crates(job, text, front, libraries)
        if linked is not None:
            try:
                output = self._rustc(job, [*arguments, *linked.arguments], place, crate)
                return _compiled(crate, text, output, linked)
            except UnlinkableError as error:
                _LOG.info("%s is linked with its crates at each save: %s", self._path, error)
                self._target = Target.FLUVIO_TUI
        return _compiled(crate, text, self._rustc(job, arguments, place, crate))

    def _linked_crates(
        self, job: Job, text: str, front: FrontMatter, libraries: Sequence[Libraries]
    ) -> LinkedCrates | None:
        """The file's crates, linked before it, if that is possible."""
        # Crates that are linked have an allocator: the file must not have another one.
        possible = "global_allocator" not in text and self._limits.memory_bytes >= LEAST_MEMORY
        if self._target is not Target.HERE or not possible or not front.dependencies:
            return None
        if self._prelinking is None:
            compiler, cache = self._known_tools()
            self._prelinking = Prelinking(cache, compiler)
        return self._prelinking.crates(job, libraries)

    def _rustc(
        self, job: Job, arguments: Sequence[str | Path], place: Workplace, crate: Crate
    ) -> CompilerOutput:
        compiler, cache = self._known_tools()
        turn = take_turn(cache.builds, job)
        job.report("")
        manifest = cache.sdk / "guest"
        return compiler.rustc(job, arguments, turn, held=place.held, crate=crate.name, manifest=manifest)

    def _known_tools(self) -> tuple[Compiler, BuildCache]:
        assert self._tools is not None, "a build begins by finding them"
        return self._tools

    def _find_tools(self) -> tuple[Compiler, BuildCache]:
        toolchain = find_toolchain(self._environ)
        _LOG.debug("building with %s", toolchain)
        compiler = Compiler(toolchain=toolchain, limits=self._limits, environ=self._environ)
        return compiler, BuildCache(self._cache or cache_folder(self._environ), sdk_folder(), toolchain)


def _compiled(
    crate: Crate, text: str, output: CompilerOutput, linked: LinkedCrates | None = None
) -> Compiled:
    """`UnlinkableError` if the file cannot be linked with crates that are linked already."""
    messages = compiler_messages(output.messages)
    diagnostics = read_diagnostics(messages, crate.original)
    files = frozenset(crate.dependencies() | mentioned_files(messages, crate.original))
    if not output.succeeded:
        said = (str(message.get("message")) for message in messages)
        if linked is not None and any(map(_FAILED_LINK.match, said)):
            raise UnlinkableError("the linker refuses it")
        if not any(diagnostic.is_error for diagnostic in diagnostics):
            raise output.failure()
        return Compiled(diagnostics=diagnostics, files=files)
    wasm = crate.wasm.read_bytes()
    if linked is not None:
        wasm = linked.module(wasm)
    if KINDS.keys().isdisjoint(exported_names(wasm)):
        return Compiled(diagnostics=(no_kind(crate.source, text), *diagnostics), files=files)
    return Compiled(wasm=wasm, diagnostics=diagnostics, files=files)
