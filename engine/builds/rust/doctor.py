"""What builds in Rust need, what of it is there, and how to get the rest."""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence

from engine import units
from engine.builds.language import Check, Report
from engine.builds.rust.build_cache import builds_folder
from engine.builds.rust.pruning import holdings
from engine.builds.rust.toolchain import (
    TARGET,
    Toolchain,
    candidates,
    examine,
    find_rustup,
    find_toolchain,
    has_wasm_linker,
    which,
)
from engine.errors import BuildError, EngineError, ToolchainError, ToolchainInstallError
from engine.files import check_folder, create_folder
from engine.resources import cache_folder

_DEBIAN_PACKAGES = ("rustc", "cargo", "libstd-rust-dev-wasm32", "lld")
_DEBIAN_COMPILER = ("gcc", "libc6-dev")
_RUSTUP_SECONDS = 300.0


def checks(environ: Mapping[str, str]) -> Iterator[Check]:
    """The toolchain and what else cargo needs."""
    yield from _rust(environ)
    compiler = which("cc", environ)
    yield Check("C compiler", compiler is not None, compiler or "no `cc` on PATH", fixable=compiler is None)
    yield _cache(environ)


def install(report: Report, environ: Mapping[str, str]) -> None:
    """Install what is missing, with rustup or else with packages of Debian or Ubuntu."""
    try:
        find_toolchain(environ)
    except ToolchainError:
        if environ.get("FLUVIO_TUI_CARGO"):
            # What is installed would not be used.
            raise
    else:
        report("The Rust toolchain is complete: nothing to install")
        return
    rustup = find_rustup(environ)
    if rustup is not None and which("cc", environ):
        run([str(rustup), "target", "add", TARGET], report, environ, _RUSTUP_SECONDS)
        if _works(environ):
            return
    commands = _apt_commands(environ)
    if commands and (os.geteuid() == 0 or which("sudo", environ)):
        for command in commands:
            if not run(_as_root(command, environ), report, environ):
                break
        if _works(environ):
            return
    raise ToolchainInstallError("the Rust toolchain could not be installed", _by_hand(commands, environ))


def _rust(environ: Mapping[str, str]) -> Iterator[Check]:
    answers = [examine(candidate, environ) for candidate in candidates(environ)]
    used = next((answer for answer in answers if isinstance(answer, Toolchain)), None)
    if used is None:
        yield Check("Rust", False, f"no toolchain that has the target {TARGET}", fixable=True)
    else:
        yield Check("Rust", True, f"rustc {used.version}, {used.cargo} (from {used.origin})")
        yield Check(TARGET, True, str(used.target_libraries))
        links = has_wasm_linker(used, environ)
        found = (used.linker or "rust-lld") if links else "neither rust-lld nor wasm-ld"
        yield Check("WebAssembly linker", links, found, fixable=not links)
    yield from (Check("Rust, not used", True, answer) for answer in answers if isinstance(answer, str))


def _cache(environ: Mapping[str, str]) -> Check:
    folder = cache_folder(environ)
    try:
        create_folder(folder)
        check_folder(folder, BuildError)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        remedy = "make it writable, or name another folder in FLUVIO_TUI_CACHE"
        return Check("build cache", False, f"{folder}: {error.strerror}", remedy)
    except BuildError as error:
        return Check("build cache", False, error.message, error.remedy)
    held = holdings(builds_folder(folder))
    size = units.size(sum(holding.size for holding in held))
    return Check("build cache", True, f"{folder}, {units.plural(len(held), 'set')} of libraries, {size}")


def _works(environ: Mapping[str, str]) -> bool:
    try:
        find_toolchain(environ)
    except EngineError:
        return False
    return True


def _apt_commands(environ: Mapping[str, str]) -> list[list[str]]:
    apt = which("apt-get", environ)
    if apt is None:
        return []
    packages = [*_DEBIAN_PACKAGES, *(() if which("cc", environ) else _DEBIAN_COMPILER)]
    # Debian's rustc and its rustup exclude each other: no package may be removed.
    options = ("-y", "--no-remove", "--no-install-recommends")
    wait = ("-o", "DPkg::Lock::Timeout=120")
    return [[apt, *wait, "update"], [apt, *wait, "install", *options, *packages]]


def _as_root(command: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    command = ["/usr/bin/env", "DEBIAN_FRONTEND=noninteractive", *command]
    if os.geteuid() == 0:
        return command
    # Without a terminal nobody could type a password, and sudo would wait for one.
    return [which("sudo", environ) or "sudo", *([] if sys.stdin.isatty() else ["-n"]), *command]


def _by_hand(commands: list[list[str]], environ: Mapping[str, str]) -> str:
    if commands:
        packages = " ".join(commands[1][commands[1].index("--no-install-recommends") + 1 :])
        return f"Run as root: apt-get update && apt-get install {packages}"
    if which("cc", environ) is None:
        return "Install a C compiler that is called `cc`, then try again"
    if find_rustup(environ) is not None:
        return f"Run, with a connection to the internet: rustup target add {TARGET}"
    return (
        f"install Rust with its target {TARGET}: with rustup (https://rustup.rs), "
        f"then `rustup target add {TARGET}`, or from your system's packages"
    )


def run(
    command: Sequence[str],
    report: Report,
    environ: Mapping[str, str],
    seconds: float = threading.TIMEOUT_MAX,
) -> bool:
    """Run a command for at most this many seconds, reporting each line; whether it succeeded."""
    report(f"$ {' '.join(command)}")
    try:
        process = subprocess.Popen(
            command,
            env=dict(environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        report(f"{command[0]}: {error.strerror}")
        return False
    timer = threading.Timer(seconds, process.kill)
    with process:
        timer.start()
        try:
            for line in process.stdout or ():
                report(line.rstrip())
        finally:
            timer.cancel()
    return process.returncode == 0
