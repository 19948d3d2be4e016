"""The crate that a filter's file is built as."""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from engine.builds.rust.source import inner_attributes_end
from engine.builds.rust.toolchain import TARGET, Toolchain
from engine.errors import BuildError
from engine.file_lock import FileLock
from engine.files import check_folder, create_folder, make_private, replace_file
from engine.process.job import Job

_LOCK_SECONDS = 0.01

# A silent overflow would make a wrong verdict. The checks cost the usual filter a few per cent, and one that
# adds up every byte of a record 60 % (measured).
_MANIFEST = """\
[package]
name = "{name}"
version = "0.0.0"
edition = "2021"
publish = false

[lib]
path = "lib.rs"
crate-type = ["cdylib"]

[dependencies]
fluvio_tui_guest = {{ path = "../../sdk/guest" }}

[profile.release]
opt-level = 3
panic = "abort"
strip = true
lto = "off"
debug = false
incremental = false
overflow-checks = true
debug-assertions = false

[workspace]
"""

_ROOT = """\
{inner_attributes}#[macro_use]
#[allow(unused_imports)]
extern crate fluvio_tui_guest as _;
extern crate fluvio_tui_guest as fluvio_smartmodule;
extern crate fluvio_tui_guest as fluvio_smartstream;
#[allow(unused_imports)]
use ::fluvio_tui_guest::prelude::*;
{allocator}include!("{path}");
"""
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r"})
_ALLOCATOR = """\
#[global_allocator]
static ALLOCATOR: ::fluvio_tui_guest::glue::Allocator = ::fluvio_tui_guest::glue::Allocator;
"""


class BuildCache:
    """A folder of the cache where filters are built with one toolchain and one version of the guest SDK."""

    def __init__(self, cache: Path, sdk: Path, toolchain: Toolchain) -> None:
        self._cache = cache
        self.folder = cache / "build" / f"{toolchain.version}-{_digest_of_folder(sdk)}"
        self.home = self.folder / "home"
        """Replaces your `CARGO_HOME`."""
        self.target = self.folder / "target"
        """Where cargo builds; shared, so that the SDK is compiled once."""
        self.rust_library = toolchain.target_libraries.parent.parent
        """Rust's own libraries, and their source if it is installed."""
        self._sdk = sdk

    def prepare(self) -> None:
        """Make the folder, with a copy of the SDK, which must not change during a build."""
        create_folder(self.folder)
        check_folder(self._cache, BuildError)
        copy = self.folder / "sdk"
        if copy.is_dir():
            return
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            fresh = shutil.copytree(self._sdk, Path(folder) / "sdk", ignore=shutil.ignore_patterns("target"))
            for path in (fresh, *fresh.rglob("*")):
                make_private(path)
            try:
                fresh.rename(copy)
            except OSError:
                # Else another process was faster.
                if not copy.is_dir():
                    raise


class Crate:
    """The crate of one filter's file. Only the holder of `locked` may touch it."""

    def __init__(self, cache: BuildCache, source: Path) -> None:
        digest = hashlib.sha256(os.fsencode(source)).hexdigest()[:16]
        self.source = source
        self.name = f"filter_{digest}"
        self.folder = cache.folder / "crates" / digest
        self._foreign = (cache.folder, cache.rust_library, Path("/rustc"))
        """Folders of files that are not yours: ours, and Rust's own under either of its names."""
        self._view = self.folder / "view"
        self._root = self.folder / "lib.rs"
        self.manifest = self.folder / "Cargo.toml"
        output = cache.target / TARGET / "release"
        self.wasm = output / f"{self.name}.wasm"
        self._dep_info = output / "deps" / f"{self.name}.d"
        self._copied = False
        """Whether the crate includes a copy of the file instead of the file."""

    @contextmanager
    def locked(self, job: Job) -> Iterator[None]:
        """Exclude other threads and processes that build the same file."""
        create_folder(self.folder)
        with closing(FileLock(self.folder / "lock")) as lock:
            while not lock.try_acquire():
                job.wait(_LOCK_SECONDS)
            yield

    def write(self, text: str) -> list[str]:
        """Write the crate for a file with this text; returns arguments for rustc."""
        _write(self.manifest, _MANIFEST.format(name=self.name))
        end = inner_attributes_end(text)
        self._copied = end > 0
        included, attributes = self.source, ""
        if self._copied:
            included, attributes = self._write_view(text, end), f"{text[:end]}\n"
        # Only one is possible: a filter's own replaces ours.
        allocator = "" if "global_allocator" in text else _ALLOCATOR
        root = _ROOT.format(inner_attributes=attributes, allocator=allocator, path=_escape(included))
        # Written each time: cargo compares modification times, and would skip a source that was restored with
        # an older one. The last module is removed, so that a wrong clock does not keep it.
        _write(self._root, root)
        for stale in (self.wasm, self._dep_info.with_suffix(".wasm"), self._dep_info):
            stale.unlink(missing_ok=True)
        # The compiler names your file instead of the copy; rustc takes no path with `=`.
        remapped = self._copied and "=" not in str(self.source)
        return [f"--remap-path-prefix={self._view}={self.source.parent}"] if remapped else []

    def dependencies(self) -> set[Path]:
        """Your files that the last build read, according to the compiler."""
        try:
            text = self._dep_info.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return set()
        lines = (line[:-1] for line in text.splitlines() if line.endswith(":") and not line.startswith("#"))
        return set(filter(None, (self.original(Path(line.replace("\\ ", " "))) for line in lines)))

    def original(self, path: Path) -> Path | None:
        """Your file that the compiler knows as `path`; None if it is not yours."""
        path = self.folder / path
        if path.is_relative_to(self._view):
            return self.source.parent / path.relative_to(self._view)
        if path == self._root and self._copied:
            # It starts with the attributes of the file.
            return self.source
        return None if any(path.is_relative_to(folder) for folder in self._foreign) else path

    def _write_view(self, text: str, end: int) -> Path:
        """A copy of the file without its inner attributes, beside links to its neighbours."""
        create_folder(self._view)
        wanted = {path.name: path for path in self.source.parent.iterdir() if path.name != self.source.name}
        for path in self._view.iterdir():
            if wanted.get(path.name) == (path.readlink() if path.is_symlink() else None):
                wanted.pop(path.name, None)
            else:
                path.unlink()
        for name, path in wanted.items():
            (self._view / name).symlink_to(path)
        # Blanks in their place keep every line and column.
        copy = self._view / self.source.name
        _write(copy, re.sub(r"[^\n\r\ufeff]", " ", text[:end]) + text[end:])
        return copy


def _write(path: Path, text: str) -> None:
    replace_file(path, text.encode(), durable=False, private=True)


def _escape(path: Path) -> str:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        problem = f"the name of {os.fsencode(path)!r} is not UTF-8, which rustc needs"
        raise BuildError(problem, "rename the file") from None
    return str(path).translate(_ESCAPES)


def _digest_of_folder(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".rs", ".toml") and "target" not in path.parts:
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()[:16]
