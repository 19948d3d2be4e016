"""Runs cargo with JSON messages, and without your settings for other projects."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import units
from engine.builds.rust.toolchain import TARGET, Toolchain
from engine.errors import BuildError
from engine.process.child import ProcessLimits
from engine.process.job import Job, OverdueError

_RUSTFLAGS = (
    *("-C", "link-arg=--export=__stack_pointer", "-C", "target-feature=+mutable-globals"),
    *("-C", "link-arg=--wrap=rust_begin_unwind"),
)
"""The last lets the SDK see every panic; it has no effect if Rust's own function has another name."""
_OUT_OF_MEMORY = re.compile(
    rb"^memory allocation of \d+ bytes failed|^(rustc-)?LLVM ERROR: out of memory", re.M | re.I
)
_REMEDY = "look for a macro, a constant or a type that grows without end"

BUILD_SECONDS = 120.0
"""A build takes 0.2 s, the first one, with the SDK, some seconds; a macro may make it endless."""
BUILD_BYTES = 2 << 30
"""For each process of a build: rustc needs 0.15 GB for an ordinary filter (measured)."""


@dataclass(frozen=True, slots=True)
class CargoOutput:
    """What cargo printed."""

    succeeded: bool
    messages: tuple[dict[str, Any], ...]
    """The JSON messages, oldest first."""
    text: str
    """The rest."""


def run_cargo(
    job: Job, toolchain: Toolchain, arguments: Sequence[str | Path], home: Path, target: Path
) -> CargoOutput:
    """Run `cargo ARGUMENTS` with JSON messages.

    `home` replaces your `CARGO_HOME`, `target` is where it builds. `SupersededError` as in `Job`;
    `BuildError` if it exceeds `BUILD_SECONDS` or `BUILD_BYTES`.
    """
    command = [toolchain.cargo, *arguments]
    environ = environment(os.environ, toolchain, home, target)
    try:
        limits = ProcessLimits(memory=BUILD_BYTES)
        ended = job.run(command, environ, seconds=BUILD_SECONDS, limits=limits)
        status, output, errors = ended.status, ended.output, ended.errors
    except OverdueError:
        problem = f"the filter takes longer than {units.duration(BUILD_SECONDS)} to build"
        raise BuildError(problem, _REMEDY) from None
    if status and _OUT_OF_MEMORY.search(errors):
        raise BuildError(f"the filter takes more than {units.size(BUILD_BYTES)} of memory to build", _REMEDY)
    lines = output.decode("utf-8", "replace").splitlines()
    messages = tuple(json.loads(line) for line in lines if line.startswith("{"))
    return CargoOutput(status == 0, messages, errors.decode("utf-8", "replace").strip())


def environment(environ: Mapping[str, str], toolchain: Toolchain, home: Path, target: Path) -> dict[str, str]:
    """Your environment, without settings for other Rust projects."""
    other = ("CARGO", "RUST")
    linker = f"CARGO_TARGET_{TARGET.upper().replace('-', '_')}_LINKER"
    return {
        **{k: v for k, v in environ.items() if k.startswith("RUSTUP_") or not k.startswith(other)},
        **({linker: toolchain.linker} if toolchain.linker else {}),
        "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(_RUSTFLAGS),
        "CARGO_HOME": str(home),
        "CARGO_TARGET_DIR": str(target),
        "CARGO_TERM_COLOR": "never",
        "RUSTC": str(toolchain.rustc),
        "RUSTUP_AUTO_INSTALL": "0",
    }
