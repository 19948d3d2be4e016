"""Numbers of consumers, each used once among all workbenches that are open."""

import threading


class ConsumerNumbers:
    """Counts from 1 across the workbenches that share it. Any thread may call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._highest: dict[object, int] = {}

    def take(self, owner: object) -> int:
        """The next number, for a workbench."""
        with self._lock:
            number = max(self._highest.values(), default=0) + 1
            self._highest[owner] = number
            return number

    def release(self, owner: object) -> None:
        """Let others have a workbench's numbers, as far as no higher one is in use."""
        with self._lock:
            self._highest.pop(owner, None)
