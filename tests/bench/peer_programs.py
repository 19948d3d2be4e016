"""The programs that `peers` compares with: found, or installed into a folder that is kept."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from engine.builds.rust.toolchain import find_toolchain
from engine.errors import ToolchainError

KEPT = Path(os.environ.get("FLUVIO_TUI_TEST_CACHE") or Path(__file__).parents[2] / "build-cache") / "peers"
BUILD_MINUTES = float(os.environ.get("PEERS_BUILD_MINUTES", "40"))
"""What a build from crates.io may take; yozefu, with its WebAssembly engine and Kafka client, takes long."""


class UnavailableError(Exception):
    """Why a program cannot be compared with."""


def from_pypi(package: str, program: str) -> Path:
    """A program of a Python package, in an environment of its own; `UnavailableError`."""
    environment = KEPT / package
    installed = environment / "bin" / program
    if not installed.exists():
        _run([sys.executable, "-m", "venv", environment], f"no environment for {package}")
        pip = [environment / "bin/python", "-m", "pip", "--disable-pip-version-check", "install"]
        _run([*pip, "--quiet", package], f"{package} cannot be installed from PyPI")
    return installed


def from_crates(crate: str, program: str, *, flags: str = "") -> Path:
    """A program of a crate, from PATH or built once, with flags for rustc; `UnavailableError`.

    A crate whose build looks for libclang finds it by LIBCLANG_PATH.
    """
    if found := shutil.which(program):
        return Path(found)
    installed = KEPT / crate / "bin" / program
    if not installed.exists():
        try:
            cargo = find_toolchain().cargo
        except ToolchainError as error:
            raise UnavailableError(error.message) from None
        command = [cargo, "install", "--quiet", "--locked", "--root", KEPT / crate, crate]
        _run(command, f"{crate} cannot be built from crates.io", RUSTFLAGS=flags)
    return installed


def _run(command: list[str | Path], problem: str, **environment: str) -> None:
    environ = {**os.environ, **environment}
    try:
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, timeout=BUILD_MINUTES * 60
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"{problem} within {BUILD_MINUTES:g} minutes") from None
    if done.returncode:
        errors = [line.strip() for line in done.stderr.splitlines() if "error" in line.lower()]
        raise UnavailableError(f"{problem}: {(errors or [done.stderr.strip()[-200:]])[0]}")
