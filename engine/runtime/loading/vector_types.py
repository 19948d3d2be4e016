"""Finds imports and exports with vector types: wasmtime aborts the program when asked for such a type."""

from collections.abc import Iterator

from engine.runtime.loading.wasm_sections import (
    EXPORTS,
    FUNCTION,
    GLOBAL,
    IMPORTS,
    Reader,
    exports,
    imports,
    module_globals,
    sections,
)

_TYPES, _FUNCTIONS = 1, 3
_VECTOR = 0x7B


def names_with_vectors(wasm: bytes) -> set[str]:
    """The imported and exported functions and globals with v128 in their types, in a valid module."""
    contents = dict(sections(wasm))
    types = list(_types(Reader(contents.get(_TYPES, b"\0"))))
    of_all = list(imports(contents.get(IMPORTS, b"\0")))
    imported = {kind: [one for one in of_all if one.kind == kind] for kind in (FUNCTION, GLOBAL)}
    indices = Reader(contents.get(_FUNCTIONS, b"\0"))
    functions = [one.type for one in imported[FUNCTION]]
    functions += [indices.number() for _ in range(indices.number())]
    globals_ = [one.type for one in imported[GLOBAL]]
    globals_ += [one.type for one in module_globals(wasm)]
    kinds = {FUNCTION: [types[index] for index in functions], GLOBAL: [bytes([type]) for type in globals_]}
    named = [
        *((one.name, kind, index) for kind, those in imported.items() for index, one in enumerate(those)),
        *exports(contents.get(EXPORTS, b"\0")),
    ]
    return {name for name, kind, index in named if kind in kinds and _VECTOR in kinds[kind][index]}


def _types(reader: Reader) -> Iterator[bytes]:
    """For each function type, the types of its parameters and results, one byte each."""
    for _ in range(reader.number()):
        reader.take(1)
        yield reader.part() + reader.part()
