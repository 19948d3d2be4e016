"""An exclusive lock between processes on a file beside the database."""

import fcntl
import os
import time
from pathlib import Path
from typing import Self

from engine.files import open_private

_RETRY_SECONDS = 0.002


class FileLock:
    """`flock` on a side file, as a context manager; one thread at a time may use an instance.

    SQLite's own wait for a writer starves (measured: seconds); here the kernel queues the waiting ones. The
    lock ends with the process that holds it, however that ends.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file at `path`; `OSError`."""
        self._path = path
        self._descriptor = open_private(path)

    def __enter__(self) -> Self:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def try_acquire(self) -> bool:
        """Acquire the lock if it is free; whether it was."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def acquire_within(self, seconds: float) -> bool:
        """Acquire the lock as soon as it is free; whether it was within `seconds`.

        Its holder may be a stopped process (Ctrl-Z). Outside of the kernel's queue, so not for busy moments.
        """
        deadline = time.monotonic() + seconds
        while not self.try_acquire():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_RETRY_SECONDS)
        return True

    def fileno(self) -> int:
        """The descriptor; a process that inherits it holds the lock as well."""
        return self._descriptor

    def release(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def remove(self) -> None:
        """Remove the file while the lock on it is held; `OSError`."""
        if not self.is_removed():
            self._path.unlink(missing_ok=True)

    def is_removed(self) -> bool:
        """Whether the file was removed or replaced by an earlier holder of the lock."""
        try:
            return self._path.stat().st_ino != os.fstat(self._descriptor).st_ino
        except FileNotFoundError:
            return True

    def close(self) -> None:
        """Release the lock and close the file; once only."""
        os.close(self._descriptor)
