"""Waking readers that wait for records, whichever process has written them."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TypeVar

from engine.broker.sqlite.commit_file import CommitWatch
from engine.errors import BrokerClosedError

T = TypeVar("T")


class ChangeNotifier:
    """Wakes the threads of this process that wait when the log has changed, or may have.

    One thread, started by the first wait and idle while there is none, watches for other processes.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], watch: Callable[[], CommitWatch]) -> None:
        """`connect` opens the connection that is asked for changes; its errors reach the first wait."""
        self._connect = connect
        self._watch_commits = watch
        self._watch: CommitWatch | None = None
        self._changed = threading.Condition()
        self._changes = 0
        self._waiting = 0
        self._closed = threading.Event()
        self._watcher: threading.Thread | None = None

    def notify(self) -> None:
        """The log has changed: every waiting thread looks again."""
        with self._changed:
            self._changes += 1
            self._changed.notify_all()

    def wake(self) -> None:
        """Every waiting thread asks again whether it is cancelled."""
        with self._changed:
            self._changed.notify_all()

    def check_open(self) -> None:
        if self._closed.is_set():
            raise BrokerClosedError("the broker is closed")

    def wait_for(
        self, look: Callable[[], T | None], timeout: float, cancelled: Callable[[], bool]
    ) -> T | None:
        """What `look` finds, asked now and after each change, within `timeout` seconds.

        None if it found nothing, once `cancelled` says so after `wake`, and after `close`.
        """
        deadline = time.monotonic() + timeout
        seen = self._changes
        if cancelled():
            return None
        found = look()
        if found is not None or timeout <= 0:
            return found
        with self._registered():
            while self._await_change(seen, deadline, cancelled):
                seen = self._changes
                found = look()
                if found is not None:
                    return found
        return None

    def _await_change(self, seen: int, deadline: float, cancelled: Callable[[], bool]) -> bool:
        def over() -> bool:
            return cancelled() or self._closed.is_set()

        with self._changed:
            self._changed.wait_for(lambda: self._changes != seen or over(), deadline - time.monotonic())
            return self._changes != seen and not over()

    @contextmanager
    def _registered(self) -> Iterator[None]:
        with self._changed:
            if self._watcher is None and not self._closed.is_set():
                connection = self._connect()
                self._watch = self._watch_commits()
                self._watcher = threading.Thread(
                    target=self._look, args=(connection, self._watch), name="log-watch", daemon=True
                )
                self._watcher.start()
            self._waiting += 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._waiting -= 1

    def _look(self, connection: sqlite3.Connection, watch: CommitWatch) -> None:
        with closing(connection), closing(watch):
            version = None
            while self._await_reader():
                try:
                    (now,) = connection.execute("PRAGMA data_version").fetchone()
                except sqlite3.Error:  # readers look for themselves, and report it
                    now = None
                if now is None or now != version:
                    version = now
                    self.notify()
                watch.wait()

    def _await_reader(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed.is_set())
            return not self._closed.is_set()

    def close(self) -> None:
        """End the watching thread; waits return."""
        with self._changed:
            self._closed.set()
            self._changed.notify_all()
            watcher = self._watcher
            if self._watch is not None and watcher is not None and watcher.is_alive():
                self._watch.interrupt()
        if watcher is not None:
            watcher.join()
