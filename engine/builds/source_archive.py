"""The sources of builds in a folder, across sessions."""

import hashlib
import json
import logging
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.builds.source_text import (
    LARGEST_SOURCES,
    RestoringError,
    Sources,
    SourceText,
    read_sources,
    write_sources,
)
from engine.files import create_folder, read_regular_file, replace_file

BUILDS = 50
"""Of one file, at most."""
BUILDS_BYTES = 4 << 20
ALL_BYTES = 32 << 20
"""Of all files; the oldest builds are dropped first."""
_LARGEST_FILE = 8 * LARGEST_SOURCES
"""A character takes up to six bytes in JSON."""
_SUFFIX = ".json"

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBuild:
    """A build of some session, without its module."""

    trigger: str
    started: float
    """Seconds since the epoch."""
    ready: bool
    sources: Sources


class SourceArchive:
    """Keeps the newest builds of each source file. Reads and writes the disk; any thread may call."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, build: KeptBuild) -> None:
        """Keep a build, unless the newest one has the same sources; `OSError` if it cannot be written."""
        if not build.sources:
            return
        folder = self._folder_of(build.sources[0].path)
        newest = next(self._read(folder), None)
        if newest is not None and (newest.sources, newest.ready) == (build.sources, build.ready):
            return
        create_folder(folder)
        name = f"{round(build.started * 1e6):020}{_SUFFIX}"
        replace_file(folder / name, json.dumps(_written(build)).encode(), durable=False, private=True)
        _prune(sorted(folder.glob(f"*{_SUFFIX}")), BUILDS_BYTES, BUILDS)
        _prune(sorted(self._folder.glob(f"*/*{_SUFFIX}"), key=lambda file: file.name), ALL_BYTES)

    def restore(self, sources: Sources) -> tuple[Path, ...]:
        """Write source files as they were, and return the paths of those that were others.

        What they are now is kept first. `RestoringError`.
        """
        paths = [one.path for one in sources]
        present = read_sources(paths)
        unreadable = next((path for path in paths if path.exists() and not _has(present, path)), None)
        if unreadable is not None:
            raise RestoringError(f"{unreadable} cannot be read, and would be lost", "move it away first")
        try:
            self.keep(KeptBuild(trigger="before restoring", started=time.time(), ready=True, sources=present))
        except OSError as error:
            raise RestoringError(
                f"what is in {paths[0]} now cannot be kept: {error.strerror or error}", "make a copy of it"
            ) from error
        if read_sources(paths) != present:
            raise RestoringError(f"{paths[0]} was saved at the same time", "restore it again")
        return write_sources(sources)

    def builds(self, path: Path) -> tuple[KeptBuild, ...]:
        """Those of a file, newest first. What cannot be read is left out."""
        return tuple(self._read(self._folder_of(path)))

    def _folder_of(self, path: Path) -> Path:
        return self._folder / hashlib.sha256(str(path.absolute()).encode("utf-8", "replace")).hexdigest()[:32]

    def _read(self, folder: Path) -> Iterator[KeptBuild]:
        for file in sorted(folder.glob(f"*{_SUFFIX}"), reverse=True):
            try:
                yield _build(json.loads(read_regular_file(file, limit=_LARGEST_FILE) or b""))
            except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
                _LOG.info("what was kept in %s cannot be read: %r", file, error)


def _has(sources: Sources, path: Path) -> bool:
    return any(one.path == path for one in sources)


def _written(build: KeptBuild) -> dict[str, Any]:
    sources = [{"path": str(one.path), "text": one.text} for one in build.sources]
    return {"trigger": build.trigger, "started": build.started, "ready": build.ready, "sources": sources}


def _build(found: dict[str, Any]) -> KeptBuild:
    return KeptBuild(
        trigger=str(found["trigger"]),
        started=float(found["started"]),
        ready=bool(found["ready"]),
        sources=tuple(
            SourceText(path=Path(str(one["path"])), text=str(one["text"])) for one in found["sources"]
        ),
    )


def _prune(files: list[Path], room: int, most: int | None = None) -> None:
    """Remove the oldest files, the first ones, that there is no room for; the newest always stays."""
    for place, file in enumerate(reversed(files)):
        # Another session may remove it first.
        with suppress(OSError):
            room -= file.stat().st_size
            if place and (room < 0 or (most is not None and place >= most)):
                file.unlink()
