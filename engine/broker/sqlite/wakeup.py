"""Waking those who wait for records, whichever process has written them."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from engine.broker.sqlite.commit_file import CommitWatch


class Bell:
    """Rings in this process when the log has changed, or may have.

    One thread, started by the first to wait and idle while nobody does, watches for other processes.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], watch: Callable[[], CommitWatch]) -> None:
        """`connect` opens the connection that is asked for changes; its errors reach the first who waits."""
        self._connect = connect
        self._watch_commits = watch
        self._watch: CommitWatch | None = None
        self._rung = threading.Condition()
        self._changes = 0
        self._interrupts = 0
        self._waiting = 0
        self._closed = threading.Event()
        self._watcher: threading.Thread | None = None

    def ring(self) -> None:
        """The log has changed: everyone looks again."""
        with self._rung:
            self._changes += 1
            self._rung.notify_all()

    def interrupt(self) -> None:
        """Everyone who waits gives up."""
        with self._rung:
            self._interrupts += 1
            self._rung.notify_all()

    def wait_until(self, found: Callable[[], bool], timeout: float) -> bool:
        """Wait until `found()`, asked now and after each change; whether it was.

        False after `timeout` seconds, on `interrupt` and on `close`.
        """
        deadline = time.monotonic() + timeout
        with self._rung:
            interrupts, seen = self._interrupts, self._changes
        if found():
            return True
        with self._registered():
            while self._await_change(seen, interrupts, deadline):
                with self._rung:
                    seen = self._changes
                if found():
                    return True
        return False

    def _await_change(self, seen: int, interrupts: int, deadline: float) -> bool:
        def over() -> bool:
            return self._interrupts != interrupts or self._closed.is_set()

        with self._rung:
            self._rung.wait_for(lambda: self._changes != seen or over(), deadline - time.monotonic())
            return self._changes != seen and not over()

    @contextmanager
    def _registered(self) -> Iterator[None]:
        with self._rung:
            if self._watcher is None and not self._closed.is_set():
                connection = self._connect()
                self._watch = self._watch_commits()
                self._watcher = threading.Thread(
                    target=self._look, args=(connection, self._watch), name="log-watch", daemon=True
                )
                self._watcher.start()
            self._waiting += 1
            self._rung.notify_all()
        try:
            yield
        finally:
            with self._rung:
                self._waiting -= 1

    def _look(self, connection: sqlite3.Connection, watch: CommitWatch) -> None:
        with closing(connection), closing(watch):
            version = None
            while self._await_somebody():
                try:
                    (now,) = connection.execute("PRAGMA data_version").fetchone()
                except sqlite3.Error:  # those who wait look for themselves, and report it
                    now = None
                if now is None or now != version:
                    version = now
                    self.ring()
                watch.wait()

    def _await_somebody(self) -> bool:
        with self._rung:
            self._rung.wait_for(lambda: self._waiting or self._closed.is_set())
            return not self._closed.is_set()

    def close(self) -> None:
        """End the watching thread; everyone who waits returns."""
        with self._rung:
            self._closed.set()
            self._rung.notify_all()
            watcher = self._watcher
            if self._watch is not None and watcher is not None and watcher.is_alive():
                self._watch.interrupt()
        if watcher is not None:
            watcher.join()
