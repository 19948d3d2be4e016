"""The part of the build cache that belongs to one toolchain and one version of the guest SDK."""

import hashlib
import shutil
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

from engine.builds.rust.toolchain import Toolchain
from engine.errors import BuildError
from engine.files import check_folder, create_folder, make_private
from engine.temporary_folder import temporary_folder


class BuildCache:
    """A folder with a copy of the SDK and the libraries that were compiled with it."""

    def __init__(self, cache: Path, sdk: Path, toolchain: Toolchain) -> None:
        self._cache = cache
        self._sdk = sdk
        self.builds = builds_folder(cache)
        self.folder = self.builds / f"{toolchain.version}-{_digest(sdk, toolchain)}"
        self.home = self.folder / "home"
        """Replaces your `CARGO_HOME`."""
        self.crates_home = cache / "cargo"
        """Replaces it to fetch crates and to compile them, whatever the toolchain."""
        self.allowed = cache / "allowed"
        """The build scripts that you allowed to run."""
        self.sdk = self.folder / "sdk"
        self.rust_library = toolchain.target_libraries.parent.parent
        """Rust's own libraries, and their source if it is installed."""

    def prepare(self) -> None:
        """Make the folder, with a copy of the SDK, which must not change during a build."""
        create_folder(self.folder)
        check_folder(self._cache, BuildError)
        if self.sdk.is_dir():
            return
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            fresh = shutil.copytree(self._sdk, Path(folder) / "sdk", ignore=shutil.ignore_patterns("target"))
            for path in (fresh, *fresh.rglob("*")):
                make_private(path)
            try:
                fresh.rename(self.sdk)
            except OSError:
                # Else another process was faster.
                if not self.sdk.is_dir():
                    raise

    def workplace(self) -> AbstractContextManager[Path]:
        """A folder for one build. Nothing of a build is kept: rustc is no faster with what it left."""
        return temporary_folder("building-", self.folder)


def builds_folder(cache: Path) -> Path:
    """The folder of all toolchains, in which builds take their turns."""
    return cache / "build"


def _digest(sdk: Path, toolchain: Toolchain) -> str:
    # Libraries are of use only to the rustc that compiled them.
    digest = hashlib.sha256(f"{toolchain.rustc}\0{toolchain.build}\0".encode("utf-8", "surrogateescape"))
    for path in sorted(sdk.rglob("*")):
        if path.suffix in (".rs", ".toml") and "target" not in path.parts:
            content = path.read_bytes()
            digest.update(f"{path.relative_to(sdk)}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()[:16]
