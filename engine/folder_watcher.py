"""Being told of what changes in folders: one thread, and one watch, for all who want to know.

A watch of watchfiles looks a hundred times a second whether it was told of anything, which takes 0.4 % of a
core (measured): three filters with one each took more than all else that an idle dashboard does.
"""

import logging
import threading
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Protocol

from watchfiles import watch

_STEP_MS = 10
"""How long watchfiles waits for more before it tells: its default of 50 makes a save 70 ms later known."""
_DEBOUNCE_MS = 50
"""The longest that changes which keep coming are waited for."""
_TICK_MS = 200
"""How often to look by ourselves: for what no event tells of, and for the end of a file's absence."""

_LOG = logging.getLogger(__name__)

Identity = tuple[int, int]
Folders = Mapping[Path, Identity]
"""Folders, each with what tells it from another one of its name."""


class Watcher(Protocol):
    """Somebody who wants to know."""

    def folders(self) -> Folders:
        """Those to be told of; they may be others at any time."""

    def look(self, named: set[str]) -> None:
        """These paths were told of, or none: it is time to look whether anything is different."""


class FolderWatch:
    """Tells watchers of changes, and now and then of none, from a thread that is there while they are."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watchers: list[Watcher] = []
        self._telling = threading.Lock()
        self._turn = threading.Event()
        """Set where other folders are to be watched, and at the end."""
        self._thread: threading.Thread | None = None

    def add(self, watcher: Watcher) -> None:
        """Tell one more."""
        with self._lock:
            self._watchers.append(watcher)
            self._turn.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watch files", daemon=True)
                self._thread.start()

    def remove(self, watcher: Watcher) -> None:
        """Tell one no more, not even once this returns; nothing happens where that is so already."""
        with self._lock:
            if watcher not in self._watchers:
                return
            self._watchers.remove(watcher)
            self._turn.set()
            ended = None
            if not self._watchers:
                ended, self._thread = self._thread, None
        with self._telling:
            pass
        if ended is not None:
            ended.join()

    def turn(self) -> None:
        """Somebody wants to be told of other folders."""
        self._turn.set()

    def _run(self) -> None:
        while True:
            self._turn.clear()
            if self._over:
                return
            try:
                self._follow(self._folders())
            except (OSError, RuntimeError) as error:
                # A folder went just now, or the system has no more watches (watchfiles' own error for that
                # is a RuntimeError): look without being told to, until there are some.
                _LOG.debug("looking at files without being told of changes: %s", error)
                self._turn.wait(_TICK_MS / 1000)
                self._tell(set())

    @property
    def _over(self) -> bool:
        """Whether the thread that asks is needed no more: there may be a younger one."""
        return threading.current_thread() is not self._thread

    def _follow(self, folders: Folders) -> None:
        rounds = watch(
            *folders,
            watch_filter=None,
            step=_STEP_MS,
            debounce=_DEBOUNCE_MS,
            rust_timeout=_TICK_MS,
            yield_on_timeout=True,
            stop_event=self._turn,
            recursive=False,
            ignore_permission_denied=True,
        )
        with closing(rounds):
            for changes in rounds:
                self._tell({path for _, path in changes})
                if self._over or self._folders() != folders:
                    return

    def _tell(self, named: set[str]) -> None:
        with self._lock:
            watchers = tuple(self._watchers)
        for watcher in watchers:
            with self._telling:
                if self._is_watching(watcher):
                    watcher.look(named)

    def _is_watching(self, watcher: Watcher) -> bool:
        with self._lock:
            return watcher in self._watchers

    def _folders(self) -> dict[Path, Identity]:
        with self._lock:
            watchers = tuple(self._watchers)
        return {path: identity for watcher in watchers for path, identity in watcher.folders().items()}
