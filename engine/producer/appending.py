"""Appends on a thread of its own, while the next records are read: the broker waits for the disk."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from types import TracebackType
from typing import Any, Self

from engine.producer.producer import Producer
from engine.producer.sources.record_makers import Made

_LOOK_SECONDS = 0.3


class Appending:
    """Appends in order, at most one at a time; a context manager. One thread uses it.

    An append that fails raises its error at the next call, or at the end.
    """

    def __init__(self, producer: Producer, on_waiting: Callable[[], None]) -> None:
        """`on_waiting` is called now and then while an append takes long."""
        self._producer = producer
        self._on_waiting = on_waiting
        self._thread = ThreadPoolExecutor(1, "append")
        self._pending: Future[Any] | None = None
        self._following = 1
        self.line = 1
        """The number of the first line of the input that is not acknowledged."""

    def append(self, made: Made, *, wait: bool) -> None:
        """Append records; `wait` until they are acknowledged, instead of until those before them are."""
        self.wait()
        self._following = made.next_line
        self._pending = self._thread.submit(self._producer.append, made.records, made.partitions)
        if wait:
            self.wait()

    def wait(self) -> None:
        """Wait for what is being appended."""
        pending, self._pending = self._pending, None
        if pending is not None:
            while not wait_for([pending], _LOOK_SECONDS).done:
                self._on_waiting()
            pending.result()
            self.line = self._following

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        # Before an error of reading, which came later.
        with self._thread:
            self.wait()
