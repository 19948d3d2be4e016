"""Notices that the content of a file has changed, however an editor saves it."""

import hashlib
import logging
import os
import stat
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.files import read_regular_file
from engine.folder_watcher import Folders, FolderWatch, Identity

ABSENCE_SECONDS = 0.25
"""Editors that save by renaming remove the file for an instant, and others empty it before they write."""
_LARGEST = 16 << 20
"""Bytes of a file whose content is compared; a larger one is neither a source nor a module."""
_EMPTY = hashlib.sha256(b"").digest()
_LOG = logging.getLogger(__name__)
_Signature = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file whose content has changed."""

    path: Path
    saved: float | None
    """When, in seconds since the epoch; None if the file is gone."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was found at the last look; both are None if the file was not there."""

    signature: _Signature | None
    digest: bytes | None


class FileWatcher:
    """Watches files by their folders: a watch on a file ends when it is replaced."""

    def __init__(
        self, on_change: Callable[[FileChange], None], folder_watch: FolderWatch | None = None
    ) -> None:
        """The thread of `folder_watch`, which others may share, calls `on_change`."""
        self._on_change = on_change
        self._folder_watch = folder_watch or FolderWatch()
        self._lock = threading.Lock()
        self._seen: dict[Path, _Seen] = {}
        self._missing: dict[Path, float] = {}

    def watch(self, files: Iterable[Path], since: float | None = None) -> None:
        """Watch these files from now on, and no others.

        One that was not watched before and was saved after `since`, in seconds since the epoch, has changed.
        """
        with self._lock:
            before = _folders(self._seen)
            self._seen = {path: self._seen.get(path) or _look_at_new(path, since) for path in set(files)}
            turns = _folders(self._seen) != before
        if turns:
            self._folder_watch.turn()

    def files(self) -> set[Path]:
        with self._lock:
            return set(self._seen)

    def folders(self) -> Folders:
        with self._lock:
            return _folders(self._seen)

    def start(self) -> None:
        self._folder_watch.add(self)

    def close(self) -> None:
        """Stop: `on_change` is not running any more. May be called again."""
        self._folder_watch.remove(self)

    def look(self, named: set[str]) -> None:
        """Report the first change; those named may have changed though they look the same."""
        with self._lock:
            looked = [self._look_at(path, certain=str(path) in named) for path in sorted(self._seen)]
        change = next(filter(None, looked), None)
        if change is not None:
            _LOG.info("%s %s", change.path, "is gone" if change.saved is None else "was saved")
            self._on_change(change)

    def _look_at(self, path: Path, certain: bool) -> FileChange | None:
        before = self._seen[path]
        signature = _signature(path)
        if signature is None:
            if before.digest is None or self._may_come_back(path):
                return None
            self._seen[path] = _Seen(None, None)
            return FileChange(path, None)
        if signature == before.signature and not certain:
            self._missing.pop(path, None)
            return None
        digest = _digest(path, signature)
        if digest is None:
            return None
        if digest == _EMPTY != before.digest and self._may_come_back(path):
            return None
        self._missing.pop(path, None)
        self._seen[path] = _Seen(signature, digest)
        # Not the modification time, which is old in a restored file.
        return None if digest == before.digest else FileChange(path, signature[3] / 1e9)

    def _may_come_back(self, path: Path) -> bool:
        """Whether a file has been missing or empty so briefly that it may be in the middle of a save."""
        now = time.monotonic()
        if now - self._missing.setdefault(path, now) < ABSENCE_SECONDS:
            return True
        del self._missing[path]
        return False


def _look_at_new(path: Path, since: float | None) -> _Seen:
    signature = _signature(path)
    digest = None if signature is None else _digest(path, signature)
    if signature is None or digest is None:
        return _Seen(None, None)
    if since is not None and signature[3] / 1e9 > since:
        # No content has this digest: the next look finds a change.
        return _Seen(None, b"")
    return _Seen(signature, digest)


def _signature(path: Path) -> _Signature | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _digest(path: Path, signature: _Signature) -> bytes | None:
    try:
        content = read_regular_file(path, limit=_LARGEST)
    except FileNotFoundError:
        return None
    except OSError:
        return b"unreadable"
    if content is None:
        # It cannot be a filter, and reading it may never end. Its times do not count either: a pipe or a
        # terminal that was written to is the same.
        return repr(signature[:2]).encode()
    return hashlib.sha256(content).digest()


def _folders(files: Iterable[Path]) -> Folders:
    """The folders to watch: also those that links lead to, and for a missing one, the nearest above it."""
    paths = {folder for file in files for folder in (file.parent, Path(os.path.realpath(file)).parent)}
    return dict(map(_nearest, paths))


def _nearest(folder: Path) -> tuple[Path, Identity]:
    for candidate in (folder, *folder.parents):
        with suppress(OSError):
            status = candidate.stat()
            if stat.S_ISDIR(status.st_mode):
                return candidate, (status.st_dev, status.st_ino)
    raise FileNotFoundError(folder)
