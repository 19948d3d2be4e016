"""Checks that a file is a module that keeps the guest contract, and compiles it in this process."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from wasmtime import Engine, GlobalType, Instance, MemoryType, Module, Store, WasmtimeError

from engine import units
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
from engine.runtime.loading.engines import INTERPRETER_STACK_BYTES, STACK_BYTES
from engine.runtime.loading.prelinked import PrelinkedCrates
from engine.runtime.loading.scripts import Script
from engine.runtime.loading.simd_exports import exports_with_vectors

PAGE_BYTES = 1 << 16
LONGEST_TEXT = 200
"""Characters of a name, or of a reason with names in it, that are shown."""

_MAGIC = b"\0asm"
_MODULE_VERSION = b"\1\0\0\0"
_COMPONENT_VERSION = b"\x0d\0\1\0"

_I32 = ("i32",)
_FUNCTIONS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    abi.ABI: ((), _I32),
    abi.ALLOC: (_I32, _I32),
    **dict.fromkeys((*KINDS, abi.INIT, abi.LOOK_BACK), (_I32, _I32)),
    abi.TRACE: (_I32, ()),
    abi.SOURCE: (_I32, _I32),
    abi.LOAD: ((), _I32),
    abi.INITIALIZE: ((), ()),
}
_REQUIRED = (abi.MEMORY, abi.ABI, abi.ALLOC)
_INTERPRETER = (*_REQUIRED, abi.SOURCE, abi.LOAD)
_NO_KIND = (abi.ABI, abi.ALLOC, abi.INIT, abi.LOOK_BACK, abi.TRACE)

_REBUILD = "build it with the SDK of this program, or to docs/abi.md"

ExportTypes = Mapping[str, object]


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
    if contract.is_fluvio(module.imports):
        contract.check(module.imports, exports, name)
    else:
        if crates is None:
            _check_imports(module, name)
        _check_exports(exports, exports_with_vectors(wasm), name, interpreter=interpreter)
    memory = exports[abi.MEMORY]
    if not isinstance(memory, MemoryType):
        raise ContractError(f"{name} exports {abi.MEMORY}, but not as a memory", _REBUILD)
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
        raise ContractError(f"{name} is a script without a kind, or with several", _REBUILD)
    engine = Engine(engines.optimizing(limits, INTERPRETER_STACK_BYTES))
    module = Module.deserialize_file(engine, str(native))
    exports = {export.name for export in module.exports}
    if not exports >= {*script.exports}:
        raise ContractError(f"{name} has functions that its interpreter does not know", _REBUILD)
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


def check_bytes(wasm: bytes, name: str) -> None:
    """`ContractError` if the first bytes show that `wasm` is not a module."""
    if not wasm:
        raise ContractError(f"{name} is empty", _REBUILD)
    if wasm[:4] != _MAGIC:
        raise ContractError(f"{name} is not WebAssembly", _REBUILD)
    if wasm[4:8] == _COMPONENT_VERSION:
        raise ContractError(
            f"{name} is a WebAssembly component, not a module", "build it for wasm32-unknown-unknown"
        )
    if wasm[4:8] != _MODULE_VERSION:
        raise ContractError(f"{name} is truncated or is not WebAssembly version 1", "build it again")


def _reason(error: WasmtimeError) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return _plain(lines[-1].removeprefix("1: ").removeprefix("0: "))


def _check_imports(module: Module, name: str) -> None:
    imports = [f"{entry.module}.{entry.name}" for entry in module.imports]
    if not imports:
        return
    if any(entry.startswith("wasi") for entry in imports):
        remedy = "a SmartStream has no files, clock or environment: build it for wasm32-unknown-unknown"
    elif any(entry.startswith("__wbindgen") for entry in imports):
        remedy = (
            "one of its crates wants a browser: leave out its feature, as in "
            'chrono = { version = "0.4", default-features = false, features = ["std"] }'
        )
    else:
        remedy = "a SmartStream imports nothing: the function may be declared but not defined"
    raise ContractError(f"{name} imports {_listed(imports)}", remedy)


def _check_exports(exports: ExportTypes, vectors: Set[str], name: str, *, interpreter: bool) -> None:
    for export in _INTERPRETER if interpreter else _REQUIRED:
        if export not in exports:
            raise ContractError(f"{name} does not export {export}", _REBUILD)
    if not interpreter:
        _check_kind(exports, name)
    for export, (parameters, results) in _FUNCTIONS.items():
        right = export not in vectors and contract.signature(exports.get(export)) == (parameters, results)
        if export in exports and not right:
            wanted = f"({', '.join(parameters)}) -> ({', '.join(results)})"
            raise ContractError(f"{name} exports {export}, but not as a function {wanted}", _REBUILD)
    pointer = exports.get(abi.STACK_POINTER)
    if pointer is not None and (abi.STACK_POINTER in vectors or not _is_mutable_i32(pointer)):
        raise ContractError(f"{name} exports {abi.STACK_POINTER}, but not as a mutable i32", _REBUILD)


def _check_kind(exports: ExportTypes, name: str) -> None:
    kinds = [export for export in exports if export.startswith(abi.PREFIX) and export not in _NO_KIND]
    if not kinds:
        raise ContractError(f"{name} does not export {' or '.join(KINDS)}", _REBUILD)
    if len(kinds) > 1:
        raise ContractError(f"{name} has more than one kind: {_listed(kinds)}", "keep one")
    if kinds[0] not in KINDS:
        raise ContractError(f"{name} has an unknown kind: {_plain(kinds[0])}", _REBUILD)


def check_declared_memory(declared: int, limits: Limits, name: str) -> None:
    """`ContractError` if a module wants more bytes of memory at its start than it may have."""
    if declared > limits.memory_bytes:
        raise ContractError(
            f"{name} starts with {units.size(declared)} of memory, more than the limit of "
            f"{units.size(limits.memory_bytes)}",
            "make its static data smaller, or raise the limit",
        )


def _is_mutable_i32(export: object) -> bool:
    return isinstance(export, GlobalType) and export.mutable and str(export.content) == "i32"


def _listed(names: list[str]) -> str:
    shown = ", ".join(map(_plain, names[:5]))
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"


def _plain(text: str) -> str:
    """Untrusted text, of any length and with any characters, made safe for a terminal."""
    shown = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
