"""An exclusive lock between processes on a file beside the database."""

import fcntl
import os
from pathlib import Path
from types import TracebackType


class FileLock:
    """`flock` on a side file, as a context manager; one thread at a time may use an instance.

    SQLite's own waiting for a writer starves (measured: seconds); the kernel queues those who wait here.
    The lock ends with the process that holds it, however that ends.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file at `path`; `OSError` where that cannot be."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)

    def __enter__(self) -> "FileLock":
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def try_acquire(self) -> bool:
        """Take the lock where nobody holds it; whether it was taken."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let the lock go."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let the lock and the file go; once only."""
        os.close(self._descriptor)
