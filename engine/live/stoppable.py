"""Work on a thread of its own that ends by itself, or soon after it was told to."""

import threading
from abc import ABC, abstractmethod
from typing import Generic, TypeVar


class Stoppable(ABC):
    """Any thread may call. Whatever makes one starts it, once all that `_run` needs is there."""

    def __init__(self, name: str) -> None:
        """`name` is that of the thread."""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def _run(self) -> None:
        """The work, on the thread."""

    @abstractmethod
    def stop(self) -> None:
        """End it soon. Does not wait: a key press must not wait for what the thread is doing."""

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    def close(self) -> None:
        """End it, and wait for that."""
        self.stop()
        self._thread.join()


One = TypeVar("One", bound=Stoppable)


class Stoppables(Generic[One]):
    """Those that may still run, so that an owner can wait for all of them in the end."""

    def __init__(self) -> None:
        self._running: list[One] = []

    def add(self, one: One) -> None:
        self._running = [*(other for other in self._running if not other.ended), one]

    def close(self) -> None:
        for one in self._running:
            one.close()
