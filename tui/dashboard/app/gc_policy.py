"""Keeps Python's collector of garbage out of the screen's way: nothing is drawn while it looks."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 10_000
"""Objects between two looks; Python's 700 make a full collection, 20 ms, of every dialogue that is opened."""


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Within this block look seldom, and never at what is there now.

    A full collection that visits all that was imported stops the screen for 75 ms, another for 8.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(YOUNG, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
