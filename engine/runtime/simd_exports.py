"""Finds exports with vector types: wasmtime aborts the program when asked for such a type."""

from collections.abc import Iterator

from engine.runtime.wasm_sections import number, part, sections

_TYPES, _FUNCTIONS, _GLOBALS, _EXPORTS = 1, 3, 6, 7
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
    types = list(_types(contents.get(_TYPES, b"\0")))
    functions = [types[index] for index in _numbers(contents.get(_FUNCTIONS, b"\0"))]
    kinds = {_FUNCTION: functions, _GLOBAL: list(_globals(contents.get(_GLOBALS, b"\0")))}
    return {
        name.decode(errors="replace")
        for name, kind, index in _exports(contents.get(_EXPORTS, b"\0"))
        if kind in kinds and _VECTOR in kinds[kind][index]
    }


def _types(content: bytes) -> Iterator[bytes]:
    """For each function type, the types of its parameters and results, one byte each."""
    count, at = number(content, 0)
    for _ in range(count):
        parameters, at = part(content, at + 1)
        results, at = part(content, at)
        yield parameters + results


def _numbers(content: bytes) -> Iterator[int]:
    count, at = number(content, 0)
    for _ in range(count):
        value, at = number(content, at)
        yield value


def _globals(content: bytes) -> Iterator[bytes]:
    """For each global, the byte of its type."""
    count, at = number(content, 0)
    for _ in range(count):
        yield content[at : at + 1]
        at = _after_constant(content, at + 2)


def _after_constant(content: bytes, at: int) -> int:
    """Where the expression at `at`, the initial value of a global, ends."""
    while (code := content[at]) != _END:
        at += 1 + _FIXED.get(code, 0)
        if code in _NUMBERED:
            while content[at] & 0x80:
                at += 1
            at += 1
        elif code == _VECTORS:
            at = number(content, at)[1] + _VECTOR_BYTES
    return at + 1


def _exports(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The name, kind and index of each export."""
    count, at = number(content, 0)
    for _ in range(count):
        name, at = part(content, at)
        kind = content[at]
        index, at = number(content, at + 1)
        yield name, kind, index
