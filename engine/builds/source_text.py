"""The text of a build's source files: all that it was made of."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.builds.source_file import read_source
from engine.errors import EngineError
from engine.files import create_folder, replace_file

LARGEST_SOURCES = 1 << 20
"""Bytes of one build's source files; more are not kept."""


class RestoringError(EngineError):
    """A source file cannot be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """One file."""

    path: Path
    text: str


Sources = tuple[SourceText, ...]
"""The files of one build, the one that was built first; empty if they are not known."""


def read_sources(paths: Iterable[Path]) -> Sources:
    """The files as they are now, without those that cannot be read; empty if they are too large."""
    found = []
    room = LARGEST_SOURCES
    for path in dict.fromkeys(paths):
        try:
            text = read_source(path)
        except EngineError:
            continue
        room -= len(text.encode())
        found.append(SourceText(path=path, text=text))
    return tuple(found) if room >= 0 else ()


def unchanged(before: Sources, after: Sources) -> Sources:
    """`after`, unless a file of both is another one now: then it is not known what was built."""
    texts = {one.path: one.text for one in after}
    return after if all(texts.get(one.path, one.text) == one.text for one in before) else ()


def write_sources(sources: Sources) -> tuple[Path, ...]:
    """Write the files that are others now, and return their paths; `RestoringError`.

    A file keeps its permissions, and a link stays one.
    """
    present = {one.path: one.text for one in read_sources(one.path for one in sources)}
    changed = [one for one in sources if present.get(one.path) != one.text]
    for one in changed:
        try:
            _write(one.path.resolve(), one.text)
        except OSError as error:
            raise RestoringError(
                f"{one.path} cannot be written: {error.strerror or error}",
                "check the permissions of the file and its folder",
            ) from error
    return tuple(one.path for one in changed)


def _write(path: Path, text: str) -> None:
    create_folder(path.parent)
    mode = path.stat().st_mode & 0o777 if path.exists() else None
    # Private until it has the permissions of the file before.
    replace_file(path, text.encode(), private=mode is not None)
    if mode is not None:
        path.chmod(mode)
