"""The SmartModules of a Fluvio cluster, which its SPUs and every client use by name."""

import zlib
from collections.abc import Sequence
from functools import partial

from engine.broker.fluvio.cluster import Cluster
from engine.broker.fluvio.module_watch import ModuleWatcher, Watch
from engine.broker.fluvio.protocol import admin
from engine.broker.fluvio.protocol.error_codes import ServerError
from engine.broker.fluvio.protocol.modules import ModuleObject, read_module, write_module
from engine.broker.module_store import (
    DAMAGED,
    LARGEST,
    ModuleStore,
    OnModuleChange,
    StoredModule,
    check_size,
    unknown_module,
)
from engine.errors import SmartStreamError
from engine.runtime.loading.wasm_sections import exported_names

_CREATE_SECONDS = 10.0
_MOST_NAME = 63


class FluvioModules(ModuleStore):
    """SmartModules, which the SC sends to all SPUs. It keeps no time at which one was added."""

    target = "fluvio"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._watcher = ModuleWatcher(cluster, self._packed)

    def close(self) -> None:
        """End every watch. May be called again."""
        self._watcher.close()

    def names(self) -> Sequence[str]:
        return sorted(found.name for found in self._list(summary=True))

    def versions(self, name: str) -> Sequence[int]:
        self._find(name, summary=True)
        return ()

    def describe(self, name: str, version: int | None = None) -> StoredModule:
        _check_newest(version)
        return _described(self._find(name))

    def describe_all(self) -> Sequence[StoredModule]:
        return [_described(found) for found in sorted(self._list(), key=lambda one: one.name)]

    def add(self, name: str, wasm: bytes) -> bool:
        _check_name(name)
        check_target(name, wasm)
        replaces = self._known(name) is not None
        refused = self._cluster.create(
            admin.SMARTMODULE, name, partial(write_module, wasm=wasm), _CREATE_SECONDS
        )
        if refused is not None:
            raise _refused(f"cannot add SmartModule '{name}'", refused)
        return replaces

    def remove(self, name: str) -> None:
        refused = self._cluster.delete(admin.SMARTMODULE, self._find(name, summary=True).key)
        if refused is not None:
            raise _refused(f"cannot remove SmartModule '{name}'", refused)

    def load(self, name: str, version: int | None = None) -> bytes:
        _check_newest(version)
        return _wasm(self._find(name))

    def watch(self, name: str, on_change: OnModuleChange) -> Watch:
        return self._watcher.watch(name, on_change)

    def _packed(self, name: str) -> bytes | None:
        """A module as it is stored; None if there is none."""
        found = self._whole(self._known(name))
        return found.packed if found else None

    def _find(self, name: str, *, summary: bool = False) -> ModuleObject:
        found = self._known(name)
        if not summary:
            found = self._whole(found)
        if found is None:
            raise unknown_module(name, self.names())
        return found

    def _known(self, name: str) -> ModuleObject | None:
        """A summary. The SC ends the connection if it is asked for a name that it cannot read."""
        return next((one for one in self._list(summary=True) if name in one.names), None)

    def _whole(self, summary: ModuleObject | None) -> ModuleObject | None:
        """The module; None if it was removed meanwhile."""
        if summary is None:
            return None
        return next((one for one in self._list(summary.name) if one.key == summary.key), None)

    def _list(self, *names: str, summary: bool = False) -> list[ModuleObject]:
        body = admin.list_request(admin.SMARTMODULE, names, summary=summary)
        return admin.read_list(self._cluster.controller(admin.LIST, body), read_module)


def _wasm(module: ModuleObject) -> bytes:
    try:
        wasm = module.wasm(LARGEST + 1)
    except zlib.error as error:
        raise SmartStreamError(
            f"the stored SmartStream '{module.name}' is damaged: {error}", "add it again"
        ) from None
    check_size(wasm, f"the stored SmartStream '{module.name}'")
    return wasm


def _described(module: ModuleObject) -> StoredModule:
    from engine.broker.module_description import describe_module  # imports the kinds

    try:
        return describe_module(module.name, _wasm(module), None)
    except SmartStreamError as error:
        size = len(module.packed)
        return StoredModule(name=module.name, kind=DAMAGED, size=size, added=None, problem=error.message)


def _check_name(name: str) -> None:
    """Fluvio's rule for names; its command line checks it, the SC does not."""
    allowed = name.isascii() and name == name.lower() and name.replace("-", "").isalnum()
    if not allowed or len(name) > _MOST_NAME or name.startswith("-") or name.endswith("-"):
        shown = name if len(name) <= _MOST_NAME else f"{name[:40]}…"
        raise SmartStreamError(
            f"invalid name of a SmartStream '{shown}'",
            f"Fluvio takes at most {_MOST_NAME} lower-case letters, digits and '-', and no '-' at an end",
        )


def _check_newest(version: int | None) -> None:
    """`SmartStreamError` for a certain version."""
    if version is not None:
        raise SmartStreamError("a Fluvio cluster keeps one version of a SmartModule", "leave out the version")


def check_target(name: str, wasm: bytes) -> None:
    """`SmartStreamError` if Fluvio does not run a module."""
    if "alloc" not in exported_names(wasm):
        raise SmartStreamError(
            f"'{name}' is not a module that Fluvio runs",
            "build it for Fluvio: fluvio-tui smartstream build FILE.rs -o FILE.wasm --target fluvio",
        )


def _refused(what: str, error: ServerError) -> SmartStreamError:
    return SmartStreamError(f"{what}: {error.text}")
