"""Keeps Python's garbage collector from delaying frames."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 10_000
"""Objects between collections; with Python's 700, each dialogue costs a full collection of 20 ms."""


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Within this block collect seldom, and never what exists already.

    A full collection that visits all imported modules takes 75 ms, another 8 ms.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(YOUNG, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
