"""What the build cache holds, and what of it is removed: libraries that no build has used for a long time.

They are what is left of files that are not built any more, and of older compilers and SDKs.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from engine.file_lock import FileLock

KEPT_SECONDS = 30 * 86_400
"""Since a build used it."""
KEPT_BYTES = 2 << 30
"""Of all libraries together, but for those that were used in the last day."""
RECENT_SECONDS = 86_400
COMPILED = "compiled.json"
"""In the folder of a set of libraries; touched whenever a build uses the set."""
LOCK = "lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A set of libraries, or a folder of one toolchain without any."""

    folder: Path
    used: float
    """Seconds since the epoch."""
    size: int
    """In bytes."""


def holdings(builds: Path) -> list[Holding]:
    """What a folder of builds holds, last used first."""
    return sorted(_holdings(builds), key=lambda holding: -holding.used)


def prune(builds: Path) -> None:
    """Remove what was not used for a long time, and the oldest if it is too much."""
    now, kept = time.time(), 0
    for holding in holdings(builds):
        unused = now - holding.used
        kept += holding.size
        if unused > KEPT_SECONDS or (kept > KEPT_BYTES and unused > RECENT_SECONDS):
            kept -= holding.size
            with suppress(OSError):
                _remove(holding.folder)


def _holdings(builds: Path) -> Iterator[Holding]:
    for toolchain in builds.glob("*/"):
        sets = list(toolchain.glob("libraries/*/"))
        for folder in sets or [toolchain]:
            # Another program may remove it.
            with suppress(OSError):
                yield Holding(folder=folder, used=_last_use(folder), size=_size(folder))


def _last_use(folder: Path) -> float:
    try:
        return (folder / COMPILED).stat().st_mtime
    except FileNotFoundError:
        return folder.stat().st_mtime


def _size(folder: Path) -> int:
    size = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += Path(path, name).lstat().st_size
    return size


def _remove(folder: Path) -> None:
    """Remove a folder at once, unless another program is filling it."""
    with closing(FileLock(folder / LOCK)) as lock:
        if lock.try_acquire():
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".removing-") as away:
                shutil.move(folder, away)
