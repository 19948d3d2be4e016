"""Compiled crates that the crates of files are linked with: the guest SDK."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

from engine.builds.rust.build_cache import BuildCache
from engine.builds.rust.compiler import Compiler, Message
from engine.builds.rust.flags import PROFILE
from engine.builds.rust.pruning import COMPILED, LOCK, prune
from engine.builds.rust.toolchain import TARGET
from engine.file_lock import FileLock
from engine.files import create_folder, replace_file
from engine.process.job import Job

SDK = "fluvio_tui_guest"
_RETRY_SECONDS = 0.01
_MANIFEST = f"""\
[package]
name = "libraries"
version = "0.0.0"
edition = "2021"
publish = false

[lib]
path = "lib.rs"

[dependencies]
{SDK} = {{ path = "../../sdk/guest" }}

{PROFILE}
[workspace]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Libraries:
    """What rustc needs to know of compiled crates."""

    named: Mapping[str, str]
    """By the name of a crate that a file may use: its library."""
    files: Sequence[str]
    """Of all that were compiled, those that are used by others included."""

    def arguments(self) -> list[str]:
        """For rustc."""
        folders = sorted({str(Path(file).parent) for file in self.files})
        return [
            *(f"-Ldependency={folder}" for folder in folders),
            *(f"--extern={name}={file}" for name, file in self.named.items()),
        ]


class LibrarySet:
    """A set of crates, which cargo compiles once for all files and programs that use it."""

    def __init__(self, cache: BuildCache, compiler: Compiler) -> None:
        self.folder = cache.folder / "libraries" / hashlib.sha256(_MANIFEST.encode()).hexdigest()[:16]
        self._home = cache.home
        self._compiler = compiler
        self._result = self.folder / COMPILED
        self._builds = cache.builds

    def compiled(self, job: Job) -> Libraries:
        """The libraries, compiled unless they are there; `EngineError`, `OSError`, `SupersededError`."""
        while (found := self._read()) is None:
            create_folder(self.folder)
            lock = FileLock(self.folder / LOCK)
            if not lock.try_acquire():
                lock.close()
                job.report("waiting for the SDK, which another build compiles")
                job.wait(_RETRY_SECONDS)
            elif self._read() is None:
                job.report("compiling the SDK")
                self._compile(job, lock)
            else:
                lock.close()
        return found

    def _compile(self, job: Job, lock: FileLock) -> None:
        replace_file(self.folder / "Cargo.toml", _MANIFEST.encode(), durable=False, private=True)
        replace_file(self.folder / "lib.rs", b"", durable=False, private=True)
        arguments: list[str | Path] = [
            *("build", "--manifest-path", self.folder / "Cargo.toml", "--release", "--offline"),
            *("--target", TARGET, "--message-format=json"),
        ]
        output = self._compiler.cargo(job, arguments, lock, home=self._home, target=self.folder / "target")
        if not output.succeeded:
            raise output.failure()
        libraries = _libraries(output.messages)
        replace_file(self._result, json.dumps(asdict(libraries)).encode(), durable=False, private=True)
        prune(self._builds)

    def _read(self) -> Libraries | None:
        try:
            found = Libraries(**json.loads(self._result.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        if not all(map(os.path.exists, found.files)):
            return None
        os.utime(self._result)
        return found


def _libraries(messages: Iterable[Message]) -> Libraries:
    """What cargo has compiled, according to its messages."""
    made = {
        message["target"]["name"]: [name for name in message["filenames"] if not name.endswith(".rmeta")]
        for message in messages
        if message.get("reason") == "compiler-artifact"
    }
    return Libraries(named={SDK: made[SDK][0]}, files=tuple(chain.from_iterable(made.values())))
