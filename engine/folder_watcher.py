"""Notices changes in folders: one thread and one watch for all watchers.

A watch of watchfiles polls a hundred times a second, which takes 0.4 % of a core (measured): three filters
with one each took more than everything else that an idle dashboard does.
"""

import logging
import threading
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Protocol

from watchfiles import watch

_STEP_MS = 10
"""How long watchfiles waits for more changes: with its default of 50, a save is noticed 70 ms later."""
_DEBOUNCE_MS = 50
"""How long it waits at most while changes keep coming."""
_TICK_MS = 200
"""Between looks without an event: for changes that cause none, and for the end of a file's absence."""

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
        self._turn = threading.Event()
        """Set when the folders to watch have changed, and at the end."""
        self._thread: threading.Thread | None = None

    def add(self, watcher: Watcher) -> None:
        with self._lock:
            self._watchers += (watcher,)
            self._turn.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watch files", daemon=True)
                self._thread.start()

    def remove(self, watcher: Watcher) -> None:
        """Stop asking a watcher, which is not looking any more when this returns. May be called again."""
        with self._lock:
            if watcher not in self._watchers:
                return
            self._watchers = tuple(each for each in self._watchers if each is not watcher)
            self._turn.set()
            ended = None
            if not self._watchers:
                ended, self._thread = self._thread, None
        with self._looking:
            pass
        if ended is not None:
            ended.join()

    def turn(self) -> None:
        """Note that the folders to watch have changed."""
        self._turn.set()

    def _run(self) -> None:
        while True:
            self._turn.clear()
            if self._over:
                return
            try:
                self._follow(self._folders())
            except (OSError, RuntimeError) as error:
                # A folder went just now, or the system has no more watches, for which watchfiles raises
                # RuntimeError: look without events until there are some.
                _LOG.debug("looking at files without events: %s", error)
                self._turn.wait(_TICK_MS / 1000)
                self._look(set())

    @property
    def _over(self) -> bool:
        # A younger thread may have taken over.
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
                self._look({path for _, path in changes})
                if self._over or self._folders() != folders:
                    return

    def _look(self, named: set[str]) -> None:
        for watcher in self._watchers:
            with self._looking:
                if watcher in self._watchers:
                    watcher.look(named)

    def _folders(self) -> dict[Path, Identity]:
        return {path: identity for watcher in self._watchers for path, identity in watcher.folders().items()}
