"""The children and orphans of a process, where the system shows them: on Linux.

`pathlib` would take longer to import than all else that a supervisor does.
"""

import ctypes
import os

_THREADS = "/proc/self/task"
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
    """The children of this process; `OSError` if the system does not list them."""
    found: list[int] = []
    for thread in os.listdir(_THREADS):  # noqa: PTH208 - see above
        with open(f"{_THREADS}/{thread}/children", "rb") as file:  # noqa: PTH123
            found += map(int, file.read().split())
    return found
