"""Compiles a module in this process, if it keeps the guest contract."""

from dataclasses import dataclass
from pathlib import Path

from wasmtime import Engine, Instance, MemoryType, Module, Store, WasmtimeError

from engine.errors import ContractError
from engine.runtime import abi
from engine.runtime.fluvio import adapter as fluvio_adapter
from engine.runtime.fluvio import contract
from engine.runtime.fluvio.adapter import FluvioAdapter
from engine.runtime.fluvio.system import OnPrinted
from engine.runtime.kinds.kind import Kind
from engine.runtime.kinds.table import KINDS, kinds_of
from engine.runtime.limits import Limits
from engine.runtime.loading import engines
from engine.runtime.loading.checks import (
    PAGE_BYTES,
    REBUILD,
    check_bytes,
    check_declared_memory,
    check_exports,
    check_imports,
    plain,
)
from engine.runtime.loading.engines import INTERPRETER_STACK_BYTES, STACK_BYTES
from engine.runtime.loading.prelinked import PrelinkedCrates
from engine.runtime.loading.scripts import Script
from engine.runtime.loading.vector_types import names_with_vectors


@dataclass(frozen=True, slots=True)
class GuestModule:
    """A compiled module that passed every check for which it need not run."""

    name: str
    engine: Engine
    """Its own, so that ending a call ends no other SmartStream's."""
    module: Module
    kind: Kind
    initializes: bool
    """Whether it exports `_initialize`."""
    resets: bool
    """Whether it exports its stack pointer."""
    takes_parameters: bool
    """Whether it exports `smartstream_init`."""
    looks_back: bool
    """Whether it exports `smartstream_look_back`."""
    reports_reads: bool = False
    """Whether it exports `smartstream_trace`."""
    adapter: FluvioAdapter | None = None
    """For a module that was built for Fluvio."""
    script: Script | None = None
    """What an interpreter loads before anything else."""
    crates: PrelinkedCrates | None = None
    """What it imports from."""

    @property
    def stack_bytes(self) -> int:
        """How large its call stack may get."""
        return STACK_BYTES if self.script is None else INTERPRETER_STACK_BYTES

    @property
    def instances(self) -> int:
        """How many a store must have room for."""
        if self.adapter is not None:
            return fluvio_adapter.INSTANCES
        return 1 if self.crates is None else 2

    def instantiate(self, store: Store, on_printed: OnPrinted) -> Instance:
        """Only modules for Fluvio call `on_printed`; others have the message area."""
        if self.adapter is not None:
            return self.adapter.instantiate(store, self.module, on_printed)
        if self.crates is not None:
            return self.crates.instantiate(store, self.module)
        return Instance(store, self.module, [])

    def native(self) -> bytes:
        """The compiled code, for `revive_module`."""
        return bytes(self.module.serialize())

    def close(self) -> None:
        """Release the compiled code; no instance of it may be left."""
        if self.adapter is not None:
            self.adapter.close()
        if self.crates is not None:
            self.crates.close()
        self.module.close()
        self.engine.close()

    def violation(self, what: str) -> ContractError:
        """The error for what a guest did that the contract excludes; `what` ends a sentence."""
        return ContractError(
            f"{self.name} broke the guest contract: {what}", "the module is at fault: see docs/abi.md"
        )


def compile_module(
    wasm: bytes,
    limits: Limits,
    name: str,
    *,
    parallel: bool = True,
    interpreter: bool = False,
    foreign: bool = True,
) -> GuestModule:
    """Compile `wasm`, however much time and memory that takes; if `parallel`, on all cores.

    `ContractError` naming what is wrong if it cannot be a SmartStream, or an interpreter. A `foreign` module
    may not use prelinked crates.
    """
    check_bytes(wasm, name)
    config = engines.optimizing(limits, INTERPRETER_STACK_BYTES if interpreter else STACK_BYTES)
    config.parallel_compilation = parallel
    engine = Engine(config)
    try:
        module = Module(engine, wasm)
    except WasmtimeError as error:
        raise ContractError(
            f"{name} is not a valid WebAssembly module: {_reason(error)}",
            "it may be truncated, or use a WebAssembly feature that is disabled here: build it again",
        ) from None
    crates = None if foreign else PrelinkedCrates.of_module(wasm, engine, limits, name, baseline=False)
    return _checked(engine, module, wasm, limits, name, crates, interpreter=interpreter)


