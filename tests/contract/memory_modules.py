"""Stored SmartStreams in memory, for tests."""

import hashlib
import threading
import time
from collections.abc import Callable, Sequence

from engine.broker.module_store import ModuleStore, OnModuleChange, StoredModule
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
        self._modules: dict[str, tuple[bytes, float]] = {}

    def names(self) -> Sequence[str]:
        self._ask()
        return sorted(self._modules)

    def describe(self, name: str) -> StoredModule:
        wasm, added = self._find(name)
        return StoredModule(
            name=name,
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
        self._modules[name] = (wasm, time.time())
        self._notify(name, time.time())
        return replaces

    def remove(self, name: str) -> None:
        self._find(name)
        del self._modules[name]
        self._notify(name, None)

    def load(self, name: str) -> bytes:
        return self._find(name)[0]

    def watch(self, name: str, on_change: OnModuleChange) -> MemoryWatch:
        self._ask()
        watch = MemoryWatch(self, name, on_change)
        with self.lock:
            self.watches.append(watch)
        return watch

    def _find(self, name: str) -> tuple[bytes, float]:
        self._ask()
        if name not in self._modules:
            raise UnknownSmartStreamError(f"there is no SmartStream '{name}'")
        return self._modules[name]

    def _notify(self, name: str, saved: float | None) -> None:
        with self.lock:
            called = [watch.on_change for watch in self.watches if watch.name == name]
        for on_change in called:
            threading.Thread(target=on_change, args=(saved,)).start()
