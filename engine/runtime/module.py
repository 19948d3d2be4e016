"""Checks that a file is a module that keeps the guest contract, and compiles it, in this process."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from wasmtime import (
    Config,
    Engine,
    FuncType,
    GlobalType,
    MemoryType,
    Module,
    WasmtimeError,
)

from engine import units
from engine.errors import ContractError
from engine.runtime import abi
from engine.runtime.limits import Limits
from engine.runtime.simd_exports import exports_with_vectors

STACK_BYTES = 256 << 10
"""More than the stack of the thread that calls would end the whole program."""
PAGE_BYTES = 1 << 16
LONGEST_WORDS = 200
"""Characters of a name, or of a reason with names in it, that are shown."""

_MAGIC = b"\0asm"
_MODULE_VERSION = b"\1\0\0\0"
_COMPONENT_VERSION = b"\x0d\0\1\0"

_I32 = ("i32",)
_FUNCTIONS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    abi.ABI: ((), _I32),
    abi.ALLOC: (_I32, _I32),
    abi.FILTER: (_I32, _I32),
    abi.INITIALIZE: ((), ()),
}
_REQUIRED = (abi.MEMORY, abi.ABI, abi.ALLOC)
_KINDS = (abi.FILTER,)
_FLUVIO_KINDS = {"filter", "map", "filter_map", "array_map", "aggregate"}

_REBUILD = "build it with the SDK of this program, or to docs/abi.md"

ExportTypes = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class GuestModule:
    """A compiled module that passed every check which needs no run of it."""

    name: str
    engine: Engine
    """Its own, so that ending a call ends no other SmartStream's."""
    module: Module
    initializes: bool
    """Whether it exports `_initialize`."""
    resets: bool
    """Whether it exports its stack pointer."""

    def native(self) -> bytes:
        """The compiled code, for `revive_module`."""
        return bytes(self.module.serialize())

    def close(self) -> None:
        """Let go of the compiled code; no instance of it may be left."""
        self.module.close()
        self.engine.close()


def compile_module(wasm: bytes, limits: Limits, name: str, *, parallel: bool = True) -> GuestModule:
    """Compile `wasm`, however long that takes and however much memory; if `parallel`, on all cores.

    `ContractError` naming what is wrong with it where it cannot be a SmartStream.
    """
    check_bytes(wasm, name)
    config = _config(limits)
    config.parallel_compilation = parallel
    engine = Engine(config)
    try:
        module = Module(engine, wasm)
    except WasmtimeError as error:
        raise ContractError(
            f"{name} is not a valid WebAssembly module: {_reason(error)}",
            "it may be cut off, or use a part of WebAssembly that is off here; build it again",
        ) from None
    exports = {export.name: export.type for export in module.exports}
    _check_imports(module, exports, name)
    _check_exports(exports, exports_with_vectors(wasm), name)
    _check_memory(exports, limits, name)
    return GuestModule(name, engine, module, abi.INITIALIZE in exports, abi.STACK_POINTER in exports)


def revive_module(
    native: bytes, limits: Limits, name: str, *, initializes: bool, resets: bool
) -> GuestModule:
    """A module that `compile_module` compiled with the same limits, in a process of ours.

    It is run as it is: `native` must have come to here by no way that anybody else can write to.
    """
    engine = Engine(_config(limits))
    return GuestModule(name, engine, Module.deserialize(engine, native), initializes, resets)


def _config(limits: Limits) -> Config:
    config = Config()
    config.epoch_interruption = limits.timed
    config.max_wasm_stack = STACK_BYTES
    config.memory_may_move = False
    config.wasm_threads = False
    config.wasm_memory64 = False
    config.wasm_multi_memory = False
    config.wasm_exceptions = False
    config.wasm_function_references = False
    # Objects that a garbage collector would look after lie outside the memory that is limited.
    config.wasm_gc = False
    config.gc_support = False
    return config


