"""Finds exports with vector types: wasmtime aborts the program when asked for such a type."""

from collections.abc import Iterator

from engine.runtime.loading.wasm_sections import EXPORTS, Reader, exports, module_globals, sections

_TYPES, _FUNCTIONS = 1, 3
_FUNCTION, _GLOBAL = 0, 3
_VECTOR = 0x7B


def exports_with_vectors(wasm: bytes) -> set[str]:
    """The exported functions and globals with v128 in their types, in a valid module without imports."""
    contents = dict(sections(wasm))
    types = list(_types(Reader(contents.get(_TYPES, b"\0"))))
    indices = Reader(contents.get(_FUNCTIONS, b"\0"))
    functions = [types[indices.number()] for _ in range(indices.number())]
    kinds = {_FUNCTION: functions, _GLOBAL: [bytes([of.type]) for of in module_globals(wasm)]}
    return {
        name
        for name, kind, index in exports(contents.get(EXPORTS, b"\0"))
        if kind in kinds and _VECTOR in kinds[kind][index]
    }


def _types(reader: Reader) -> Iterator[bytes]:
    """For each function type, the types of its parameters and results, one byte each."""
    for _ in range(reader.number()):
        reader.take(1)
        yield reader.part() + reader.part()
