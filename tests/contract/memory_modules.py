"""Stored SmartStreams in memory, for tests."""

import hashlib
import threading
import time
from collections.abc import Callable, Sequence

from engine.broker.module_store import (
    KEPT_VERSIONS,
    ModuleStore,
    OnModuleChange,
    StoredModule,
    unknown_version,
)
from engine.errors import SmartStreamError, UnknownSmartStreamError


class MemoryWatch:
    def __init__(self, store: "MemoryModules", name: str, on_change: OnModuleChange) -> None:
        self._store = store
        self.name = name
        self.on_change = on_change

    def close(self) -> None:
        with self._store.lock:
            self._store.watches = [watch for watch in self._store.watches if watch is not self]


class MemoryModules(ModuleStore):
    """Calls watches from a thread of its own, as a store must."""

    def __init__(self, ask: Callable[[], None] = lambda: None) -> None:
        """`ask` is called first by each method, as over a network."""
        self._ask = ask
        self.lock = threading.Lock()
        self.watches: list[MemoryWatch] = []
        self._modules: dict[str, dict[int, tuple[bytes, float]]] = {}

    def names(self) -> Sequence[str]:
        self._ask()
        return sorted(self._modules)

    def versions(self, name: str) -> Sequence[int]:
        return sorted(self._find(name))

    def describe(self, name: str, version: int | None = None) -> StoredModule:
        number = max(self._find(name)) if version is None else version
        wasm, added = self._version(name, number)
        return StoredModule(
            name=name,
            version=number,
            kind="filter",
            size=len(wasm),
            sha256=hashlib.sha256(wasm).hexdigest(),
            added=int(added * 1000),
        )

    def describe_all(self) -> Sequence[StoredModule]:
        return [self.describe(name) for name in self.names()]

    def add(self, name: str, wasm: bytes) -> bool:
        self._ask()
        if not name or "/" in name:
            raise SmartStreamError(f"invalid name of a SmartStream '{name}'")
        replaces = name in self._modules
        kept = self._modules.setdefault(name, {})
        kept[max(kept, default=0) + 1] = (wasm, time.time())
        for surplus in sorted(kept)[:-KEPT_VERSIONS]:
            del kept[surplus]
        self._notify(name, time.time())
        return replaces

    def remove(self, name: str) -> None:
        self._find(name)
        del self._modules[name]
        self._notify(name, None)

    def load(self, name: str, version: int | None = None) -> bytes:
        return self._version(name, max(self._find(name)) if version is None else version)[0]

    def watch(self, name: str, on_change: OnModuleChange) -> MemoryWatch:
        self._ask()
        watch = MemoryWatch(self, name, on_change)
        with self.lock:
            self.watches.append(watch)
        return watch

    def _version(self, name: str, version: int) -> tuple[bytes, float]:
        kept = self._find(name)
        if version not in kept:
            raise unknown_version(name, version, sorted(kept))
        return kept[version]

    def _find(self, name: str) -> dict[int, tuple[bytes, float]]:
        self._ask()
        if name not in self._modules:
            raise UnknownSmartStreamError(f"there is no SmartStream '{name}'")
        return self._modules[name]

    def _notify(self, name: str, saved: float | None) -> None:
        with self.lock:
            called = [watch.on_change for watch in self.watches if watch.name == name]
        for on_change in called:
            threading.Thread(target=on_change, args=(saved,)).start()
