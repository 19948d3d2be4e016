"""How the system tells of changes in folders."""

import select
import socket
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TICK_SECONDS = 0.2
"""How long to wait for an event: some file systems have none, and a file's absence has an end."""
POLL_SECONDS = 0.02
"""How often to look if the system tells of nothing."""
GATHER_SECONDS = 0.001
"""After an event: a save has several, which follow each other at once."""
STEP_SECONDS = 0.01
"""How long a file that is written may rest before it counts as saved, and between two looks while changes
keep coming."""
DEBOUNCE_SECONDS = 0.05
"""How long to wait for the end of writing, at most."""


class FolderEvents(ABC):
    """Waits for changes in folders: for one thread, which others may interrupt."""

    @abstractmethod
    def watch(self, folders: Iterable[Path]) -> None:
        """Wait for changes in these folders from now on, and in no others; `OSError` if that cannot be."""

    @abstractmethod
    def wait(self) -> set[str]:
        """Wait for changes, but not for long; the paths that had some."""

    @abstractmethod
    def interrupt(self) -> None:
        """End this wait, or the next one. Any thread may call."""

    @abstractmethod
    def close(self) -> None:
        """Free all resources; no wait may be under way."""


def folder_events() -> FolderEvents:
    """inotify if it is available, otherwise no events at all."""
    if sys.platform == "linux":
        # The number of its instances is limited.
        with suppress(OSError):
            return Inotify()
    return Polling()


class Polling(FolderEvents):
    """Knows of no event, and waits briefly instead."""

    def __init__(self) -> None:
        self._interrupted = threading.Event()

    def watch(self, folders: Iterable[Path]) -> None:
        pass

    def wait(self) -> set[str]:
        if self._interrupted.wait(POLL_SECONDS):
            self._interrupted.clear()
        return set()

    def interrupt(self) -> None:
        self._interrupted.set()

    def close(self) -> None:
        pass


class Inotify(FolderEvents):
    """Woken by the kernel: a save is noticed within 2 ms."""

    def __init__(self) -> None:
        """`OSError` if it is not available."""
        from inotify_simple import INotify, flags

        self._written = flags.MODIFY | flags.CREATE
        gone = flags.MOVED_FROM | flags.DELETE
        self._saved = flags.CLOSE_WRITE | flags.MOVED_TO | gone
        # Attributes, too: a file may become readable. What becomes of a folder, whoever watches it sees.
        self._flags = self._written | self._saved | flags.ATTRIB | flags.DELETE_SELF | flags.MOVE_SELF
        self._inotify = INotify()
        self._folders: dict[int, Path] = {}
        self._ours, self._theirs = socket.socketpair()
        self._theirs.setblocking(False)
        self._poll = select.poll()
        for source in (self._inotify, self._ours):
            self._poll.register(source, select.POLLIN)
        self._looked = 0.0

    def watch(self, folders: Iterable[Path]) -> None:
        kept = {self._inotify.add_watch(folder, self._flags): folder for folder in folders}
        for gone in self._folders.keys() - kept.keys():
            # It goes by itself with its folder.
            with suppress(OSError):
                self._inotify.rm_watch(gone)
        self._folders = kept

    def wait(self) -> set[str]:
        named: set[str] = set()
        writing: set[str] = set()
        wait, gather, end = TICK_SECONDS, GATHER_SECONDS, 0.0
        while wait > 0 and (ready := {descriptor for descriptor, _ in self._poll.poll(wait * 1000)}):
            if self._ours.fileno() in ready:
                self._ours.recv(1 << 10)
                break
            # Asleep, since the kernel joins events that are the same.
            time.sleep(gather)
            self._read(named, writing)
            now = time.monotonic()
            end = end or now + DEBOUNCE_SECONDS
            wait = min(end, now + STEP_SECONDS if writing else self._looked + STEP_SECONDS) - now
            gather = STEP_SECONDS
        self._looked = time.monotonic()
        return named

    def _read(self, named: set[str], writing: set[str]) -> None:
        for event in self._inotify.read(timeout=0):
            folder = self._folders.get(event.wd)
            if folder is None:
                continue
            path = str(folder / event.name)
            named.add(path)
            if event.mask & self._saved:
                writing.discard(path)
            elif event.mask & self._written:
                writing.add(path)

    def interrupt(self) -> None:
        # Full, it interrupts as well.
        with suppress(BlockingIOError):
            self._theirs.send(b"\0")

    def close(self) -> None:
        self._inotify.close()
        self._ours.close()
        self._theirs.close()
