"""How processes on one folder notice each other's commits: by watching a file that each commit writes."""

import os
import select
import sys
import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path

POLL_SECONDS = 0.01
"""How often to look if the system cannot watch a file."""
LOOK_SECONDS = 0.25
"""How often to look in any case: older versions of this program do not write the file."""
GATHER_SECONDS = 0.002
"""How long to let commits gather after one: thousands per second are possible."""


class CommitWatch(ABC):
    """The file that commits write (`EndMark`), for one thread that waits for other processes' commits."""

    @abstractmethod
    def wait(self) -> None:
        """Wait until the log may have changed."""

    @abstractmethod
    def interrupt(self) -> None:
        """End this wait and all later ones at once. Any thread may call."""

    @abstractmethod
    def close(self) -> None:
        """Free all resources; no wait may be under way."""


def watch_commits(path: Path) -> CommitWatch:
    """Watch with inotify if it is available, otherwise by polling."""
    if sys.platform == "linux":
        # The number of watches per user is limited.
        with suppress(OSError):
            return Inotify(path)
    return Polling()


class Polling(CommitWatch):
    """Polls."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def wait(self) -> None:
        self._over.wait(POLL_SECONDS)

    def interrupt(self) -> None:
        self._over.set()

    def close(self) -> None:
        pass


class Inotify(CommitWatch):
    """Woken by the kernel: 16 µs per commit, and nothing without commits."""

    def __init__(self, path: Path) -> None:
        """`OSError` if the file cannot be watched."""
        from inotify_simple import INotify, flags

        self._watch = INotify()
        try:
            self._watch.add_watch(path, flags.MODIFY)
            self._readable, self._writable = os.pipe()
        except OSError:
            self._watch.close()
            raise

    def wait(self) -> None:
        """Wait for a commit, and briefly for those that follow."""
        ready, _, _ = select.select([self._watch.fileno(), self._readable], [], [], LOOK_SECONDS)
        if self._watch.fileno() in ready:
            select.select([self._readable], [], [], GATHER_SECONDS)
            self._watch.read(timeout=0)

    def interrupt(self) -> None:
        os.write(self._writable, b"\0")

    def close(self) -> None:
        self._watch.close()
        os.close(self._readable)
        os.close(self._writable)
