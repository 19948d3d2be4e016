"""Reading and replacing files."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_NAME_CHARACTERS = 50
"""Of the old name in a temporary one: with a process id after them, they fit into 255 bytes in any script."""


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """A file to write, which takes the place of `path` if the block succeeds.

    Readers see all of the old content or all of the new. A `durable` file is on the disk when the block ends.
    `OSError` keeps the old content.
    """
    # Names that begin with a dot are not listed or watched.
    part = path.with_name(f".{path.name[:_NAME_CHARACTERS]}.{os.getpid()}")
    # A killed process may have left one of this name; a link planted under it is not followed.
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(part, flags, 0o666), "wb") as file:
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


def replace_file(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a whole file, as `replacing` does."""
    with replacing(path, durable=durable) as file:
        file.write(content)


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
