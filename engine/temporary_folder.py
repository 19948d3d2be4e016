"""A folder that lasts as long as the program, even if that is killed."""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from engine.file_lock import FileLock

_LOCK = "in-use.lock"


@contextmanager
def temporary_folder(prefix: str, within: Path | None = None) -> Iterator[Path]:
    """A temporary folder, `within` another one or that of the system, removed after the block.

    Folders of the same user and prefix that killed programs have left behind are removed first.
    """
    for folder in Path(within or gettempdir()).glob(f"{prefix}*"):
        with suppress(OSError):
            _remove_if_left(folder)
    while True:
        with (
            # Another program may remove part of it, once the lock is free.
            TemporaryDirectory(prefix=prefix, dir=within, ignore_cleanup_errors=True) as name,
            closing(FileLock(Path(name, _LOCK))) as lock,
            lock,
        ):
            if Path(name, _LOCK).exists():  # else another program has removed it, before it was locked
                yield Path(name)
                return


def _remove_if_left(folder: Path) -> None:
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or not (folder / _LOCK).exists():
        return
    with closing(FileLock(folder / _LOCK)) as lock:
        if lock.try_acquire():
            shutil.rmtree(folder, ignore_errors=True)
