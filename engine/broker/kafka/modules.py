"""Stored SmartStreams in a cluster: none yet."""

from engine.broker.module_store import (
    ModuleStore,
    ModuleWatch,
    OnModuleChange,
    StoredModule,
    unknown_module,
)
from engine.errors import SmartStreamError


class NoModules(ModuleStore):
    """A `ModuleStore` that keeps nothing."""

    def names(self) -> list[str]:
        return []

    def describe(self, name: str) -> StoredModule:
        raise unknown_module(name, [])

    def describe_all(self) -> list[StoredModule]:
        return []

    def add(self, name: str, wasm: bytes) -> bool:  # noqa: ARG002
        raise SmartStreamError("a Kafka cluster keeps no SmartStreams", "use --inline-filter FILE")

    def remove(self, name: str) -> None:
        raise unknown_module(name, [])

    def load(self, name: str) -> bytes:
        raise unknown_module(name, [])

    def watch(self, name: str, on_change: OnModuleChange) -> ModuleWatch:  # noqa: ARG002
        raise unknown_module(name, [])
