"""Notices changes in folders: one thread and one watch for all watchers."""

import logging
import threading
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Protocol

from engine.folder_events import FolderEvents, folder_events

_LOG = logging.getLogger(__name__)

Identity = tuple[int, int]
Folders = Mapping[Path, Identity]
"""Folders, each with its device and inode, which tell it from another one of its name."""


class Watcher(Protocol):
    """Is asked to look for changes."""

    def folders(self) -> Folders:
        """The folders to watch now."""

    def look(self, named: set[str]) -> None:
        """Look for changes, of which these paths had events; now and then without any."""


class FolderWatch:
    """Asks watchers to look, from a thread that runs while there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watchers: tuple[Watcher, ...] = ()
        self._looking = threading.Lock()
        self._events: FolderEvents | None = None
        """Of the thread that runs."""
        self._thread: threading.Thread | None = None

    def add(self, watcher: Watcher) -> None:
        with self._lock:
            self._watchers += (watcher,)
            if self._events is None:
                self._events = folder_events()
                self._thread = threading.Thread(
                    target=self._run, args=[self._events], name="watch files", daemon=True
                )
                self._thread.start()
            else:
                self._events.interrupt()

    def remove(self, watcher: Watcher) -> None:
        """Stop asking a watcher, which is not looking any more when this returns. May be called again."""
        with self._lock:
            if watcher not in self._watchers:
                return
            self._watchers = tuple(each for each in self._watchers if each is not watcher)
            ended = None
            if self._events is not None:
                self._events.interrupt()
                if not self._watchers:
                    ended, self._thread, self._events = self._thread, None, None
        with self._looking:
            pass
        if ended is not None:
            ended.join()

    def turn(self) -> None:
        """Note that the folders to watch have changed."""
        with self._lock:
            if self._events is not None:
                self._events.interrupt()

    def _run(self, events: FolderEvents) -> None:
        watched: Folders = {}
        with closing(events):
            while self._events is events:
                folders = self._folders()
                if folders != watched:
                    watched = self._watch(events, folders)
                    # For what changed before it was watched.
                    self._look(set())
                self._look(events.wait())

    def _watch(self, events: FolderEvents, folders: Folders) -> Folders:
        """Watch these folders; what is watched now."""
        try:
            events.watch(folders)
        except OSError as error:
            # A folder went just now, or the system has no more watches: look without events until it has.
            _LOG.debug("looking at files without events: %s", error)
            return {}
        return folders

    def _look(self, named: set[str]) -> None:
        for watcher in self._watchers:
            with self._looking:
                if watcher in self._watchers:
                    watcher.look(named)

    def _folders(self) -> dict[Path, Identity]:
        return {path: identity for watcher in self._watchers for path, identity in watcher.folders().items()}
