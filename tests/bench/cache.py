"""Emptying the system's cache of a file, for what is to be read from the disk."""

import os
import subprocess
import sys
from pathlib import Path

FORGET = """
import os, sys
for path in sys.argv[1:]:
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
"""


def can_forget() -> bool:
    """Whether this system can be asked to."""
    return hasattr(os, "posix_fadvise")


def forget(*paths: Path) -> None:
    """Have files read from the disk the next time. No broker may have them open.

    In a process of its own: closing a descriptor of a database drops the locks that SQLite has on it.
    """
    subprocess.run([sys.executable, "-c", FORGET, *paths], check=True)