def check_bytes(wasm: bytes, name: str) -> None:
    """`ContractError` where the first bytes tell that `wasm` is no module."""
    if not wasm:
        raise ContractError(f"{name} is empty", _REBUILD)
    if wasm[:4] != _MAGIC:
        raise ContractError(f"{name} is not WebAssembly", _REBUILD)
    if wasm[4:8] == _COMPONENT_VERSION:
        raise ContractError(
            f"{name} is a WebAssembly component, not a module", "build it for wasm32-unknown-unknown"
        )
    if wasm[4:8] != _MODULE_VERSION:
        raise ContractError(f"{name} is cut off or is not WebAssembly version 1", "build it again")


def _reason(error: WasmtimeError) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return _plain(lines[-1].removeprefix("1: ").removeprefix("0: "))


def _check_imports(module: Module, exports: ExportTypes, name: str) -> None:
    imports = [f"{entry.module}.{entry.name}" for entry in module.imports]
    if not imports:
        return
    if "alloc" in exports and _FLUVIO_KINDS & exports.keys() and "env.copy_records" in imports:
        raise ContractError(
            f"{name} is a SmartModule for a Fluvio cluster",
            "build its source with this program: see docs/writing-smartstreams.md",
        )
    if any(entry.startswith("wasi") for entry in imports):
        remedy = "a SmartStream has no files, clock or environment: build it for wasm32-unknown-unknown"
    else:
        remedy = "a SmartStream imports nothing: the function may be declared but not defined"
    raise ContractError(f"{name} imports {_listed(imports)}", remedy)


def _check_exports(exports: ExportTypes, vectors: Set[str], name: str) -> None:
    for export in _REQUIRED:
        if export not in exports:
            raise ContractError(f"{name} does not export {export}", _REBUILD)
    kinds = [export for export in exports if export.startswith(abi.PREFIX) and export not in _REQUIRED]
    if not kinds:
        raise ContractError(f"{name} has no filter: it does not export {abi.FILTER}", _REBUILD)
    if len(kinds) > 1:
        raise ContractError(f"{name} is of more than one kind: {_listed(kinds)}", "keep one")
    if kinds[0] not in _KINDS:
        raise ContractError(
            f"{name} is of a kind that this program does not know: {_plain(kinds[0])}", _REBUILD
        )
    for export, (parameters, results) in _FUNCTIONS.items():
        if export not in exports:
            continue
        if export in vectors or _signature(exports[export]) != (parameters, results):
            wanted = f"({', '.join(parameters)}) -> ({', '.join(results)})"
            raise ContractError(f"{name} exports {export}, but not as a function {wanted}", _REBUILD)
    if abi.STACK_POINTER in exports and (
        abi.STACK_POINTER in vectors or not _is_stack_pointer(exports[abi.STACK_POINTER])
    ):
        raise ContractError(f"{name} exports {abi.STACK_POINTER}, but not as a mutable i32", _REBUILD)


def _check_memory(exports: ExportTypes, limits: Limits, name: str) -> None:
    memory = exports[abi.MEMORY]
    if not isinstance(memory, MemoryType):
        raise ContractError(f"{name} exports {abi.MEMORY}, but not as a memory", _REBUILD)
    check_declared_memory(memory.limits.min * PAGE_BYTES, limits, name)


def check_declared_memory(declared: int, limits: Limits, name: str) -> None:
    """`ContractError` where a module wants more bytes of memory at its start than it may have."""
    if declared > limits.memory_bytes:
        raise ContractError(
            f"{name} starts with {units.size(declared)} of memory, more than the limit of "
            f"{units.size(limits.memory_bytes)}",
            "make its static data smaller, or raise the limit",
        )


def _signature(export: object) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    if not isinstance(export, FuncType):
        return None
    return tuple(map(str, export.params)), tuple(map(str, export.results))


def _is_stack_pointer(export: object) -> bool:
    return isinstance(export, GlobalType) and export.mutable and str(export.content) == "i32"


def _listed(names: list[str]) -> str:
    shown = ", ".join(map(_plain, names[:5]))
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"


def _plain(text: str) -> str:
    """A stranger's words, of any length and with any characters, for a person's terminal."""
    shown = text if len(text) <= LONGEST_WORDS else f"{text[:LONGEST_WORDS]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
