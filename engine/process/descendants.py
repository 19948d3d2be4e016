"""The children and orphans of a process, where the system shows them: on Linux."""

import ctypes
import os
from pathlib import Path

_CHILDREN = Path("/proc/thread-self/children")
_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> bool:
    """Become the parent of every descendant whose own parent ends.

    False if the system cannot do that, or does not list children.
    """
    try:
        children()
        refused: int = ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (OSError, AttributeError):
        return False
    return not refused


def children() -> list[int]:
    """The children of this process, which has one thread; `OSError` if the system does not list them."""
    return [int(number) for number in os.fsdecode(_CHILDREN.read_bytes()).split()]
