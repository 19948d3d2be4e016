"""Which crates may run code on this machine: build scripts and procedural macros run as you."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from engine.errors import BuildError
from engine.files import create_folder, replace_file


class BuildScriptsError(BuildError, code="build-scripts"):
    """Crates have build scripts or procedural macros, and you have not allowed them."""

    def __init__(self, crates: Sequence[str], folder: Path) -> None:
        named = ", ".join(crates)
        super().__init__(f"build scripts and macros of these crates would run on this machine: {named}")
        self.crates = tuple(crates)
        self._folder = folder

    def allow(self) -> None:
        """Allow them from now on, in these versions; `BuildError` if that cannot be remembered."""
        content = "".join(f"{crate}\n" for crate in self.crates)
        try:
            create_folder(self._folder)
            replace_file(_file(self._folder, self.crates), content.encode(), private=True)
        except OSError as error:
            raise BuildError(f"{self._folder} cannot be written: {error.strerror}") from error


def check_allowed(crates: Sequence[str], folder: Path) -> None:
    """`BuildScriptsError` unless you have allowed them; `folder` remembers what you have."""
    if crates and not _file(folder, crates).exists():
        raise BuildScriptsError(crates, folder)


def _file(folder: Path, crates: Sequence[str]) -> Path:
    return folder / hashlib.sha256("\n".join(crates).encode()).hexdigest()[:32]
