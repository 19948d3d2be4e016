"""Crates that were linked and compiled before the modules that use them.

They are a module of their own, with the memory and the table. A module that uses them names them in a custom
section, was linked for the addresses that they have, and imports what it calls of them.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Self

from wasmtime import Engine, Instance, Module, Store, WasmtimeError

from engine.errors import ContractError, SmartStreamError
from engine.files import check_folder, replace_file
from engine.resources import cache_folder
from engine.runtime.limits import Limits
from engine.runtime.loading import engines
from engine.runtime.loading.wasm_sections import custom_section, with_custom_section
from engine.runtime.wasmtime_calls import exports_of

WASM = "crates.wasm"
"""In the folder of the crates: what is compiled."""
KEY = ".key"
"""The ending of files with the key of crates, named after what these are linked from."""
KEPT_SETS = 8
"""20 MB each (measured)."""
_SECTION = "fluvio-tui.crates"
_KEY = re.compile(rb"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class PrelinkedCrates:
    """Crates, compiled for one engine."""

    engine: Engine
    module: Module

    @classmethod
    def of_module(
        cls, wasm: bytes, engine: Engine, limits: Limits, name: str, *, baseline: bool
    ) -> Self | None:
        """Those that a module names, compiled as it is; None if it names none."""
        key = custom_section(wasm, _SECTION)
        if key is None or not _KEY.fullmatch(key):
            return None
        folder = crates_folder(key.decode())
        if not (folder / WASM).exists():
            raise ContractError(f"{name} needs crates that are no longer in the cache", "build it again")
        # What is in there runs unchecked.
        check_folder(folder, SmartStreamError)
        native = folder / native_name(limits, baseline=baseline)
        try:
            return cls(engine, Module.deserialize_file(engine, str(native)))
        except WasmtimeError:
            # Absent, damaged, or of another processor.
            module = Module(engine, (folder / WASM).read_bytes())
            with suppress(OSError):
                replace_file(native, bytes(module.serialize()), durable=False, private=True)
            return cls(engine, module)

    def instantiate(self, store: Store, module: Module) -> Instance:
        """An instance of a module that uses the crates, with one of the crates."""
        # They export thousands of functions.
        exports = exports_of(store, Instance(store, self.module, []))
        return Instance(store, module, [exports.importable(name) for name in _imported(module)])

    def close(self) -> None:
        self.module.close()


def _imported(module: Module) -> Iterator[str]:
    for wanted in module.imports:
        assert wanted.name is not None, "only modules of another proposal import without a name"
        yield wanted.name


def using_crates(wasm: bytes, key: str) -> bytes:
    """A module that names the crates that it uses."""
    return with_custom_section(wasm, _SECTION, key.encode())


def crates_folder(key: str) -> Path:
    """Where crates are once they are linked. The key belongs to all of their code and data."""
    return prelinked_folder() / key


def prelinked_folder() -> Path:
    """Where all of them are."""
    return cache_folder(os.environ) / "prelinked"


def compile_crates(wasm: bytes, limits: Limits, *, baseline: bool) -> bytes:
    """The code of crates; `ContractError` if there is no such compiler."""
    config = engines.baseline(limits) if baseline else engines.optimizing(limits)
    if config is None:
        raise ContractError("crates cannot be compiled by this version of wasmtime")
    try:
        return bytes(Module(Engine(config), wasm).serialize())
    except WasmtimeError as error:
        raise ContractError(f"crates cannot be compiled: {error}") from None


def native_name(limits: Limits, *, baseline: bool) -> str:
    """The name of the file with the code of crates, beside them."""
    timed = "timed" if limits.timed else "untimed"
    return f"{version('wasmtime')}-{timed}-{'baseline' if baseline else 'optimized'}.native"


def forget_crates() -> None:
    """Remove all but those that were used last, and the files with the keys of those that are gone."""
    with suppress(OSError):
        folders = [path for path in prelinked_folder().iterdir() if path.is_dir()]
        for folder in sorted(folders, key=lambda folder: folder.stat().st_mtime)[:-KEPT_SETS]:
            shutil.rmtree(folder, ignore_errors=True)
        for key in prelinked_folder().glob(f"*{KEY}"):
            if not crates_folder(key.read_text()).exists():
                key.unlink()
