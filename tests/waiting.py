"""The one way in which tests wait: for a condition, with patience for a busy machine."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds before a test gives up; far more than anything here takes on a quiet machine."""

_LOOK_SECONDS = 0.005


def wait_until(reached: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for a condition."""
    wait_for(reached, bool, seconds)


def wait_for(look: Callable[[], T], wanted: Callable[[T], object], seconds: float = PATIENCE) -> T:
    """Wait until what `look` finds is `wanted`, and return it; a failure shows what was found last."""
    end = time.monotonic() + seconds
    while not wanted(found := look()):
        assert time.monotonic() < end, f"not reached within {seconds:g} s: {found}"
        time.sleep(_LOOK_SECONDS)
    return found
