"""Chooses versions of crates and fetches them, with cargo."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.builds.rust.compiler import Compiler, CompilerOutput, OnStatus
from engine.builds.rust.crates.registries import adopt_registries, mirror_of
from engine.builds.rust.libraries import Wanted
from engine.builds.rust.toolchain import TARGET
from engine.errors import BuildError
from engine.process.job import Job

UNREACHABLE = re.compile(
    r"spurious network error|failed to download|[Cc]ould(?: not|n't) (?:connect|resolve)|failed to fetch"
    r"|Unable to update registry|curl failed|network failure|unable to get packages"
)
"""What cargo says if it cannot reach a registry."""
_FETCHED = "failed to parse manifest at"
"""What cargo says of a crate that it has, but cannot read; it may say so while it updates a registry."""
_SPARSE = (1, 70)
"""The first cargo that reads the index of crates.io without git."""
_SEVERAL_PLATFORMS = (1, 64)
"""The first cargo that takes them; for an older one, crates of other platforms are fetched and named, too."""
_RUNS = {"custom-build": "build script", "proc-macro": "macro"}
"""What runs on this machine, by the kind of its target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Crates that can be compiled without a network."""

    lock: str
    """The content of the Cargo.lock."""
    names: Mapping[str, str]
    """The ids of the crates that a file may use, by their names in the file."""
    running: Sequence[str]
    """The crates that run code on this machine, as shown."""


class UnusableCratesError(Exception):
    """No versions of the crates fit, or there are none."""

    def __init__(self, output: CompilerOutput) -> None:
        super().__init__(output.text)
        self.output = output


class Fetcher:
    """Fetches crates into a cargo home."""

    def __init__(self, compiler: Compiler, wanted: Wanted) -> None:
        self._compiler = compiler
        self._wanted = wanted

    def fetch(self, job: Job, folder: Path, on_status: OnStatus) -> Fetched:
        """Fetch them, working in an empty folder; keeps the versions of `wanted.lock` where they fit.

        `UnusableCratesError`, and `BuildError` if the registry cannot be reached.
        """
        adopt_registries(self._wanted.home, self._compiler.environ)
        manifest = self._wanted.write(folder)
        output = self._metadata(job, manifest, on_status)
        lock = (folder / "Cargo.lock").read_text(encoding="utf-8")
        return _fetched(output.messages[0], lock)

    def _metadata(self, job: Job, manifest: Path, on_status: OnStatus) -> CompilerOutput:
        command: list[str | Path] = ["metadata", "--format-version=1", "--manifest-path", manifest]
        if self._compiler.toolchain.release >= _SEVERAL_PLATFORMS:
            command += [f"--filter-platform={platform}" for platform in (TARGET, self._compiler.host(job))]
        locked = self._wanted.lock is not None
        # What a lock file names may be there. Without one, the newest versions are wanted.
        if locked and (output := self._cargo(job, [*command, "--offline"], on_status)).succeeded:
            return output
        output = self._cargo(job, command, on_status)
        if output.succeeded:
            return output
        if not UNREACHABLE.search(output.text) or _FETCHED in output.text:
            raise UnusableCratesError(output)
        if not locked and (offline := self._cargo(job, [*command, "--offline"], on_status)).succeeded:
            return offline
        cause = output.text.strip().splitlines()[-1].strip()
        raise BuildError(f"{mirror_of(self._wanted.home)} cannot be reached: {cause}", self._remedy())

    def _remedy(self) -> str:
        if self._compiler.toolchain.release >= _SPARSE:
            return (
                "connect to the network and save again, or name a mirror or a proxy in ~/.cargo/config.toml"
            )
        return (
            "install Rust 1.70 or newer with rustup (https://rustup.rs), or connect to GitHub: "
            f"the cargo of Rust {self._compiler.toolchain.version} reads registries with git"
        )

    def _cargo(self, job: Job, command: Sequence[str | Path], on_status: OnStatus) -> CompilerOutput:
        home = self._wanted.home
        return self._compiler.cargo(
            job, command, None, home=home, target=home / "target", on_status=on_status
        )


def _fetched(metadata: Mapping[str, Any], lock: str) -> Fetched:
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root = nodes[metadata["resolve"]["root"]]
    return Fetched(
        lock=lock,
        names={dependency["name"]: dependency["pkg"] for dependency in root["deps"]},
        running=tuple(sorted(filter(None, map(_running, metadata["packages"])))),
    )


def _running(package: Mapping[str, Any]) -> str:
    """A package that runs code on this machine, as shown; empty if it runs none."""
    kinds = {kind for target in package["targets"] for kind in target["kind"]}
    what = " and ".join(_RUNS[kind] for kind in sorted(kinds & _RUNS.keys()))
    return f"{package['name']} {package['version']} ({what})" if what else ""
