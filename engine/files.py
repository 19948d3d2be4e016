"""Reading, replacing and creating files; files and folders that only their owner may use."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from engine.errors import EngineError

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_NAME_CHARACTERS = 50
"""Of the old name in a temporary one: with a process id after them, they fit into 255 bytes in any script."""


@contextmanager
def replacing(path: Path, *, durable: bool = True, private: bool = False) -> Iterator[BinaryIO]:
    """A file to write, which takes the place of `path` if the block succeeds.

    Readers see all of the old content or all of the new. A `durable` file is on the disk when the block ends.
    Only its owner may read a `private` one. `OSError` keeps the old content.
    """
    # Names that begin with a dot are not listed or watched.
    part = path.with_name(f".{path.name[:_NAME_CHARACTERS]}.{os.getpid()}")
    # A killed process may have left one of this name.
    part.unlink(missing_ok=True)
    with os.fdopen(_create(part, PRIVATE_FILE if private else 0o666), "wb") as file:
        try:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise


def replace_file(path: Path, content: bytes, *, durable: bool = True, private: bool = False) -> None:
    """Write a whole file, as `replacing` does."""
    with replacing(path, durable=durable, private=private) as file:
        file.write(content)


def create_private(path: Path) -> int:
    """Create a file that only its owner may use; its descriptor. `FileExistsError`, also for a link."""
    return _create(path, PRIVATE_FILE)


def _create(path: Path, mode: int) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)


def open_private(path: Path) -> int:
    """Open a file to read and write, or create it, for its owner only; its descriptor.

    `OSError` for a link, which another user may have planted.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        if os.fstat(descriptor).st_mode & _OTHERS:
            os.fchmod(descriptor, PRIVATE_FILE)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def make_private(path: Path) -> None:
    """Take other users' permissions from a file or folder, without opening it."""
    mode = path.stat().st_mode
    if mode & _OTHERS:
        path.chmod(stat.S_IMODE(mode) & ~_OTHERS)


def create_folder(path: Path) -> None:
    """Create a folder and those above it, as far as they are missing, for their owner only."""
    try:
        path.mkdir(PRIVATE_FOLDER)
    except FileNotFoundError:
        create_folder(path.parent)
        path.mkdir(PRIVATE_FOLDER, exist_ok=True)
    except OSError:
        if not path.is_dir():
            raise


def check_folder(path: Path, refusal: type[EngineError]) -> None:
    """A `refusal` if the folder belongs to another user, or if others may write to it."""
    found = path.stat()
    if found.st_uid != os.geteuid():
        raise refusal(f"the folder {path} belongs to another user", "use one of your own")
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise refusal(
            f"other users may write to the folder {path}",
            f"check what is in it, and run 'chmod go-w {path}'",
        )


def read_regular_file(path: Path, *, limit: int) -> bytes | None:
    """The content of a file; None if it is not a regular file or is larger than `limit` bytes.

    Never blocks, as reading a pipe would.
    """
    # Checked first: opening a pipe or a device already has effects.
    if not stat.S_ISREG(path.stat().st_mode):
        return None
    # It may be a pipe by now.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return None
        content = file.read(limit + 1)
    return content if len(content) <= limit else None
