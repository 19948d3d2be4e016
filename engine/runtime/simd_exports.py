"""Finds exports with vector types: wasmtime aborts the program when asked for such a type."""

from collections.abc import Iterator

from engine.runtime.wasm_sections import EXPORTS, Reader, exports, sections

_TYPES, _FUNCTIONS, _GLOBALS = 1, 3, 6
_FUNCTION, _GLOBAL = 0, 3
_VECTOR = 0x7B
_END = 0x0B
_FIXED = {0x43: 4, 0x44: 8}
"""Bytes that follow the instructions of floating-point constants."""
_NUMBERED = (0x23, 0x41, 0x42, 0xD0, 0xD2)
"""Instructions of constants that are followed by a LEB128 number, of any length."""
_VECTORS = 0xFD
_VECTOR_BYTES = 16


def exports_with_vectors(wasm: bytes) -> set[str]:
    """The exported functions and globals with v128 in their types, in a valid module without imports."""
    contents = dict(sections(wasm))
    types = list(_types(Reader(contents.get(_TYPES, b"\0"))))
    indices = Reader(contents.get(_FUNCTIONS, b"\0"))
    functions = [types[indices.number()] for _ in range(indices.number())]
    kinds = {_FUNCTION: functions, _GLOBAL: list(_globals(Reader(contents.get(_GLOBALS, b"\0"))))}
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


def _globals(reader: Reader) -> Iterator[bytes]:
    """For each global, the byte of its type."""
    for _ in range(reader.number()):
        kind, _ = reader.take(1), reader.take(1)
        yield kind
        _skip_constant(reader)


def _skip_constant(reader: Reader) -> None:
    """The initial value of a global."""
    while (code := reader.byte()) != _END:
        reader.take(_FIXED.get(code, 0))
        if code in _NUMBERED:
            while reader.byte() & 0x80:
                pass
        elif code == _VECTORS:
            reader.number()
            reader.take(_VECTOR_BYTES)
