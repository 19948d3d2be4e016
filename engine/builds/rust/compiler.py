"""Runs cargo and rustc within limits, and without your settings for other projects."""

import json
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import units
from engine.builds.rust.flags import LINKED
from engine.builds.rust.toolchain import TARGET, Toolchain
from engine.errors import BuildError, CargoError
from engine.file_lock import FileLock
from engine.process.child import ProcessLimits
from engine.process.job import Ended, Job, OverdueError
from engine.runtime.limits import WALL_PATIENCE, Limits

_OUT_OF_MEMORY = re.compile(
    rb"^memory allocation of \d+ bytes failed|^(rustc-)?LLVM ERROR: out of memory", re.M | re.I
)
_OUT_OF_TIME = re.compile(rb"SIGXCPU|\(signal: 24\b")
"""What cargo says of a rustc or a build script that used up its time."""
_LIBRARY_PATH = "DYLD_FALLBACK_LIBRARY_PATH" if sys.platform == "darwin" else "LD_LIBRARY_PATH"
_STATUS = re.compile(r" +((?:Updating|Locking|Downloading|Downloaded|Compiling|Blocking) .*)")
_NETWORK = re.compile("CARGO_(HTTP|NET|REGISTRY|REGISTRIES|SOURCE)_")
"""Your settings that cargo fetches crates with."""

Message = dict[str, Any]
"""Of rustc or cargo, in JSON."""
OnStatus = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CompilerOutput:
    """What cargo or rustc printed."""

    program: Path
    succeeded: bool
    messages: tuple[Message, ...]
    """Oldest first."""
    text: str
    """The rest."""

    def failure(self) -> CargoError:
        """The error of a program that failed without a message."""
        lines = self.text.splitlines()
        errors = [line for line in lines if line.startswith("error")]
        said = "; ".join(errors or lines[-1:]) or "it was ended from outside"
        return CargoError(f"{self.program} failed: {said}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiler:
    """A toolchain, and what it may use."""

    toolchain: Toolchain
    limits: Limits
    environ: Mapping[str, str]
    remedy: str = "look for a macro, a constant or a type that grows without end"
    """If one of the limits is reached."""

    def rustc(
        self,
        job: Job,
        arguments: Sequence[str | Path],
        lock: FileLock,
        *,
        held: Sequence[FileLock],
        crate: str,
        manifest: Path,
    ) -> CompilerOutput:
        """Run rustc, whose messages are in JSON; `lock`, `held` and errors as in `Job.run`, and `BuildError`.

        Macros may ask for the name of the crate, and for the folder of the manifest that names its libraries.
        """
        command = [self.toolchain.rustc, *arguments]
        libraries = str(self.toolchain.target_libraries.parents[2])
        own = {
            # As cargo does: the linker of older toolchains does not find them by itself.
            _LIBRARY_PATH: os.pathsep.join(filter(None, [libraries, self.environ.get(_LIBRARY_PATH)])),
            "CARGO_CRATE_NAME": crate,
            "CARGO_PKG_NAME": crate,
            "CARGO_PKG_VERSION": "0.0.0",
            "CARGO_MANIFEST_DIR": str(manifest),
        }
        ended = self._run(job, command, own_environment(self.environ) | own, lock, held=held)
        return _output(self.toolchain.rustc, ended)

    def host(self, job: Job) -> str:
        """The platform that build scripts run on, which is this machine's."""
        ended = self._run(job, [self.toolchain.rustc, "-vV"], own_environment(self.environ), None)
        match = re.search(rb"^host: (\S+)", ended.output, re.MULTILINE)
        if match is None:
            raise CargoError(f"{self.toolchain.rustc} does not say which platform it is for")
        return match[1].decode()

    def cargo(
        self,
        job: Job,
        arguments: Sequence[str | Path],
        lock: FileLock | None,
        *,
        home: Path,
        target: Path,
        held: Sequence[FileLock] = (),
        flags: Sequence[str] = (),
        on_status: OnStatus = lambda _: None,
    ) -> CompilerOutput:
        """Run cargo, whose messages are in JSON.

        `home` replaces your `CARGO_HOME`, `target` is where it builds, `flags` are for what is compiled for
        WebAssembly, and `on_status` gets the lines of its progress. Otherwise as `rustc`.
        """
        command = [self.toolchain.cargo, *arguments]
        environ = cargo_environment(self.environ, self.toolchain, home, target, flags)

        def on_errors(part: bytes) -> None:
            for line in part.decode("utf-8", "replace").splitlines():
                if status := _STATUS.fullmatch(line):
                    on_status(status[1])

        ended = self._run(job, command, environ, lock, on_errors, held=held)
        return _output(self.toolchain.cargo, ended)

    def _run(
        self,
        job: Job,
        command: Sequence[str | Path],
        environ: Mapping[str, str],
        lock: FileLock | None,
        on_errors: Callable[[bytes], None] | None = None,
        *,
        held: Sequence[FileLock] = (),
    ) -> Ended:
        most = self.limits.build_seconds
        limits = ProcessLimits(cpu_seconds=most, memory=self.limits.build_bytes)
        try:
            ended = job.run(
                command,
                environ,
                seconds=WALL_PATIENCE * most,
                limits=limits,
                lock=lock,
                held=held,
                on_errors=on_errors,
            )
        except OverdueError:
            taken = units.duration(WALL_PATIENCE * most)
            raise BuildError(f"the build takes longer than {taken}", self.remedy) from None
        if ended.status == -signal.SIGXCPU or (ended.status and _OUT_OF_TIME.search(ended.errors)):
            raise BuildError(f"the build takes more than {units.duration(most)} of CPU time", self.remedy)
        if ended.status and _OUT_OF_MEMORY.search(ended.errors):
            memory = units.size(self.limits.build_bytes)
            raise BuildError(f"the build takes more than {memory} of memory", self.remedy)
        return ended


def own_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Your environment, without settings for other Rust projects."""
    other = ("CARGO", "RUST")
    kept = {k: v for k, v in environ.items() if k.startswith("RUSTUP_") or not k.startswith(other)}
    return {**kept, "RUSTUP_AUTO_INSTALL": "0"}


def cargo_environment(
    environ: Mapping[str, str],
    toolchain: Toolchain,
    home: Path,
    target: Path,
    flags: Sequence[str],
) -> dict[str, str]:
    """The environment of cargo, which has its settings."""
    linker = f"CARGO_TARGET_{TARGET.upper().replace('-', '_')}_LINKER"
    return {
        **own_environment(environ),
        **{name: value for name, value in environ.items() if _NETWORK.match(name)},
        **({linker: toolchain.linker} if toolchain.linker else {}),
        "CARGO_ENCODED_RUSTFLAGS": "\x1f".join((*LINKED, *flags)),
        "CARGO_HOME": str(home),
        # Older ones do not know it, and take the newest crates.
        "CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS": "fallback",
        "CARGO_TARGET_DIR": str(target),
        "CARGO_TERM_COLOR": "never",
        "RUSTC": str(toolchain.rustc),
    }


def _output(program: Path, ended: Ended) -> CompilerOutput:
    messages: list[Message] = []
    text: list[str] = []
    for line in (ended.output + ended.errors).decode("utf-8", "replace").splitlines():
        try:
            message = json.loads(line) if line.startswith("{") else None
        except ValueError:
            # A macro may print anything.
            message = None
        if message is None:
            text.append(line)
        else:
            messages.append(message)
    return CompilerOutput(program, ended.status == 0, tuple(messages), "\n".join(text).strip())
