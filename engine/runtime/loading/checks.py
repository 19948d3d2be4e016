"""Checks that a module keeps the guest contract, as far as that shows without running it."""

from collections.abc import Mapping, Set

from wasmtime import GlobalType, Module

from engine import units
from engine.errors import ContractError
from engine.runtime import abi
from engine.runtime.fluvio import contract
from engine.runtime.kinds.table import KINDS
from engine.runtime.limits import Limits

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

REBUILD = "build it with the SDK of this program, or to docs/abi.md"

ExportTypes = Mapping[str, object]


def check_bytes(wasm: bytes, name: str) -> None:
    """`ContractError` if the first bytes show that `wasm` is not a module."""
    if not wasm:
        raise ContractError(f"{name} is empty", REBUILD)
    if wasm[:4] != _MAGIC:
        raise ContractError(f"{name} is not WebAssembly", REBUILD)
    if wasm[4:8] == _COMPONENT_VERSION:
        raise ContractError(
            f"{name} is a WebAssembly component, not a module", "build it for wasm32-unknown-unknown"
        )
    if wasm[4:8] != _MODULE_VERSION:
        raise ContractError(f"{name} is truncated or is not WebAssembly version 1", "build it again")


def check_imports(module: Module, name: str) -> None:
    """`ContractError` if a module imports anything."""
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


def check_exports(exports: ExportTypes, vectors: Set[str], name: str, *, interpreter: bool) -> None:
    """`ContractError` unless a module exports what the contract asks. `vectors` have types of SIMD."""
    for export in _INTERPRETER if interpreter else _REQUIRED:
        if export not in exports:
            raise ContractError(f"{name} does not export {export}", REBUILD)
    if not interpreter:
        _check_kind(exports, name)
    for export, (parameters, results) in _FUNCTIONS.items():
        right = export not in vectors and contract.signature(exports.get(export)) == (parameters, results)
        if export in exports and not right:
            wanted = f"({', '.join(parameters)}) -> ({', '.join(results)})"
            raise ContractError(f"{name} exports {export}, but not as a function {wanted}", REBUILD)
    pointer = exports.get(abi.STACK_POINTER)
    if pointer is not None and (abi.STACK_POINTER in vectors or not _is_mutable_i32(pointer)):
        raise ContractError(f"{name} exports {abi.STACK_POINTER}, but not as a mutable i32", REBUILD)


def _check_kind(exports: ExportTypes, name: str) -> None:
    kinds = [export for export in exports if export.startswith(abi.PREFIX) and export not in _NO_KIND]
    if not kinds:
        raise ContractError(f"{name} does not export {' or '.join(KINDS)}", REBUILD)
    if len(kinds) > 1:
        raise ContractError(f"{name} has more than one kind: {_listed(kinds)}", "keep one")
    if kinds[0] not in KINDS:
        raise ContractError(f"{name} has an unknown kind: {plain(kinds[0])}", REBUILD)


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
    shown = ", ".join(map(plain, names[:5]))
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"


def plain(text: str) -> str:
    """Untrusted text, of any length and with any characters, made safe for a terminal."""
    shown = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
