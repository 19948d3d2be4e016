"""Checks modules before they are stored and before they run."""

from contextlib import suppress

from engine.broker.module_store import ModuleStore, check_size
from engine.errors import InitError
from engine.process.job import Job
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream


def add_module(
    store: ModuleStore,
    name: str,
    wasm: bytes,
    origin: str,
    *,
    config: ModuleConfig | None = None,
    job: Job | None = None,
) -> bool:
    """Check and store a module; whether it replaced another one. Its init may ask for parameters.

    `ContractError`, which names its `origin`; `SupersededError` if `job` is cancelled.
    """
    # It gets its parameters with each use.
    with suppress(InitError):
        _open(wasm, origin, config, job).close()
    return store.add(name, wasm)


def open_module(
    store: ModuleStore,
    name: str,
    version: int | None = None,
    *,
    config: ModuleConfig | None = None,
    job: Job | None = None,
) -> SmartStream:
    """A stored module, checked; `ContractError`, or `SupersededError` if `job` is cancelled."""
    return _open(store.load(name, version), f"the stored SmartStream '{name}'", config, job)


def _open(wasm: bytes, called: str, config: ModuleConfig | None, job: Job | None) -> SmartStream:
    check_size(wasm, called)
    return SmartStream(wasm, config=config, name=called, foreign=True, job=job)