def _checked(
    engine: Engine,
    module: Module,
    wasm: bytes,
    limits: Limits,
    name: str,
    crates: PrelinkedCrates | None,
    *,
    interpreter: bool = False,
) -> GuestModule:
    """`ContractError` naming what is wrong if the module cannot be a SmartStream, or an interpreter."""
    exports = {export.name: export.type for export in module.exports}
    vectors = names_with_vectors(wasm)
    if contract.is_fluvio(module.imports):
        contract.check(module.imports, exports, vectors, name)
    else:
        if crates is None:
            check_imports(module, name)
        check_exports(exports, vectors, name, interpreter=interpreter)
    memory = exports[abi.MEMORY]
    if not isinstance(memory, MemoryType):
        raise ContractError(f"{name} exports {abi.MEMORY}, but not as a memory", REBUILD)
    check_declared_memory(memory.limits.min * PAGE_BYTES, limits, name)
    return _guest_module(name, engine, module, crates)


def compile_baseline(wasm: bytes, limits: Limits, name: str) -> GuestModule | None:
    """Compile `wasm` in time proportional to its size, to code that runs at a fraction of the speed.

    Errors as of `compile_module`, for a module that is not foreign; None if this machine has no such
    compiler, or that refuses the module.
    """
    config = engines.baseline(limits)
    if config is None:
        return None
    try:
        engine = Engine(config)
        module = Module(engine, wasm)
    except WasmtimeError:
        return None
    if contract.is_fluvio(module.imports):
        return None
    crates = PrelinkedCrates.of_module(wasm, engine, limits, name, baseline=True)
    return _checked(engine, module, wasm, limits, name, crates)


def revive_module(native: bytes, limits: Limits, name: str) -> GuestModule:
    """A module that `compile_module` compiled with the same limits, in a process of this program.

    It runs unchecked: `native` must come from a place that only this user can write to.
    """
    engine = Engine(engines.optimizing(limits))
    return _guest_module(name, engine, Module.deserialize(engine, native))


def revive_interpreter(
    native: Path, script: Script, limits: Limits, name: str, *, known: bool
) -> GuestModule:
    """An interpreter that `compile_module` compiled, in a file as for `revive_module`, with its script.

    If its functions are not `known` it can be loaded, and not called. `WasmtimeError` if the file has no such
    code.
    """
    if known and script.kind is None:
        raise ContractError(f"{name} is a script without a kind, or with several", REBUILD)
    engine = Engine(engines.optimizing(limits, INTERPRETER_STACK_BYTES))
    module = Module.deserialize_file(engine, str(native))
    exports = {export.name for export in module.exports}
    if not exports >= {*script.exports}:
        raise ContractError(f"{name} has functions that its interpreter does not know", REBUILD)
    return GuestModule(
        name,
        engine,
        module,
        script.kind or next(iter(KINDS.values())),
        initializes=abi.INITIALIZE in exports,
        # Its own data is broken after any trap.
        resets=False,
        takes_parameters=abi.INIT in script.exports,
        looks_back=abi.LOOK_BACK in script.exports,
        script=script,
    )


def _guest_module(
    name: str, engine: Engine, module: Module, crates: PrelinkedCrates | None = None
) -> GuestModule:
    exports = {export.name for export in module.exports}
    (kind, *_) = kinds_of(exports)
    if contract.is_fluvio(module.imports):
        return GuestModule(
            name,
            engine,
            module,
            kind,
            initializes=False,
            resets=False,
            takes_parameters=contract.INIT in exports,
            looks_back=contract.LOOK_BACK in exports,
            adapter=FluvioAdapter.compiled(engine),
        )
    return GuestModule(
        name,
        engine,
        module,
        kind,
        initializes=abi.INITIALIZE in exports,
        resets=abi.STACK_POINTER in exports,
        takes_parameters=abi.INIT in exports,
        looks_back=abi.LOOK_BACK in exports,
        reports_reads=abi.TRACE in exports,
        crates=crates,
    )


def _reason(error: WasmtimeError) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return plain(lines[-1].removeprefix("1: ").removeprefix("0: "))
