"""Stored SmartStreams: modules kept by name, for all who use a broker."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.errors import SmartStreamError, UnknownSmartStreamError, did_you_mean

LARGEST = 16 << 20
"""Bytes of a module at most."""
MAX_NAME = 200
KEPT_VERSIONS = 10
"""Of each module, the newest included, by brokers that keep earlier ones."""
DAMAGED = "damaged"
"""The kind of a module that is not a SmartStream (any more)."""

_NAME = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9._-]{{0,{MAX_NAME - 1}}}")

OnModuleChange = Callable[[float | None], None]
"""Gets when a module was replaced, in seconds since the epoch; None if it was removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredModule:
    """A stored SmartStream, described without running it."""

    name: str
    version: int | None = None
    """How many modules had this name, this one included; None if the broker does not count them."""
    kind: str
    """`filter`, or `damaged` if it is not a SmartStream (any more)."""
    size: int
    """Bytes."""
    sha256: str = ""
    """In hexadecimal; empty if the module cannot be read."""
    added: int | None
    """When it was added or last replaced: milliseconds since the epoch; None if the broker keeps no time."""
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

    target: str = "fluvio-tui"
    """What sources are built for that are added: this program, or `fluvio`."""

    @abstractmethod
    def names(self) -> Sequence[str]:
        """All names, sorted."""

    @abstractmethod
    def versions(self, name: str) -> Sequence[int]:
        """The versions of a module that are kept, the newest last; none if the broker keeps only that one.

        `UnknownSmartStreamError`.
        """

    @abstractmethod
    def describe(self, name: str, version: int | None = None) -> StoredModule:
        """One module, the newest or a version that is kept; errors as `load`."""

    @abstractmethod
    def describe_all(self) -> Sequence[StoredModule]:
        """All modules, by name, each the newest; one that cannot be read is `damaged`."""

    @abstractmethod
    def add(self, name: str, wasm: bytes) -> bool:
        """Store a module in one step, in place of an earlier one; whether there was one."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a module with all its versions; `UnknownSmartStreamError`."""

    @abstractmethod
    def load(self, name: str, version: int | None = None) -> bytes:
        """The bytes of a module, the newest or a version that is kept.

        `UnknownSmartStreamError`, with the nearest names; `SmartStreamError` for a version that is not kept.
        """

    @abstractmethod
    def watch(self, name: str, on_change: OnModuleChange) -> ModuleWatch:
        """Call `on_change`, from another thread, whenever the module is added, replaced or removed."""


def is_module_name(text: str) -> bool:
    """Whether a SmartStream may have this name."""
    return _NAME.fullmatch(text) is not None


def check_module_name(name: str) -> None:
    """`SmartStreamError` if a SmartStream cannot have this name."""
    if not is_module_name(name):
        shown = name if len(name) <= MAX_NAME else f"{name[:40]}…"
        raise SmartStreamError(
            f"invalid name of a SmartStream '{shown}'",
            f"use at most {MAX_NAME} letters, digits, '_', '.' and '-', and no '.' or '-' at the start",
        )


def check_size(wasm: bytes, called: str) -> None:
    """`SmartStreamError` if a module is too large."""
    if len(wasm) > LARGEST:
        raise SmartStreamError(
            f"{called} is larger than {LARGEST >> 20} MiB, the limit",
            "build it for release, without debug information",
        )


def unknown_module(name: str, names: Sequence[str]) -> UnknownSmartStreamError:
    """The error for a SmartStream that is not among `names`, with the nearest of them."""
    return UnknownSmartStreamError(
        f"there is no SmartStream '{name}'", did_you_mean(name, names), subject=name
    )


def unknown_version(name: str, version: int, kept: Sequence[int]) -> SmartStreamError:
    """The error for a version that is not among those `kept`."""
    return SmartStreamError(
        f"version {version} of SmartStream '{name}' is not kept",
        f"choose one of these: {', '.join(map(str, kept))}",
    )
