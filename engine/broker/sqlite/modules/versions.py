"""Earlier versions of stored SmartStreams: `versions/NAME/NUMBER.wasm` beside the newest ones."""

import os
import shutil
from pathlib import Path

from engine.broker.module_store import KEPT_VERSIONS
from engine.broker.sqlite.modules.names import SUFFIX
from engine.files import create_folder, replace_file


class EarlierVersions:
    """Those in a folder of modules. Hold the lock of that folder to change them."""

    def __init__(self, folder: Path) -> None:
        """Nothing is created before the first `keep`."""
        self._folder = folder / "versions"

    def path(self, name: str, number: int) -> Path:
        """The file of a version, which need not exist."""
        return self._folder / name / f"{number}{SUFFIX}"

    def numbers(self, name: str) -> list[int]:
        """Those that are kept, sorted; `OSError`."""
        try:
            found = [path.stem for path in (self._folder / name).iterdir() if path.suffix == SUFFIX]
        except FileNotFoundError:
            return []
        return sorted(int(number) for number in found if number.isascii() and number.isdigit())

    def keep(self, name: str, newest: Path) -> None:
        """Keep a copy of what is about to be replaced, with its time, and forget the oldest; `OSError`."""
        before = self.numbers(name)
        number = max(before, default=0) + 1
        create_folder(self._folder / name)
        kept, status = self.path(name, number), newest.stat()
        replace_file(kept, newest.read_bytes(), private=True)
        os.utime(kept, ns=(status.st_atime_ns, status.st_mtime_ns))
        for surplus in [*before, number][: 1 - KEPT_VERSIONS]:
            self.path(name, surplus).unlink(missing_ok=True)

    def forget(self, name: str) -> None:
        """Remove all versions of a module."""
        shutil.rmtree(self._folder / name, ignore_errors=True)
