"""The crates that a file names: fetched and compiled once for all files that name the same."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.builds.rust.build_cache import BuildCache
from engine.builds.rust.compiler import Compiler, CompilerOutput
from engine.builds.rust.crates.fetching import Fetched, Fetcher, UnusableCratesError
from engine.builds.rust.crates.front_matter import FrontMatter, FrontMatterError
from engine.builds.rust.crates.permissions import check_allowed
from engine.builds.rust.crates.source_lock import SourceLock
from engine.builds.rust.libraries import LIBRARIES, CompilationError, Libraries, LibrarySet, Wanted
from engine.builds.rust.toolchain import NEWER_RUST
from engine.errors import BuildError
from engine.process.job import Job

_REMEDY = "limits.crates-time and limits.crates-memory are what crates may take"
_CAUSE = re.compile(r"failed to parse manifest at .*\n\s*Caused by:\n\s*(.+)")
_TOO_NEW = re.compile(
    r"^(?:error:)? *(.*\brequires rustc .+?|this version of Cargo is older than .+?"
    r"|feature `edition\d+` is required.*?)\.?$",
    re.MULTILINE,
)
_UNREADABLE = re.compile(r"failed to parse manifest at `.*/([^/]+)/Cargo\.toml`")
_NEWER_RUST = "install a newer Rust with rustup, https://rustup.rs, or name an older version of that crate"
_ADVICE = re.compile(r"^Either upgrade .*", re.MULTILINE | re.DOTALL)
"""cargo's, to update a lock file with a command that knows nothing of a source's."""
_UNREAD_LOCK = "lock file version"
"""What only an error about the form of a lock file mentions."""
_STATUS = re.compile(r"(?:Downloaded|Compiling) (\S+) v(\S+)")


class CrateSet:
    """The crates of one file."""

    def __init__(self, cache: BuildCache, compiler: Compiler, source: Path, front: FrontMatter) -> None:
        limits = compiler.limits
        own = replace(limits, build_seconds=limits.crates_seconds, build_bytes=limits.crates_bytes)
        self._compiler = replace(compiler, limits=own, remedy=_REMEDY)
        self._cache = cache
        self._front = front
        self._lock = SourceLock(source)

    def compiled(self, job: Job) -> Libraries:
        """The libraries, fetched and compiled unless they are there.

        `FrontMatterError` if a crate cannot be used; otherwise as `LibrarySet.compiled`.
        """
        lock = self._lock.read()
        if lock is not None and (found := self._set(lock).found()):
            return found
        fetched = self._fetch(job, lock)
        if fetched.lock != lock:
            self._lock.write(fetched.lock)
        if not self._compiler.limits.build_scripts:
            check_allowed(fetched.running, self._cache.allowed)
        try:
            return self._set(fetched.lock).compiled(job, fetched.names, _reporting(job, "compiling crates"))
        except CompilationError as error:
            raise self._refusal(error.output, _first_error(error.output)) from None

    def _fetch(self, job: Job, lock: str | None) -> Fetched:
        job.report(f"fetching crates: {', '.join(self._front.lines)}")
        fetcher = Fetcher(self._compiler, self._wanted(lock))
        try:
            with self._cache.workplace() as folder:
                return fetcher.fetch(job, folder, _reporting(job, "fetching crates"))
        except UnusableCratesError as error:
            if lock is not None and _UNREAD_LOCK in error.output.text:
                rust = self._compiler.toolchain.version
                raise BuildError(
                    f"{self._lock.path} is of a newer cargo than that of Rust {rust}",
                    f"{NEWER_RUST}, or remove the file: versions are then chosen again",
                ) from None
            raise self._refusal(error.output, error.output.text) from None

    def _set(self, lock: str) -> LibrarySet:
        return LibrarySet(self._cache, self._compiler, self._wanted(lock))

    def _wanted(self, lock: str | None) -> Wanted:
        return Wanted(
            what="crates",
            dependencies=self._front.dependencies,
            lock=lock,
            home=self._cache.crates_home,
        )

    def _refusal(self, output: CompilerOutput, said: str) -> FrontMatterError:
        """An error at the crate that cargo mentions first."""
        failure = output.failure().message
        cause = _CAUSE.search(said)
        message = (
            _too_new(said) or (cause and cause[1]) or failure.partition(" failed: error: ")[2] or failure
        )
        words = re.findall(r"[\w-]+", f"{message} {said}")
        named = next((word for word in words if word in self._front.lines), next(iter(self._front.lines)))
        return FrontMatterError(message, self._front.lines[named], said=_ADVICE.sub("", said))


def _too_new(said: str) -> str:
    """What is wrong if a crate needs a newer Rust; empty if it does not."""
    problem, unreadable = _TOO_NEW.search(said), _UNREADABLE.search(said)
    if problem is None:
        return ""
    crate = f"{unreadable[1]}: " if unreadable else ""
    return f"{crate}{problem[1]} ({_NEWER_RUST})"


def _first_error(output: CompilerOutput) -> str:
    """What rustc says first about a crate that does not compile, after what cargo says."""
    said = (message.get("message", {}) for message in output.messages)
    rendered = (message["rendered"] for message in said if message.get("level") == "error")
    return "\n".join([output.text, next(rendered, "")])


def _reporting(job: Job, doing: str) -> Callable[[str], None]:
    def on_status(status: str) -> None:
        if crate := _STATUS.match(status):
            status = f"{crate[1]} {crate[2]}"
        if not status.startswith(LIBRARIES):
            job.report(f"{doing}: {status}")

    return on_status
