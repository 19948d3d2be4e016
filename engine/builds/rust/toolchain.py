"""Finds the Rust toolchain that filters are built with."""

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ToolchainError

TARGET = "wasm32-unknown-unknown"
OLDEST = (1, 63)
"""The oldest rustc that the guest SDK compiles with."""
NEWER_RUST = "install a newer Rust with rustup (https://rustup.rs)"
"""What helps where a toolchain is too old."""

_ASK_SECONDS = 20
_SYSTEM_CARGO = Path("/usr/bin/cargo")


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A cargo and the rustc that belongs to it, able to compile to WebAssembly."""

    cargo: Path
    rustc: Path
    version: str
    """rustc's, as in `1.85.1`."""
    origin: str
    """How it was found, as shown: `FLUVIO_TUI_CARGO`, `rustup (stable-…)`, `PATH`, `/usr/bin`."""
    build: str
    """What tells this rustc from others of the same version."""
    target_libraries: Path
    """The standard library for WebAssembly."""
    linker: str | None = None
    """The linker for WebAssembly, if rustc does not find one by itself."""
    rust_lld: Path | None = None
    """The one that came with rustc."""

    @property
    def release(self) -> tuple[int, ...]:
        """The version in numbers."""
        return _numbers(self.version)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A cargo that may be usable, and its rustc."""

    cargo: Path
    rustc: Path
    origin: str
    sysroot: Path | None = None
    """Its root, if that is known without asking."""


def find_toolchain(environ: Mapping[str, str] = os.environ) -> Toolchain:
    """The first toolchain that can build a filter; `ToolchainError` if there is none.

    `FLUVIO_TUI_CARGO` names the only cargo to use. Otherwise rustup's toolchains come first, then each cargo
    on `PATH`, then `/usr/bin/cargo`. Nothing is downloaded.
    """
    refusals: list[str] = []
    for candidate in candidates(environ):
        answer = examine(candidate, environ)
        if isinstance(answer, str):
            refusals.append(answer)
            continue
        if which("cc", environ) is None:
            raise ToolchainError("Rust needs a C compiler to link with, and there is no `cc` on PATH")
        if not has_wasm_linker(answer, environ):
            problem = "has no linker for WebAssembly: neither rust-lld nor wasm-ld is there"
            raise ToolchainError(f"{answer.cargo} {problem}")
        return answer
    if not refusals:
        raise ToolchainError("Rust is not installed: no cargo was found")
    seen = "; ".join(refusals)
    remedy = "unset FLUVIO_TUI_CARGO, let it name another cargo" if environ.get("FLUVIO_TUI_CARGO") else ""
    raise ToolchainError(f"no Rust toolchain that can compile to WebAssembly was found: {seen}", remedy)


def which(program: str, environ: Mapping[str, str]) -> str | None:
    """Where a program is on the PATH of `environ`."""
    return shutil.which(program, path=environ.get("PATH", ""))


def candidates(environ: Mapping[str, str]) -> Iterator[Candidate]:
    """Every cargo on this machine, best first, each once."""
    named = environ.get("FLUVIO_TUI_CARGO")
    if named:
        cargo = Path(which(named, environ) or named).absolute()
        yield Candidate(cargo, _rustc_of(cargo, environ), "FLUVIO_TUI_CARGO")
        return
    seen: set[Path] = set()
    for candidate in (*_rustup_candidates(environ), *_path_candidates(environ)):
        place = candidate.cargo.resolve()
        if place not in seen:
            seen.add(place)
            yield candidate


def examine(candidate: Candidate, environ: Mapping[str, str]) -> Toolchain | str:
    """Ask a toolchain whether it can compile to WebAssembly; if not, which one it is and why."""
    cargo, rustc, sysroot = candidate.cargo, candidate.rustc, candidate.sysroot
    if not _is_program(cargo):
        return f"{cargo} is not a program"
    if sysroot and not (sysroot / "lib/rustlib" / TARGET).is_dir():
        return f"{cargo} lacks the target {TARGET}"
    try:
        libraries = Path(_ask(rustc, environ, "--print", "target-libdir", "--target", TARGET))
        build = _ask(rustc, environ, "--version")
        version = re.search(r"\d+\.\d+\.\d+", build)
    except (OSError, subprocess.SubprocessError):
        version = None
    if version is None:
        return f"{cargo} has no rustc that works ({rustc})"
    if not any(libraries.glob("libstd-*.rlib")):
        return f"{cargo} (rustc {version[0]}) lacks the target {TARGET}"
    if _numbers(version[0]) < OLDEST:
        return f"{cargo} (rustc {version[0]}) is older than {'.'.join(map(str, OLDEST))}"
    # rustc looks for rust-lld. Debian ships one up to version 12; later its lld package has wasm-ld alone.
    linker = None if _has_rust_lld(libraries, environ) else which("wasm-ld", environ)
    own = next(_own_linkers(libraries), None)
    return Toolchain(cargo, rustc, version[0], candidate.origin, build, libraries, linker, own)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def find_rustup(environ: Mapping[str, str]) -> Path | None:
    """The rustup program."""
    found = which("rustup", environ)
    rustup = Path(found or Path(environ.get("CARGO_HOME") or home_folder(environ) / ".cargo") / "bin/rustup")
    return rustup if _is_program(rustup) else None


def has_wasm_linker(toolchain: Toolchain, environ: Mapping[str, str]) -> bool:
    """Whether rustc will find a linker for WebAssembly."""
    return toolchain.linker is not None or _has_rust_lld(toolchain.target_libraries, environ)


def _rustup_candidates(environ: Mapping[str, str]) -> list[Candidate]:
    home = Path(environ.get("RUSTUP_HOME") or home_folder(environ) / ".rustup")
    try:
        folders = [folder for folder in (home / "toolchains").iterdir() if folder.is_dir()]
    except OSError:
        return []
    wanted, default = environ.get("RUSTUP_TOOLCHAIN"), _rustup_default(home)

    def rank(folder: Path) -> tuple[bool, bool, bool, str]:
        name = folder.name
        return name != wanted, name != default, not name.startswith("stable"), name

    # Each by its own folder: the programs in ~/.cargo/bin are rustup itself, which may start a download.
    return [
        Candidate(folder / "bin/cargo", folder / "bin/rustc", f"rustup ({folder.name})", folder)
        for folder in sorted(folders, key=rank)
    ]


def _rustup_default(home: Path) -> object:
    try:
        return tomllib.loads((home / "settings.toml").read_text(encoding="utf-8")).get("default_toolchain")
    except (OSError, ValueError):
        return None


def _path_candidates(environ: Mapping[str, str]) -> Iterator[Candidate]:
    folders = filter(None, environ.get("PATH", "").split(os.pathsep))
    on_path = [(Path(folder).absolute() / "cargo", "PATH") for folder in folders]
    for cargo, origin in (*on_path, (_SYSTEM_CARGO, str(_SYSTEM_CARGO.parent))):
        if _is_program(cargo) and not _is_rustup(cargo):
            yield Candidate(cargo, _rustc_of(cargo, environ), origin)


def _rustc_of(cargo: Path, environ: Mapping[str, str]) -> Path:
    rustc = cargo.with_name("rustc")
    if not _is_program(rustc):
        rustc = Path(which("rustc", environ) or rustc)
    # Called through a link, rustc looks for its libraries beside the link.
    place = rustc.resolve()
    return place if place.name.startswith("rustc") else rustc


def _is_rustup(cargo: Path) -> bool:
    """Whether a cargo is rustup under another name (a link to it, or a hard link)."""
    beside = cargo.with_name("rustup")
    return cargo.resolve().name.startswith("rustup") or (beside.exists() and beside.samefile(cargo))


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def home_folder(environ: Mapping[str, str]) -> Path:
    """Your home folder."""
    return Path(environ.get("HOME") or Path.home())


def _ask(rustc: Path, environ: Mapping[str, str], *question: str) -> str:
    answer = subprocess.run(
        [rustc, *question],
        cwd="/",
        # It may be a shim of rustup, named by FLUVIO_TUI_CARGO.
        env={**environ, "RUSTUP_AUTO_INSTALL": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=_ASK_SECONDS,
        # Ctrl-C goes to a terminal's whole group: a rustc that it ends would look broken.
        process_group=0,
    )
    return answer.stdout.strip()


def _has_rust_lld(libraries: Path, environ: Mapping[str, str]) -> bool:
    return any(_own_linkers(libraries)) or which("rust-lld", environ) is not None


def _own_linkers(libraries: Path) -> Iterator[Path]:
    return libraries.parent.parent.glob("*/bin/rust-lld")
