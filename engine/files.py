"""Writing a file so that whoever reads it sees all of the old content or all of the new."""

import os
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Write a file, there or new, and have it on the disk; `OSError`, with the old content kept."""
    # The name of nothing that anybody looks for, since it begins with a dot.
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise
