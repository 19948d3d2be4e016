"""Builds an interpreter with cargo, once."""

import shutil
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from engine.builds.javascript.c_compiler import c_environment
from engine.builds.rust.compiler import Compiler, CompilerOutput
from engine.builds.rust.crates.fetching import UNREACHABLE
from engine.builds.rust.crates.registries import adopt_registries, mirror_of
from engine.builds.rust.paths import sdk_folder
from engine.builds.rust.toolchain import TARGET, Toolchain, find_toolchain
from engine.errors import BuildError, ToolchainError
from engine.file_lock import FileLock
from engine.files import check_folder, create_folder
from engine.process.job import Job
from engine.resources import cache_folder
from engine.runtime.interpreters import NAMES, install_interpreter, interpreter_file, native_code
from engine.runtime.limits import Limits

OLDEST_RUST = (1, 82)
"""The oldest rustc that compiles the bindings of QuickJS."""
_LIMITS = Limits(build_seconds=1200.0, build_bytes=4 << 30)
_RETRY_SECONDS = 0.05


def prepare(language: str, job: Job, environ: Mapping[str, str]) -> None:
    """Build the interpreter of a language, unless it is there.

    `EngineError` if it cannot be built, `SupersededError` if the job is cancelled; the next attempt goes on
    from what was compiled until then.
    """
    module = interpreter_file(language)
    while not module.exists():
        folder = module.with_suffix(".building")
        create_folder(folder)
        check_folder(cache_folder(environ), BuildError)
        with closing(FileLock(module.with_suffix(".lock"))) as lock:
            if not lock.try_acquire():
                job.report(f"waiting for {NAMES[language]}, which another program prepares")
                job.wait(_RETRY_SECONDS)
            elif not module.exists():
                _build(language, folder, lock, job, environ)
    native_code(language, _LIMITS, job)


def _build(language: str, folder: Path, lock: FileLock, job: Job, environ: Mapping[str, str]) -> None:
    doing = f"preparing {NAMES[language]}, once"
    job.report(doing)
    toolchain = rust_for_interpreters(environ)
    compiler = Compiler(
        toolchain=toolchain, limits=_LIMITS, environ={**environ, **c_environment(folder / "c")}
    )
    home = cache_folder(environ) / "cargo"
    adopt_registries(home, environ)
    output = compiler.cargo(
        job,
        [
            *("build", "--manifest-path", sdk_folder() / language / "Cargo.toml", "--locked", "--release"),
            *("--target", TARGET, "--message-format=json"),
        ],
        None,
        held=(lock,),
        home=home,
        target=folder / "target",
        on_status=lambda status: job.report(f"{doing}: {status[:1].lower()}{status[1:]}"),
    )
    if not output.succeeded:
        raise _failure(language, output, home)
    built = folder / "target" / TARGET / "release" / f"fluvio_tui_{language}.wasm"
    install_interpreter(language, built.read_bytes(), job)
    shutil.rmtree(folder, ignore_errors=True)


def rust_for_interpreters(environ: Mapping[str, str]) -> Toolchain:
    """The toolchain that builds interpreters; `ToolchainError` if there is none, or only an older one."""
    toolchain = find_toolchain(environ)
    if toolchain.release < OLDEST_RUST:
        oldest = ".".join(map(str, OLDEST_RUST))
        raise ToolchainError(
            f"the interpreter needs Rust {oldest} or later, and {toolchain.cargo} is {toolchain.version}",
            "install a newer Rust with rustup (https://rustup.rs)",
        )
    return toolchain


def _failure(language: str, output: CompilerOutput, home: Path) -> BuildError:
    if UNREACHABLE.search(output.text):
        return BuildError(
            f"{NAMES[language]} cannot be prepared offline: {mirror_of(home)} cannot be reached",
            "connect to the network once, or name a mirror or a proxy in ~/.cargo/config.toml",
        )
    failure = output.failure()
    return BuildError(f"{NAMES[language]} cannot be prepared: {failure.message}", failure.remedy)
