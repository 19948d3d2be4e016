"""Reads source files."""

from pathlib import Path

from engine.errors import BuildError
from engine.files import read_regular_file

LARGEST = 16 << 20
"""Bytes; a larger file is a mistake."""


def read_source(path: Path) -> str:
    """The text of a source file; `BuildError` if it cannot be read. Never waits, as reading a pipe would."""
    try:
        if path.is_dir():
            raise BuildError(f"{path} is a folder, not a source file")
        size = path.stat().st_size
        content = read_regular_file(path, limit=LARGEST)
    except FileNotFoundError:
        raise BuildError(f"{path} does not exist") from None
    except OSError as error:
        raise BuildError(f"{path} cannot be read: {error.strerror}") from None
    if content is None and size > LARGEST:
        raise BuildError(f"{path} is too large for a filter ({size >> 20} MiB)")
    if content is None:
        raise BuildError(f"{path} is not a file that can be built", "name a regular file, no pipe or device")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BuildError(f"{path} is not UTF-8 text: see line {line}", "save it as UTF-8") from None
