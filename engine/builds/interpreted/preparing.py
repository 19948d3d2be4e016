"""Builds an interpreter with cargo, once."""

import shutil
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from engine.builds.interpreted.interpreter import Interpreter
from engine.builds.rust.compiler import Compiler, CompilerOutput
from engine.builds.rust.crates.fetching import UNREACHABLE
from engine.builds.rust.crates.registries import adopt_registries, mirror_of
from engine.builds.rust.paths import sdk_folder
from engine.builds.rust.toolchain import NEWER_RUST, TARGET, Toolchain, find_toolchain
from engine.errors import BuildError, OldToolchainError
from engine.file_lock import FileLock
from engine.files import check_folder, create_folder
from engine.process.job import Job
from engine.resources import cache_folder
from engine.runtime.limits import Limits
from engine.runtime.loading.interpreters import install_interpreter, interpreter_file, native_code

_LIMITS = Limits(build_seconds=1200.0, build_bytes=8 << 30)
"""rustc takes 4.5 GiB of address space for the crate of RustPython's virtual machine (measured)."""
_RETRY_SECONDS = 0.05


def prepare(interpreter: Interpreter, job: Job, environ: Mapping[str, str]) -> None:
    """Build an interpreter, unless it is there.

    `EngineError` if it cannot be built, `SupersededError` if the job is cancelled; the next attempt continues
    from what was compiled until then.
    """
    module = interpreter_file(interpreter.language)
    while not module.exists():
        folder = module.with_suffix(".building")
        create_folder(folder)
        check_folder(cache_folder(environ), BuildError)
        with closing(FileLock(module.with_suffix(".lock"))) as lock:
            if not lock.try_acquire():
                job.report(f"waiting for {interpreter.name}, which another program prepares")
                job.wait(_RETRY_SECONDS)
            elif not module.exists():
                _build(interpreter, folder, lock, job, environ)
    native_code(interpreter.language, _LIMITS, job)


def _build(
    interpreter: Interpreter, folder: Path, lock: FileLock, job: Job, environ: Mapping[str, str]
) -> None:
    doing = f"preparing {interpreter.name}, once"
    job.report(doing)
    toolchain = rust_for(interpreter, environ)
    compiler = Compiler(
        toolchain=toolchain,
        limits=_LIMITS,
        environ={**environ, **interpreter.environment(folder / "tools")},
    )
    home = cache_folder(environ) / "cargo"
    adopt_registries(home, environ)
    manifest = sdk_folder() / interpreter.language / "Cargo.toml"
    output = compiler.cargo(
        job,
        [
            *("build", "--manifest-path", manifest, "--locked", "--release"),
            *("--target", TARGET, "--message-format=json", *interpreter.cargo_options),
        ],
        None,
        held=(lock,),
        home=home,
        target=folder / "target",
        flags=interpreter.rustc_flags,
        on_status=lambda status: job.report(f"{doing}: {status[:1].lower()}{status[1:]}"),
    )
    if not output.succeeded:
        raise _failure(interpreter, output, home)
    built = folder / "target" / TARGET / "release" / f"fluvio_tui_{interpreter.language}.wasm"
    install_interpreter(interpreter.language, built.read_bytes(), job)
    shutil.rmtree(folder, ignore_errors=True)


def rust_for(interpreter: Interpreter, environ: Mapping[str, str]) -> Toolchain:
    """The toolchain that builds it; `ToolchainError` if there is none, `OldToolchainError` if it is older."""
    toolchain = find_toolchain(environ)
    if toolchain.release < interpreter.oldest_rust:
        oldest = ".".join(map(str, interpreter.oldest_rust))
        raise OldToolchainError(
            f"{interpreter.name} needs Rust {oldest} or later, and {toolchain.cargo} is {toolchain.version}",
            NEWER_RUST,
        )
    return toolchain


def _failure(interpreter: Interpreter, output: CompilerOutput, home: Path) -> BuildError:
    if UNREACHABLE.search(output.text):
        return BuildError(
            f"{interpreter.name} cannot be prepared offline: {mirror_of(home)} cannot be reached",
            "connect to the network once, or name a mirror or a proxy in ~/.cargo/config.toml",
        )
    failure = output.failure()
    return BuildError(f"{interpreter.name} cannot be prepared: {failure.message}", failure.remedy)
