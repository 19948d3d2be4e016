"""The compiler of C that QuickJS is compiled with: the one in the package `ziglang`."""

import importlib.util
import shlex
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from engine.errors import BuildError
from engine.files import create_folder

PACKAGE = "ziglang"
_FLAGS = "-target wasm32-freestanding -fno-sanitize=all -fhosted -fbuiltin"
"""Without the target it would compile for this machine; without the last two, loops take twice as long."""
_VARIABLE = "wasm32_unknown_unknown"


class MissingCompilerError(BuildError, code="c-compiler"):
    """The package is not installed."""

    def __init__(self) -> None:
        super().__init__(
            f"JavaScript needs a C compiler, the Python package {PACKAGE}, which is not installed",
        )


def find_zig() -> Path | None:
    """The program, if the package is installed."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        return None
    program = Path(found.origin).with_name("zig")
    return program if program.exists() else None


def zig_version() -> str:
    """The version of the package."""
    return version(PACKAGE)


def c_environment(folder: Path) -> Mapping[str, str]:
    """What cargo's builds find the compiler by; `folder` gets programs that call it, and its cache.

    `MissingCompilerError` if it is not installed.
    """
    zig = find_zig()
    if zig is None:
        raise MissingCompilerError
    create_folder(folder)
    return {
        f"CC_{_VARIABLE}": str(_program(folder, zig, "cc")),
        f"AR_{_VARIABLE}": str(_program(folder, zig, "ar")),
        f"CFLAGS_{_VARIABLE}": _FLAGS,
        "ZIG_GLOBAL_CACHE_DIR": str(folder / "cache"),
        "ZIG_LOCAL_CACHE_DIR": str(folder / "cache"),
    }


def _program(folder: Path, zig: Path, word: str) -> Path:
    """A program for `zig WORD`: build scripts take no arguments in its name, nor blanks in its path."""
    program = folder / word
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(str(zig))} {word} "$@"\n')
    program.chmod(0o700)
    return program
