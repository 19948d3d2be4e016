"""Being told of what changes in folders, and of what else is to be done."""

import os
import select
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Generator, Iterable
from contextlib import suppress
from pathlib import Path

TICK_MS = 200
"""The longest wait without a word."""
_STEP_MS = 10
"""How long to wait for more before telling: watchfiles' default of 50 makes a save 70 ms later known."""
_QUIET_MS = 5
"""The same where it is known who still writes."""
_DEBOUNCE_MS = 50
"""The longest that changes which keep coming are waited for."""

Named = set[str] | None
"""The paths that changes were told of; None where it may be any."""
Changes = Generator[Named, None, None]


class Turn:
    """An event, as of `threading`, that can be waited for together with files."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed = False
        self._readable, self._writable = os.pipe()
        os.set_blocking(self._readable, False)
        os.set_blocking(self._writable, False)

    def set(self) -> None:
        """Let no wait last; nothing happens once it is closed."""
        with self._lock, suppress(BlockingIOError):
            if not self._closed:
                os.write(self._writable, b"\0")

    def clear(self) -> None:
        """Let waits last again."""
        with suppress(BlockingIOError):
            os.read(self._readable, select.PIPE_BUF)

    def is_set(self) -> bool:
        """Whether it is set."""
        return self.wait(0)

    def wait(self, seconds: float) -> bool:
        """Wait until it is set; whether it is."""
        return bool(select.select([self._readable], [], [], seconds)[0])

    def fileno(self) -> int:
        """What `select` waits for."""
        return self._readable

    def close(self) -> None:
        """Let go of it; nobody may be waiting any more. May be called again."""
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self._readable)
                os.close(self._writable)


def folder_changes(folders: Iterable[Path], turn: Turn) -> Changes:
    """What changes in these folders, and now and then nothing, until `turn` is set.

    `OSError` or `RuntimeError` where the system does not tell: a folder is gone, its watches are used up.
    """
    if sys.platform == "linux":
        return told_by_inotify(folders, turn)
    return told_by_watchfiles(folders, turn)


def told_by_watchfiles(folders: Iterable[Path], turn: Turn) -> Changes:
    """As `folder_changes`, on any system: it looks a hundred times a second, 0.4 % of a core."""
    from watchfiles import watch

    rounds = watch(
        *folders,
        watch_filter=None,
        step=_STEP_MS,
        debounce=_DEBOUNCE_MS,
        rust_timeout=TICK_MS,
        yield_on_timeout=True,
        stop_event=turn,
        recursive=False,
        ignore_permission_denied=True,
    )
    for changes in rounds:
        yield {path for _, path in changes}


if sys.platform == "linux":
    from inotify_simple import Event, INotify, flags

    _CHANGES = (
        flags.ATTRIB
        | flags.MODIFY
        | flags.CLOSE_WRITE
        | flags.CREATE
        | flags.DELETE
        | flags.MOVED_FROM
        | flags.MOVED_TO
        | flags.DELETE_SELF
        | flags.MOVE_SELF
    )

    def told_by_inotify(folders: Iterable[Path], turn: Turn) -> Changes:
        """As `folder_changes`: the kernel wakes whoever waits."""
        with INotify() as told:
            watched = defaultdict(list)
            for folder in folders:
                watched[told.add_watch(folder, _CHANGES)].append(folder)
            while not turn.is_set():
                ready, _, _ = select.select([told, turn], [], [], TICK_MS / 1000)
                yield _named(_settled(told, turn), watched) if told in ready else set()

    def _settled(told: INotify, turn: Turn) -> list[Event]:
        """What is told until no more comes, and whoever writes is done: a save is several changes."""
        events: list[Event] = []
        deadline = time.monotonic() + _DEBOUNCE_MS / 1000
        while (more := list(told.read(timeout=0))) or _being_written(events):
            events += more
            if time.monotonic() >= deadline or turn.wait(_QUIET_MS / 1000):
                break
        return events

    def _being_written(events: Iterable[Event]) -> bool:
        """Whether a file was begun and not closed yet: it may be empty for the moment."""
        begun = set()
        for event in events:
            file = (event.wd, event.name)
            if event.mask & (flags.CREATE | flags.MODIFY):
                begun.add(file)
            elif event.mask & (flags.CLOSE_WRITE | flags.MOVED_FROM | flags.DELETE):
                begun.discard(file)
        return bool(begun)

    def _named(events: Iterable[Event], watched: dict[int, list[Path]]) -> Named:
        named = set()
        for event in events:
            if event.mask & flags.Q_OVERFLOW:
                return None
            named |= {str(folder / event.name) for folder in watched.get(event.wd, ())}
        return named
