"""How processes on one folder tell each other of commits: a byte written to a file that all of them watch."""

import os
import select
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Protocol

POLL_SECONDS = 0.01
"""How often to look where the system cannot watch a file."""
LOOK_SECONDS = 0.25
"""How often to look all the same: an older version of this program commits without a word."""
GATHER_SECONDS = 0.002
"""How long to let commits gather after one was told of: thousands a second are possible."""


class CommitFile:
    """The file, for whoever commits."""

    def __init__(self, path: Path) -> None:
        """Open the file, made where it is missing; `OSError` where that cannot be."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)

    def tell(self) -> None:
        """Tell every process that watches."""
        # On a full disk they look for themselves, only later.
        with suppress(OSError):
            os.pwrite(self._descriptor, b"\n", 0)

    def close(self) -> None:
        """Let the file go; once only."""
        os.close(self._descriptor)


class CommitWatch(Protocol):
    """The file, for one thread that waits for other processes' commits."""

    def wait(self) -> None:
        """Wait until the log may have changed."""

    def interrupt(self) -> None:
        """End the wait that there is, and all later ones at once; any thread may call."""

    def close(self) -> None:
        """Let go of every resource; nobody may be waiting any more."""


def watch_commits(path: Path) -> CommitWatch:
    """Watch with inotify where there is such a thing and it can be had, else by looking often."""
    if sys.platform == "linux":
        # The number of watchers is limited for each user.
        with suppress(OSError):
            return Inotify(path)
    return Polling()


class Polling:
    """Looks often."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def wait(self) -> None:
        """Wait a little."""
        self._over.wait(POLL_SECONDS)

    def interrupt(self) -> None:
        """Wait no more."""
        self._over.set()

    def close(self) -> None:
        """There is nothing to let go of."""


class Inotify:
    """Is told by the kernel: 16 µs a commit, and nothing while nobody commits."""

    def __init__(self, path: Path) -> None:
        """`OSError` where the file cannot be watched."""
        from inotify_simple import INotify, flags

        self._watch = INotify()
        try:
            self._watch.add_watch(path, flags.MODIFY)
            self._readable, self._writable = os.pipe()
        except OSError:
            self._watch.close()
            raise

    def wait(self) -> None:
        """Wait for a commit, and for those that follow at once."""
        ready, _, _ = select.select([self._watch.fileno(), self._readable], [], [], LOOK_SECONDS)
        if self._watch.fileno() in ready:
            select.select([self._readable], [], [], GATHER_SECONDS)
            self._watch.read(timeout=0)

    def interrupt(self) -> None:
        """Wait no more."""
        os.write(self._writable, b"\0")

    def close(self) -> None:
        """Watch no more."""
        self._watch.close()
        os.close(self._readable)
        os.close(self._writable)
