"""The sections of a WebAssembly module: reading them without compiling it, and adding one."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

EMPTY_MODULE = b"\0asm\1\0\0\0"
_PREFIX = len(EMPTY_MODULE)
"""Bytes of the magic number and the version."""
CUSTOM = 0
IMPORTS = 2
TABLES = 4
_MEMORIES = 5
GLOBALS = 6
EXPORTS = 7
CODE = 10
FUNCTION, TABLE, MEMORY, GLOBAL = range(4)
"""Kinds of imports and exports."""
_END = 0x0B
_FIXED = {0x43: 4, 0x44: 8}
"""Bytes that follow the instructions of floating-point constants."""
_NUMBERED = (0x23, 0x41, 0x42, 0xD0, 0xD2)
"""Instructions of constants that are followed by a LEB128 number, of any length."""
_I32_CONST = 0x41
_VECTORS = 0xFD
_VECTOR_BYTES = 16
_LONGEST_NUMBER = 5
"""Bytes of an encoded 32-bit number at most."""


class TruncatedError(Exception):
    """The bytes end too early."""


@dataclass(frozen=True, slots=True)
class Global:
    """A variable of a module, outside its memory."""

    type: int
    """The byte that stands for it."""
    mutable: bool
    value: int | None = None
    """Its initial value, if that is an i32; unsigned."""


@dataclass(frozen=True, slots=True)
class Import:
    """What a module wants from others."""

    name: str
    kind: int
    type: int
    """Of a function, the index of its type; of a global, the byte that stands for it."""
    least: int
    """Of a memory, its pages; of a table, its elements."""


class Reader:
    """Reads bytes of a module from `at` on; `TruncatedError` if they end too early."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self.at = at

    def byte(self) -> int:
        return self.take(1)[0]

    def take(self, count: int) -> bytes:
        taken = self._data[self.at : self.at + count]
        if len(taken) < count:
            raise TruncatedError
        self.at += count
        return taken

    def number(self) -> int:
        """A LEB128 number of 32 bits."""
        value = 0
        for place in range(_LONGEST_NUMBER):
            byte = self.byte()
            value |= (byte & 0x7F) << (7 * place)
            if byte < 0x80:
                return value
        raise TruncatedError

    def part(self) -> bytes:
        """Bytes that follow their length."""
        return self.take(self.number())


def sections(wasm: bytes) -> Iterator[tuple[int, bytes]]:
    """The kind and content of each section; `TruncatedError` if one is damaged."""
    reader = Reader(wasm, _PREFIX)
    while reader.at < len(wasm):
        yield reader.byte(), reader.part()


def imports(content: bytes) -> Iterator[Import]:
    """Each import in the section of imports."""
    reader = Reader(content)
    for _ in range(reader.number()):
        reader.part()  # the name of the other module
        name, kind = reader.part().decode(errors="replace"), reader.byte()
        if kind in (TABLE, MEMORY):
            type = reader.byte() if kind == TABLE else 0
            yield Import(name, kind, type, limits_at(reader))
        else:
            yield Import(name, kind, reader.number(), 0)
            if kind == GLOBAL:
                reader.byte()  # whether it is mutable


def limits_at(reader: Reader) -> int:
    """The least size of the table or memory whose limits come next."""
    bounded, least = reader.byte() & 1, reader.number()
    if bounded:
        reader.number()
    return least


def exports(content: bytes) -> Iterator[tuple[str, int, int]]:
    """The name, kind and index of each export in the section of exports."""
    reader = Reader(content)
    for _ in range(reader.number()):
        yield reader.part().decode(errors="replace"), reader.byte(), reader.number()


def exported_names(wasm: bytes) -> list[str]:
    """The names of a module's exports, in its order; if it is damaged, those before the damage."""
    names: list[str] = []
    with suppress(TruncatedError):
        for kind, content in sections(wasm):
            if kind == EXPORTS:
                # One by one, so that those before the damage stay.
                names.extend(name for name, _, _ in exports(content))
    return names


def declared_pages(wasm: bytes) -> int:
    """The pages of memory that a module starts with; 0 if it has no memory, or is damaged before it."""
    with suppress(TruncatedError):
        for kind, content in sections(wasm):
            if kind == _MEMORIES:
                reader = Reader(content)
                if not reader.number():
                    return 0
                return limits_at(reader)
    return 0


def module_globals(wasm: bytes) -> Iterator[Global]:
    """The globals that a module defines, in their order; `TruncatedError` if it is damaged."""
    for kind, content in sections(wasm):
        if kind == GLOBALS:
            reader = Reader(content)
            for _ in range(reader.number()):
                type, mutable = reader.byte(), bool(reader.byte())
                start = reader.at
                skip_constant(reader)
                yield Global(type, mutable, _i32(content[start : reader.at]))


def _i32(constant: bytes) -> int | None:
    """The value of a constant; None if it is no single number of that type."""
    number = constant[1:-1]
    if constant[0] != _I32_CONST or any(byte < 0x80 for byte in number[:-1]):
        return None
    value = sum((byte & 0x7F) << (7 * place) for place, byte in enumerate(number))
    negative = number[-1] & 0x40
    return (value - (1 << (7 * len(number))) if negative else value) & 0xFFFF_FFFF


def skip_constant(reader: Reader) -> None:
    """The initial value of a global."""
    while (code := reader.byte()) != _END:
        reader.take(_FIXED.get(code, 0))
        if code in _NUMBERED:
            while reader.byte() & 0x80:
                pass
        elif code == _VECTORS:
            reader.number()
            reader.take(_VECTOR_BYTES)


def custom_section(wasm: bytes, name: str) -> bytes | None:
    """The content of the last custom section of that name; None if absent, or if the module is damaged."""
    found = None
    try:
        for kind, content in sections(wasm):
            reader = Reader(content)
            if kind == CUSTOM and reader.part() == name.encode():
                found = content[reader.at :]
    except TruncatedError:
        return None
    return found


def with_custom_section(wasm: bytes, name: str, content: bytes) -> bytes:
    """The module with one more custom section, which does not change what it does."""
    return wasm + section(CUSTOM, part(name.encode()) + content)


def section(kind: int, content: bytes) -> bytes:
    """A section, as it is in a module."""
    return bytes([kind]) + part(content)


def part(content: bytes) -> bytes:
    """Bytes after their length."""
    return number_bytes(len(content)) + content


def number_bytes(value: int) -> bytes:
    """A LEB128 number, unsigned."""
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
