"""One topic's window and the filtered consumers over it: what a dashboard drives and draws."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from engine.snapshots import WorkbenchSnapshot


class Workbench(Protocol):
    """What a dashboard needs of the engine. Any thread may call; every method returns at once."""

    def start(self, wake: Callable[[], None]) -> None:
        """Begin to read and judge; engine threads call `wake` when there is something new to draw."""

    def snapshot(self) -> WorkbenchSnapshot:
        """The state now: immutable, and cheap enough to ask for at every frame."""

    def add_inline(self, path: Path) -> int:
        """Add a consumer filtered by the inline SmartStream in `path`, and return its id."""

    def rebuild(self, consumer: int) -> None:
        """Build a consumer's SmartStream again, saved or not."""

    def remove(self, consumer: int) -> None:
        """Close a consumer and whatever it has under way."""

    def close(self) -> None:
        """Stop every thread and process of this workbench; the broker stays open."""
