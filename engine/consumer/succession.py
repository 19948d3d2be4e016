"""Versions of a SmartStream that take over from each other while batches are evaluated."""

import threading
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

from engine.errors import ContractError, SmartStreamError, TooManyFaultsError
from engine.records.batch import Batch
from engine.records.evaluation import Evaluation
from engine.runtime.smartstream import SmartStream


class Succession:
    """Evaluates each batch with the newest version there is.

    `evaluate`, `memory` and `close` belong to one thread, `hand_over` and `wait` to any.
    """

    def __init__(self, on_stopped: Callable[[SmartStreamError], None] | None = None) -> None:
        """Where a version breaks its contract, or was stopped after too many faults in a row, `evaluate`
        calls `on_stopped`; without it, it raises.
        """
        self._on_stopped = on_stopped
        self._changed = threading.Condition()
        self._next: tuple[int, SmartStream] | None = None
        self._running: tuple[int, SmartStream] | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def hand_over(self, version: int, stream: SmartStream) -> None:
        """Let a newer version evaluate from the next batch on; it is closed where it is needed no more."""
        with self._changed:
            passed_over = self._next
            if self._closed:
                passed_over = version, stream
            else:
                self._next = version, stream
            self._changed.notify_all()
        if passed_over is not None:
            passed_over[1].close()

    @property
    def version(self) -> int:
        """The number of the newest version; 0 where there is none to evaluate with."""
        with self._changed:
            newest = self._next or self._running
            return newest[0] if newest else 0

    @property
    def memory(self) -> int:
        """Bytes of memory that the version at work has now; 0 where there is none."""
        return self._running[1].memory if self._running else 0

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until there is a version to evaluate with; whether there is one. None waits without end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._next or self._running, seconds)
            return not self._closed and bool(self._next or self._running)

    def evaluate(self, batch: Batch, *, budget: float | None = None) -> Evaluation:
        """Evaluate a batch, or its first records, as `SmartStream.evaluate` does.

        Where there is no version to evaluate with, one is waited for as long as the budget allows; if none
        came, none of the records counts as evaluated. The same holds for a stopped version.
        """
        self.wait(budget)
        newest = self._newest()
        if newest is None:
            return Evaluation.pending(len(batch))
        version, stream = newest
        try:
            return replace(stream.evaluate(batch, budget=budget), version=version)
        except (ContractError, TooManyFaultsError) as error:
            self._running = None
            stream.close()
            if self._on_stopped is None:
                raise
            self._on_stopped(error)
            return Evaluation.pending(len(batch))

    def close(self) -> None:
        """Let go of every version. May be called again."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            left, self._next, self._running = (self._next, self._running), None, None
        for version in left:
            if version is not None:
                version[1].close()

    def _newest(self) -> tuple[int, SmartStream] | None:
        with self._changed:
            if self._closed:
                raise SmartStreamError("the SmartStream is closed")
            following, self._next = self._next, None
            if following is None:
                return self._running
            before, self._running = self._running, following
        if before is not None:
            before[1].close()
        return following
