"""Stored SmartStreams: modules kept by name, for all who use a broker."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

OnModuleChange = Callable[[float | None], None]
"""Gets when a module was replaced, in seconds since the epoch; None if it was removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredModule:
    """A stored SmartStream, described without running it."""

    name: str
    kind: str
    """`filter`, or `damaged` if it is not a SmartStream (any more)."""
    size: int
    """Bytes."""
    sha256: str = ""
    """In hexadecimal; empty if the module cannot be read."""
    added: int
    """When it was added or last replaced: milliseconds since the epoch."""
    documentation: str = ""
    """The doc comment of its source; text from anywhere."""
    problem: str = ""
    """Why it is `damaged`."""


class ModuleWatch(Protocol):
    """Watches a stored module."""

    def close(self) -> None:
        """Stop: the callback is not called again. May be called again."""


class ModuleStore(ABC):
    """Keeps modules by name, unchecked: check one before you run it. Any thread may use it.

    What is not allowed as a name, or refused by the storage, is a `SmartStreamError`.
    """

    @abstractmethod
    def names(self) -> Sequence[str]:
        """All names, sorted."""

    @abstractmethod
    def describe(self, name: str) -> StoredModule:
        """One module; `UnknownSmartStreamError`, with the nearest names."""

    @abstractmethod
    def describe_all(self) -> Sequence[StoredModule]:
        """All modules, by name; one that cannot be read is `damaged`."""

    @abstractmethod
    def add(self, name: str, wasm: bytes) -> bool:
        """Store a module in one step, in place of an earlier one; whether there was one."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a module; `UnknownSmartStreamError`."""

    @abstractmethod
    def load(self, name: str) -> bytes:
        """The bytes of a module; `UnknownSmartStreamError`, with the nearest names."""

    @abstractmethod
    def watch(self, name: str, on_change: OnModuleChange) -> ModuleWatch:
        """Call `on_change`, from another thread, whenever the module is added, replaced or removed."""
