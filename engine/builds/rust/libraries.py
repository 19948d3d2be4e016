"""Compiled crates that the crates of files are linked with: the guest SDK, and what files name."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.builds.rust.build_cache import BuildCache
from engine.builds.rust.compiler import Compiler, CompilerOutput, Message, OnStatus
from engine.builds.rust.flags import PROFILE
from engine.builds.rust.pruning import COMPILED, LOCK, prune
from engine.builds.rust.toolchain import TARGET
from engine.errors import CargoError
from engine.file_lock import FileLock
from engine.files import create_folder, replace_file
from engine.process.job import Job

_SDK = "fluvio_tui_guest"
SDK_NAMES = {_SDK: _SDK}
"""The name that files know the SDK by, for `LibrarySet.compiled`."""
_RETRY_SECONDS = 0.01
LIBRARIES = "libraries"
"""The crate that depends on all others of a set."""
_MANIFEST = f"""\
[package]
name = "{LIBRARIES}"
version = "0.0.0"
edition = "2021"
publish = false

[lib]
path = "lib.rs"

{PROFILE}
[workspace]

[dependencies]
"""
_SUFFIXES = (".rlib", ".so", ".dylib")
"""The last two are of procedural macros."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Libraries:
    """What rustc needs to know of compiled crates."""

    named: Mapping[str, str]
    """By the name of a crate that a file may use: its library."""
    files: Sequence[str]
    """Of all that were compiled, those that are used by others included."""
    searched: Sequence[str] = ()
    """Where crates have libraries of other languages, as rustc takes it."""

    def arguments(self) -> list[str]:
        """For rustc."""
        folders = sorted({str(Path(file).parent) for file in self.files})
        return [
            *(f"-Ldependency={folder}" for folder in folders),
            *(f"-L{path}" for path in self.searched),
            *(f"--extern={name}={file}" for name, file in self.named.items()),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Crates to compile."""

    what: str
    """As shown."""
    dependencies: str
    """As lines of a manifest."""
    lock: str | None = None
    """The content of a Cargo.lock; None if cargo has nothing to choose."""
    home: Path
    """cargo's, which has what they are compiled from."""

    def write(self, folder: Path) -> Path:
        """Write a crate that only depends on them; returns its manifest."""
        manifest = folder / "Cargo.toml"
        replace_file(manifest, self.manifest.encode(), durable=False, private=True)
        replace_file(folder / "lib.rs", b"", durable=False, private=True)
        if self.lock is not None:
            replace_file(folder / "Cargo.lock", self.lock.encode(), durable=False, private=True)
        return manifest

    @property
    def manifest(self) -> str:
        return _MANIFEST + self.dependencies


class CompilationError(CargoError):
    """A crate does not compile."""

    def __init__(self, output: CompilerOutput) -> None:
        failure = output.failure()
        super().__init__(failure.message, failure.remedy)
        self.output = output


class LibrarySet:
    """A set of crates, which cargo compiles once for all files and programs that use it."""

    def __init__(self, cache: BuildCache, compiler: Compiler, wanted: Wanted) -> None:
        digest = hashlib.sha256(f"{wanted.manifest}\0{wanted.lock or ''}".encode()).hexdigest()[:16]
        self.folder = cache.folder / "libraries" / digest
        self._wanted = wanted
        self._compiler = compiler
        self._result = self.folder / COMPILED
        self._builds = cache.builds

    def compiled(self, job: Job, names: Mapping[str, str], on_status: OnStatus = lambda _: None) -> Libraries:
        """The libraries, compiled unless they are there; `EngineError`, `OSError`, `SupersededError`.

        `names` has, by the name that a file uses, the id of each package that it may use, or that of its
        target. `on_status` as in `Compiler.cargo`. `CompilationError` if a crate does not compile.
        """
        while (found := self.found()) is None:
            create_folder(self.folder)
            lock = FileLock(self.folder / LOCK)
            if not lock.try_acquire():
                lock.close()
                job.report(f"waiting for {self._wanted.what}, which another build compiles")
                job.wait(_RETRY_SECONDS)
            elif self.found() is None:
                job.report(f"compiling {self._wanted.what}")
                self._compile(job, lock, names, on_status)
            else:
                lock.close()
        return found

    def found(self) -> Libraries | None:
        """The libraries if they are compiled."""
        try:
            found = Libraries(**json.loads(self._result.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        if not all(map(os.path.exists, found.files)):
            return None
        os.utime(self._result)
        return found

    def _compile(self, job: Job, lock: FileLock, names: Mapping[str, str], on_status: OnStatus) -> None:
        arguments: list[str | Path] = [
            *("build", "--manifest-path", self._wanted.write(self.folder), "--release", "--offline"),
            *("--target", TARGET, "--message-format=json"),
            *(["--locked"] if self._wanted.lock is not None else []),
        ]
        output = self._compiler.cargo(
            job,
            arguments,
            lock,
            home=self._wanted.home,
            target=self.folder / "target",
            on_status=on_status,
        )
        if not output.succeeded:
            raise CompilationError(output)
        libraries = _libraries(output.messages, names)
        replace_file(self._result, json.dumps(asdict(libraries)).encode(), durable=False, private=True)
        prune(self._builds)


def sdk_set(cache: BuildCache, compiler: Compiler) -> LibrarySet:
    """The guest SDK, which all files use."""
    dependency = f'{_SDK} = {{ path = "../../sdk/guest" }}\n'
    return LibrarySet(cache, compiler, Wanted(what="the SDK", dependencies=dependency, home=cache.home))


def _libraries(messages: Iterable[Message], names: Mapping[str, str]) -> Libraries:
    """What cargo has compiled, according to its messages."""
    made: dict[str, str] = {}
    searched: list[str] = []
    files: list[str] = []
    for message in messages:
        searched += message.get("linked_paths", ())
        if message.get("reason") == "compiler-artifact" and (library := _library(message)):
            files.append(library)
            for key in (message["package_id"], message["target"]["name"]):
                # Compiled for this machine as well, a crate is used by build scripts and macros.
                if key not in made or f"/{TARGET}/" in library:
                    made[key] = library
    return Libraries(
        named={name: made[package] for name, package in names.items()}, files=files, searched=searched
    )


def _library(artifact: Mapping[str, Any]) -> str | None:
    if "custom-build" in artifact["target"]["kind"]:
        return None
    return next((name for name in artifact["filenames"] if name.endswith(_SUFFIXES)), None)
