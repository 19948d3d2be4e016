"""Exceptions that end threads, kept until they can be reported."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LOG = logging.getLogger(__name__)


@contextmanager
def failures_kept() -> Iterator[list[Exception]]:
    """Within this block, an exception that ends a thread goes to the list, not to the terminal."""
    failures: list[Exception] = []

    def keep(end: threading.ExceptHookArgs) -> None:
        _LOG.info("thread %s ended", end.thread and end.thread.name, exc_info=end.exc_value)
        if isinstance(end.exc_value, Exception):
            failures.append(end.exc_value)

    before, threading.excepthook = threading.excepthook, keep
    try:
        yield failures
    finally:
        threading.excepthook = before
