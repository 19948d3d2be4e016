"""Reads source files."""

import stat
from pathlib import Path

from engine.errors import BuildError
from engine.files import read_regular_file

LARGEST = 16 << 20
"""Bytes; a larger file is a mistake."""


def read_source(path: Path) -> str:
    """The text of a source file; `BuildError` if it cannot be read. Never waits, as reading a pipe would."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise BuildError(f"{path} is a folder, not a source file")
        if not stat.S_ISREG(status.st_mode):
            raise _not_regular(path)
        if status.st_size > LARGEST:
            raise BuildError(f"{path} is too large for a filter ({status.st_size >> 20} MiB)")
        content = read_regular_file(path, limit=LARGEST)
    except FileNotFoundError:
        raise BuildError(f"{path} does not exist") from None
    except OSError as error:
        raise BuildError(f"{path} cannot be read: {error.strerror}") from None
    if content is None:
        raise _not_regular(path)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BuildError(f"{path} is not UTF-8 text: see line {line}", "save it as UTF-8") from None


def _not_regular(path: Path) -> BuildError:
    return BuildError(f"{path} is not a file that can be built", "name a regular file, no pipe or device")
