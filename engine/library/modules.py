"""Checks modules before they are stored and before they run."""

from engine.broker.module_store import ModuleStore
from engine.errors import SmartStreamError
from engine.process.job import Job
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream

LARGEST = 16 << 20
"""Bytes of a module at most."""


def add_module(
    store: ModuleStore,
    name: str,
    wasm: bytes,
    origin: str,
    *,
    config: ModuleConfig | None = None,
    job: Job | None = None,
) -> bool:
    """Check and store a module; whether it replaced another one.

    `ContractError`, which names its `origin`; `SupersededError` if `job` is cancelled.
    """
    _open(wasm, origin, config, job).close()
    return store.add(name, wasm)


def open_module(
    store: ModuleStore, name: str, *, config: ModuleConfig | None = None, job: Job | None = None
) -> SmartStream:
    """A stored module, checked; `ContractError`, or `SupersededError` if `job` is cancelled."""
    return _open(store.load(name), f"the stored SmartStream '{name}'", config, job)


def check_size(wasm: bytes, called: str) -> None:
    """`SmartStreamError` if a module is too large."""
    if len(wasm) > LARGEST:
        raise SmartStreamError(
            f"{called} is larger than {LARGEST >> 20} MiB, the limit",
            "build it for release, without debug information",
        )


def _open(wasm: bytes, called: str, config: ModuleConfig | None, job: Job | None) -> SmartStream:
    check_size(wasm, called)
    return SmartStream(wasm, config=config, name=called, foreign=True, job=job)
