"""Runs cargo with its messages as JSON, and without the settings of the person's other projects."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.build.job import Job
from engine.build.toolchain import TARGET, Toolchain

_RUSTFLAGS = (
    *("-C", "link-arg=--export=__stack_pointer", "-C", "target-feature=+mutable-globals"),
    *("-C", "link-arg=--wrap=rust_begin_unwind"),
)
"""The last lets the SDK see every panic; without effect where Rust's own function has another name."""


@dataclass(frozen=True, slots=True)
class CargoOutput:
    """What cargo printed."""

    succeeded: bool
    messages: tuple[dict[str, Any], ...]
    """Its JSON messages, oldest first."""
    text: str
    """The rest, meant for a person."""


def run_cargo(
    job: Job, toolchain: Toolchain, arguments: Sequence[str | Path], home: Path, target: Path
) -> CargoOutput:
    """Run `cargo ARGUMENTS` with JSON messages.

    `home` stands in for the person's `CARGO_HOME`, `target` is where it builds.
    `SupersededError` as in `Job`.
    """
    command = [toolchain.cargo, *arguments]
    status, output, errors = job.run(command, environment(os.environ, toolchain, home, target))
    lines = output.decode("utf-8", "replace").splitlines()
    messages = tuple(json.loads(line) for line in lines if line.startswith("{"))
    return CargoOutput(status == 0, messages, errors.decode("utf-8", "replace").strip())


def environment(environ: Mapping[str, str], toolchain: Toolchain, home: Path, target: Path) -> dict[str, str]:
    """The environment for cargo: the person's, without their settings for other Rust projects."""
    kept = {
        name: value
        for name, value in environ.items()
        if name.startswith("RUSTUP_") or not name.startswith(("CARGO", "RUST"))
    }
    linker = f"CARGO_TARGET_{TARGET.upper().replace('-', '_')}_LINKER"
    return {
        **kept,
        **({linker: toolchain.linker} if toolchain.linker else {}),
        "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(_RUSTFLAGS),
        "CARGO_HOME": str(home),
        "CARGO_TARGET_DIR": str(target),
        "CARGO_TERM_COLOR": "never",
        "RUSTC": str(toolchain.rustc),
        "RUSTUP_AUTO_INSTALL": "0",
    }
