"""What a consumer's thread is to do next."""

import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from engine.builds.build import BuildResult
from engine.consumer.module_version import ModuleVersion
from engine.runtime.smartstream import SmartStream


@dataclass(frozen=True, slots=True)
class UseModule:
    """Evaluate with a module from now on; it belongs to the one who takes this."""

    version: ModuleVersion
    module: SmartStream
    result: BuildResult | None
    """The build that made it; None if it is an earlier version that was chosen."""
    built: int = 0
    """The version by the count of what builds; 0 if nothing was built."""


@dataclass(frozen=True, slots=True)
class Seek:
    """Evaluate again from a row on."""

    row: int


@dataclass(frozen=True, slots=True)
class Resume:
    """Continue after too many faults in a row."""


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Evaluate some records."""


Command: TypeAlias = UseModule | Seek | Resume | Evaluate


class Mailbox:
    """Commands for a thread that otherwise evaluates. Any thread may post."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._closing = False
        self._modules: deque[UseModule] = deque()
        self._others: dict[type[Command], Command] = {}
        self._waits_for_records = False

    def post(self, command: UseModule | Seek | Resume) -> None:
        """Ask for something: every module is used, and the newest row."""
        with self._changed:
            if isinstance(command, UseModule):
                self._modules.append(command)
            else:
                self._others[type(command)] = command
            self._changed.notify()

    def notify(self) -> None:
        """There may be something to evaluate sooner than it seemed."""
        with self._changed:
            self._changed.notify()

    def notify_of_records(self) -> None:
        """There are more records. Wakes the thread only if it waits for some."""
        if self._waits_for_records:
            self.notify()

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify()

    def take(self, evaluates_in: Callable[[], float]) -> Command | None:
        """Wait for the next thing to do; None on close. Modules come first, then a row, then `Resume`.

        `evaluates_in` is in how many seconds there is something to evaluate, infinity if that is unknown.
        """
        with self._changed:
            while not (self._closing or self._modules or self._others):
                # Set first: records that come before the wait are either seen here or notified of.
                self._waits_for_records = True
                seconds = evaluates_in()
                self._waits_for_records = math.isinf(seconds)
                if seconds <= 0:
                    return Evaluate()
                self._changed.wait(None if math.isinf(seconds) else seconds)
                self._waits_for_records = False
            return None if self._closing else self._next()

    def left(self) -> tuple[UseModule, ...]:
        with self._changed:
            return tuple(self._modules)

    def _next(self) -> Command:
        if self._modules:
            # Another version needs no permission to continue.
            self._others.pop(Resume, None)
            return self._modules.popleft()
        return self._others.pop(Seek if Seek in self._others else Resume)
