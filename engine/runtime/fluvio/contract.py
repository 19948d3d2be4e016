"""What a module built for Fluvio exports and imports."""

from collections.abc import Mapping, Sequence, Set

from wasmtime import FuncType, ImportType, MemoryType

from engine.errors import ContractError
from engine.runtime.kinds.table import KINDS

ANSWER, EXIT = "copy_records", "proc_exit"
ALLOC, DEALLOC, INIT, LOOK_BACK = "alloc", "dealloc", "init", "look_back"
WASI = "wasi_snapshot_preview1"

_TRANSFORMS = [kind.name for kind in KINDS.values()]
_STEP = (("i32", "i32", "i32"), ("i32",))
_FUNCTIONS = {
    **dict.fromkeys((*_TRANSFORMS, INIT, LOOK_BACK), _STEP),
    ALLOC: (("i32",), ("i32",)),
    DEALLOC: (("i32", "i32"), ()),
}
_REBUILD = "build it again with a Fluvio SDK of 2022 or later"


def is_fluvio(imports: Sequence[ImportType]) -> bool:
    """Whether a module with these imports was built for Fluvio."""
    return any(entry.name == ANSWER for entry in imports)


def check(imports: Sequence[ImportType], exports: Mapping[str, object], vectors: Set[str], name: str) -> None:
    """`ContractError` naming what is wrong if a module cannot run here. `vectors` have types of SIMD."""
    if not isinstance(exports.get("memory"), MemoryType) or ALLOC not in exports:
        raise ContractError(f"{name} is a module for Fluvio without memory or {ALLOC}", _REBUILD)
    if not exports.keys() & {*_TRANSFORMS}:
        known = ", ".join(_TRANSFORMS)
        raise ContractError(f"{name} is a module for Fluvio without a transform: {known}", _REBUILD)
    for export, wanted in _FUNCTIONS.items():
        if export in exports and (export in vectors or signature(exports[export]) != wanted):
            raise ContractError(
                f"{name} exports {export} as Fluvio's modules did before 2022, or not as a function", _REBUILD
            )
    for entry in imports:
        if entry.name in vectors or not _is_given(entry):
            raise ContractError(
                f"{name} imports {entry.module}.{entry.name}, which a module for Fluvio does not get",
                "the function may be declared but not defined",
            )


def _is_given(entry: ImportType) -> bool:
    """Whether a module gets what it imports, whose type has no vectors."""
    found = signature(entry.type)
    if entry.name == ANSWER:
        return found == (("i32", "i32"), ())
    if entry.module != WASI or found is None:
        return False
    taken, given = found
    # Calls of any other type would raise in Python, which ends a later call of another module.
    return entry.name == EXIT or (given == ("i32",) and {*taken} <= {"i32", "i64"})


def signature(item: object) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The types that a function takes and gives; None if `item` is something else."""
    if not isinstance(item, FuncType):
        return None
    return tuple(map(str, item.params)), tuple(map(str, item.results))
